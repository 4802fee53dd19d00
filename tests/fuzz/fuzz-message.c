/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The generated messages from any bytes, within their memory budget: what is read can be written,
 * and what was written and reads again, reads as the same.
 */
#include "wire/message.h"

#include "wire/bitswap.pb-c.h"
#include "wire/gossipsub.pb-c.h"
#include "wire/identify.pb-c.h"
#include "wire/noise.pb-c.h"
#include "wire/peer-record.pb-c.h"
#include "wire/souk.pb-c.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const ProtobufCMessageDescriptor *const types[] = {
    &gossipsub__rpc__descriptor,
    &bitswap__message__descriptor,
    &identify__identify__descriptor,
    &noise__handshake_payload__descriptor,
    &peer_record__envelope__descriptor,
    &peer_record__peer_record__descriptor,
    &souk__record__descriptor,
    &souk__listing__descriptor,
    &souk__job__descriptor,
    &souk__provider__descriptor,
    &souk__offer_reply__descriptor,
    &souk__bid__descriptor,
    &souk__job_message__descriptor,
    &souk__sync_message__descriptor,
  };
  if (size == 0)
    return 0;
  const ProtobufCMessageDescriptor *type = types[data[0] % G_N_ELEMENTS (types)];
  SOUK_AUTO_MESSAGE void *message = souk_message_unpack (type, souk_slice (data + 1, size - 1));
  if (!message)
    return 0;
  g_autoptr (GBytes) first = souk_message_pack (message);
  SOUK_AUTO_MESSAGE void *again = souk_message_unpack (type, souk_slice_from_bytes (first));
  /* Unknown fields are kept, and one with the number 0 is read only in a longer form. */
  if (!again)
    return 0;
  g_autoptr (GBytes) second = souk_message_pack (again);
  g_assert (g_bytes_equal (first, second));
  return 0;
}
