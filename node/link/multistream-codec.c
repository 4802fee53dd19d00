/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages of multistream-select 1.0. PURE. See multistream-codec.h.
 */
#include "link/multistream-codec.h"

#include "base/varint.h"
#include "link/multistream-limits.h"

#include <string.h>

void
souk_multistream_append (GByteArray *out, const char *text)
{
  size_t len = strlen (text);
  g_assert (len < SOUK_MULTISTREAM_MESSAGE_MAX);
  souk_append_varint (out, len + 1);
  souk_append (out, souk_slice (text, len));
  souk_append_u8 (out, '\n');
}

void
souk_multistream_append_list (GByteArray *out, const char *const *protocols)
{
  g_autoptr (GByteArray) list = g_byte_array_new ();
  for (size_t i = 0; protocols[i] != NULL && list->len < SOUK_MULTISTREAM_LIST_MAX; i++)
    souk_multistream_append (list, protocols[i]);
  souk_append_u8 (list, '\n');
  souk_append_varint_bytes (out, souk_slice_from_array (list));
}

SoukStatus
souk_multistream_read (SoukSlice in, SoukSlice *out_text, size_t *out_used)
{
  uint64_t len = 0;
  size_t prefix = 0;
  SOUK_TRY (souk_varint_decode (in, &len, &prefix));
  /* The length decides before the bytes are there: an endless message is never waited for. */
  if (len > SOUK_MULTISTREAM_MESSAGE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  if (len == 0)
    return SOUK_STATUS_BAD_MULTISTREAM;
  if (in.len - prefix < len)
    return SOUK_STATUS_SHORT_READ;
  SoukSlice text = souk_slice (in.data + prefix, (size_t)len - 1);
  if (in.data[prefix + len - 1] != '\n' || (text.len > 0 && memchr (text.data, 0, text.len)))
    return SOUK_STATUS_BAD_MULTISTREAM;
  *out_text = text;
  *out_used = prefix + (size_t)len;
  return SOUK_STATUS_OK;
}
