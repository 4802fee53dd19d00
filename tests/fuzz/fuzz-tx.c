/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Raw transactions, and logs as events.
 */
#include "chain/events.h"
#include "chain/tx.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any topics of ours with the input as data. */
static void
decode_events (SoukSlice in)
{
  for (unsigned kind = 0; kind < SOUK_CHAIN_EVENT_COUNT; kind++)
    {
      g_autoptr (SoukChainLog) log = souk_chain_log_new ();
      SoukChainEvent event;
      log->n_topics = 1 + (in.len > 0 ? in.data[0] % SOUK_CHAIN_TOPICS_MAX : 0);
      souk_chain_event_topic ((SoukChainEventKind)kind, log->topics[0]);
      g_bytes_unref (log->data);
      log->data = souk_slice_to_bytes (in);
      souk_chain_event_decode (log, &event);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SoukSlice raw = souk_slice (data, size);
  SoukAddress from;
  SoukTx tx;

  decode_events (raw);
  if (souk_tx_from_raw (raw, &tx, &from) != SOUK_STATUS_OK)
    return 0;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  souk_tx_append_unsigned (&tx, bytes);
  g_assert (bytes->len < size);
  return 0;
}
