/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading an Identify answer or push. PURE. See identify.h.
 */
#include "link/identify.h"

#include "base/varint.h"

void
souk_identify_done (SoukIdentify *self)
{
  g_clear_pointer (&self->merged, g_byte_array_unref);
}

SoukStatus
souk_identify_recv (SoukIdentify *self, SoukSlice in, size_t *out_used)
{
  size_t used = 0;
  *out_used = 0;
  while (used < in.len)
    {
      uint64_t len = 0;
      size_t prefix = 0;
      SoukSlice rest = souk_slice (in.data + used, in.len - used);
      SoukStatus status = souk_varint_decode (rest, &len, &prefix);
      if (status == SOUK_STATUS_SHORT_READ)
        break;
      SOUK_TRY (status);
      if (len > SOUK_IDENTIFY_MESSAGE_MAX || self->n_parts == SOUK_IDENTIFY_PARTS_MAX)
        return SOUK_STATUS_TOO_LARGE;
      if (rest.len - prefix < len)
        break;
      if (self->merged == NULL)
        self->merged = g_byte_array_new ();
      souk_append (self->merged, souk_slice (rest.data + prefix, (size_t)len));
      if (self->merged->len > SOUK_IDENTIFY_TOTAL_MAX)
        return SOUK_STATUS_TOO_LARGE;
      self->n_parts++;
      used += prefix + (size_t)len;
    }
  *out_used = used;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_identify_finish (SoukIdentify *self, const SoukPeerId *peer, SoukIdentifyInfo **out)
{
  if (self->merged == NULL)
    return SOUK_STATUS_SHORT_READ;
  return souk_identify_decode (souk_slice_from_array (self->merged), peer, out);
}
