/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CIDs, peer ids and multibase texts from any bytes: what is read is written back as it was.
 */
#include "base/cid.h"
#include "base/multibase.h"
#include "base/peer-id.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
try_bytes (SoukSlice in)
{
  SoukCid cid;
  if (souk_cid_from_bytes (in, &cid) == SOUK_STATUS_OK)
    {
      SoukCid back;
      g_autoptr (GBytes) bytes = souk_cid_to_bytes (&cid);
      g_autofree char *text = souk_cid_to_string (&cid);
      g_assert (souk_slice_is_equal (souk_slice_from_bytes (bytes), in));
      g_assert (souk_cid_parse (text, &back) == SOUK_STATUS_OK);
      g_assert (souk_cid_is_equal (&cid, &back));
    }

  SoukPeerId id;
  if (souk_peer_id_from_bytes (in, &id) == SOUK_STATUS_OK)
    {
      SoukPeerId back;
      g_autofree char *text = souk_peer_id_to_string (&id);
      g_assert (souk_peer_id_parse (text, &back) == SOUK_STATUS_OK);
      g_assert (souk_peer_id_is_equal (&id, &back));
      g_autoptr (GBytes) key = NULL;
      if (souk_peer_id_to_public_key (&id, &key))
        {
          g_assert (souk_peer_id_from_public_key (souk_slice_from_bytes (key), &back)
                    == SOUK_STATUS_OK);
          g_assert (souk_peer_id_is_equal (&id, &back));
        }
    }
  if (souk_peer_id_from_public_key (in, &id) == SOUK_STATUS_OK)
    souk_public_key_verify (in, in, in);
}

static void
try_text (const char *text)
{
  SoukCid cid;
  SoukPeerId id;
  g_autoptr (GBytes) bytes = NULL;
  souk_cid_parse (text, &cid);
  souk_peer_id_parse (text, &id);
  if (souk_multibase_decode (text, &bytes) != SOUK_STATUS_OK || g_bytes_get_size (bytes) > 512)
    return;
  g_autofree char *again
      = souk_multibase_encode ((SoukBase)g_ascii_tolower (text[0]), souk_slice_from_bytes (bytes));
  g_assert (g_ascii_strcasecmp (again, text) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  try_bytes (souk_slice (data, size));
  try_text (text);
  return 0;
}
