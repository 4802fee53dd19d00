/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Identify messages and signed peer records from any bytes.
 */
#include "link/identify.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static SoukIdentity identity;
  uint8_t seed[32] = { 1 };
  if (identity.secret[0] == 0)
    souk_identity_init_seed (&identity, seed);
  SoukPeerId peer = souk_identity_peer_id (&identity);
  SoukSlice in = souk_slice (data, size);

  SoukMultiaddr addrs[8];
  size_t len = 0, used = 0;
  uint64_t seq = 0;
  if (souk_peer_record_open (in, &peer, addrs, 8, &len, &seq) == SOUK_STATUS_OK)
    g_assert (len <= 8);

  SoukIdentify reader = { 0 };
  if (souk_identify_recv (&reader, in, &used) == SOUK_STATUS_OK)
    {
      g_autoptr (SoukIdentifyInfo) info = NULL;
      g_assert (used <= size);
      if (souk_identify_finish (&reader, &peer, &info) == SOUK_STATUS_OK)
        {
          g_assert (info->n_addrs <= SOUK_IDENTIFY_ADDRS_MAX);
          g_assert (info->agent == NULL || g_utf8_validate (info->agent, -1, NULL));
        }
    }
  souk_identify_done (&reader);
  return 0;
}
