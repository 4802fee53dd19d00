/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logs of the two contracts, decoded. PURE. See events.h.
 *
 * Indexed arguments are topics 1 to 3, the others are the words of the data; here they are read as
 * one run, topics first, in the order in which they were declared.
 */
#include "chain/events.h"

#include "chain/terms-words.h"

#include <string.h>

typedef struct {
  const char *signature;
  unsigned indexed;
  unsigned words;
} EventRow;

static const EventRow rows[SOUK_CHAIN_EVENT_COUNT] = {
#define EVENT_ROW(symbol, signature, indexed, words)                                               \
  [SOUK_CHAIN_EVENT_##symbol] = { signature, indexed, words },
  SOUK_CHAIN_EVENT_TABLE (EVENT_ROW)
#undef EVENT_ROW
};

void
souk_chain_event_topic (SoukChainEventKind kind, uint8_t out[32])
{
  g_assert ((unsigned)kind < SOUK_CHAIN_EVENT_COUNT);
  souk_keccak256 (out, souk_slice_from_text (rows[kind].signature));
}

char *
souk_chain_event_name (SoukChainEventKind kind)
{
  g_assert ((unsigned)kind < SOUK_CHAIN_EVENT_COUNT);
  return g_strndup (rows[kind].signature, strcspn (rows[kind].signature, "("));
}

/* Returns: the kind, or COUNT. */
static SoukChainEventKind
kind_of (const uint8_t topic[32])
{
  uint8_t hash[SOUK_HASH_SIZE];
  unsigned kind;

  for (kind = 0; kind < SOUK_CHAIN_EVENT_COUNT; kind++)
    {
      souk_chain_event_topic ((SoukChainEventKind)kind, hash);
      if (memcmp (hash, topic, SOUK_HASH_SIZE) == 0)
        break;
    }
  return (SoukChainEventKind)kind;
}

static SoukWei
read_wei (SoukReader *reader)
{
  return souk_wei_from_u256 (souk_reader_word_u256 (reader));
}

/* The parties stand in the topics for filters and again in the terms; they must agree. */
static void
read_bought (SoukReader *reader, SoukChainEvent *event)
{
  SoukAddress buyer = souk_reader_word_address (reader);
  SoukAddress seller = souk_reader_word_address (reader);
  souk_reader_word_bytes32 (reader, event->bought.listing_id);
  event->bought.terms = souk_reader_offer (reader);
  event->bought.deliver_by_s = souk_reader_word_u64 (reader);
  if (!souk_address_is_equal (&buyer, &event->bought.terms.buyer)
      || !souk_address_is_equal (&seller, &event->bought.terms.seller))
    reader->failed = true;
}

static void
read_accepted (SoukReader *reader, SoukChainEvent *event)
{
  SoukAddress requester = souk_reader_word_address (reader);
  SoukAddress provider = souk_reader_word_address (reader);
  event->accepted.terms = souk_reader_bid (reader);
  event->accepted.submit_by_s = souk_reader_word_u64 (reader);
  if (!souk_address_is_equal (&requester, &event->accepted.terms.requester)
      || !souk_address_is_equal (&provider, &event->accepted.terms.provider))
    reader->failed = true;
}

static void
read_settled (SoukReader *reader, SoukChainEvent *event)
{
  uint64_t state = souk_reader_word_u64 (reader);
  event->settled.by = souk_reader_word_address (reader);
  event->settled.to_payee = read_wei (reader);
  event->settled.fee = read_wei (reader);
  event->settled.to_payer = read_wei (reader);
  souk_reader_word_bytes32 (reader, event->settled.reason);
  if (state >= SOUK_ESCROW_STATE_COUNT || !souk_escrow_state_is_terminal ((SoukEscrowState)state))
    reader->failed = true;
  else
    event->settled.state = (SoukEscrowState)state;
}

static void
read_money (SoukReader *reader, SoukChainEvent *event)
{
  event->money.who = souk_reader_word_address (reader);
  event->money.token = souk_reader_word_address (reader);
  if (event->kind == SOUK_CHAIN_EVENT_WITHDRAWN)
    event->money.to = souk_reader_word_address (reader);
  event->money.amount = read_wei (reader);
}

static void
read_event (SoukReader *reader, SoukChainEvent *event)
{
  switch (event->kind)
    {
    case SOUK_CHAIN_EVENT_BOUGHT:
      souk_reader_word_bytes32 (reader, event->id);
      read_bought (reader, event);
      break;
    case SOUK_CHAIN_EVENT_ACCEPTED:
      souk_reader_word_bytes32 (reader, event->id);
      read_accepted (reader, event);
      break;
    case SOUK_CHAIN_EVENT_DELIVERED:
      souk_reader_word_bytes32 (reader, event->id);
      souk_reader_word_bytes32 (reader, event->delivered.what);
      event->delivered.confirm_by_s = souk_reader_word_u64 (reader);
      break;
    case SOUK_CHAIN_EVENT_DISPUTED:
      souk_reader_word_bytes32 (reader, event->id);
      event->disputed.by = souk_reader_word_address (reader);
      souk_reader_word_bytes32 (reader, event->disputed.evidence);
      event->disputed.resolve_by_s = souk_reader_word_u64 (reader);
      break;
    case SOUK_CHAIN_EVENT_SETTLED:
      souk_reader_word_bytes32 (reader, event->id);
      read_settled (reader, event);
      break;
    case SOUK_CHAIN_EVENT_CREDITED:
    case SOUK_CHAIN_EVENT_PAID:
    case SOUK_CHAIN_EVENT_WITHDRAWN:
      read_money (reader, event);
      break;
    case SOUK_CHAIN_EVENT_CANCELLED:
      event->signer.signer = souk_reader_word_address (reader);
      souk_reader_word_bytes32 (reader, event->id);
      break;
    case SOUK_CHAIN_EVENT_COUNTER_BUMPED:
      event->signer.signer = souk_reader_word_address (reader);
      event->signer.counter = souk_reader_word_u256 (reader);
      break;
    case SOUK_CHAIN_EVENT_BOND_RETURNED:
      souk_reader_word_bytes32 (reader, event->id);
      event->bond.to_provider = read_wei (reader);
      event->bond.to_requester = read_wei (reader);
      break;
    case SOUK_CHAIN_EVENT_COUNT:
      g_assert_not_reached ();
    }
}

SoukStatus
souk_chain_event_decode (const SoukChainLog *log, SoukChainEvent *out)
{
  SoukSlice data = souk_slice_from_bytes (log->data);
  SoukChainEvent event = { 0 };

  if (log->n_topics == 0)
    return SOUK_STATUS_UNSUPPORTED;
  event.kind = kind_of (log->topics[0]);
  if (event.kind == SOUK_CHAIN_EVENT_COUNT)
    return SOUK_STATUS_UNSUPPORTED;
  const EventRow *row = &rows[event.kind];
  if (log->n_topics != row->indexed + 1 || data.len != (size_t)row->words * SOUK_ABI_WORD)
    return SOUK_STATUS_BAD_ENCODING;

  g_autoptr (GByteArray) words = g_byte_array_new ();
  souk_append (words, souk_slice (log->topics[1], (size_t)row->indexed * SOUK_ABI_WORD));
  souk_append (words, data);
  SoukReader reader = souk_reader (souk_slice_from_array (words));
  read_event (&reader, &event);
  if (!souk_reader_is_done (&reader))
    return SOUK_STATUS_BAD_ENCODING;
  *out = event;
  return SOUK_STATUS_OK;
}
