/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The seller's answer on /souk/deliver/1.0.0: an offer for one buyer, or a refusal that says why.
 * GLIB, node thread. See orders-private.h; DESIGN 6.1.
 *
 * The order is durable before its offer leaves, so that a purchase always finds the key that it pays
 * for. Each question gets a fresh offer with a fresh key; what nobody takes up lapses.
 *
 * Limits: a peer asks so often in a minute and has so many offers open; all peers together have so
 * many open. A stranger's question costs one signature and one small write, so no more than that.
 */
#include "trade/orders-private.h"

#include "chain/eip712.h"
#include "market/content.h"
#include "store/documents.h"
#include "swarm/clock.h"
#include "swarm/rpc.h"
#include "swarm/system-rng.h"
#include "trade/board-private.h"
#include "trade/prompts.h"
#include "wire/message.h"
#include "wire/souk.pb-c.h"

#include <sodium.h>
#include <string.h>

/* An order is asked for once; some go wrong and are asked for again. */
#define ASKS_PER_MINUTE_MAX 60
#define OPEN_PER_PEER_MAX 64
/* Half an hour's offers of a busy shop. */
#define OPEN_MAX 4000
/* Peers whose questions are counted at a time; with more the oldest count is forgotten. */
#define PEERS_MAX 256
#define MINUTE_US (60 * SOUK_US_PER_S)

typedef struct {
  SoukPeerId peer;
  SoukMono since;
  unsigned n_asks;
} PeerCount;

struct SoukOfferLimits {
  GArray *peers; /* of PeerCount, oldest first */
};

/* ---- refusing ---- */

static void
refuse (SoukRpcRequest *request, const char *code, const char *sentence)
{
  Souk__Refusal refusal = SOUK__REFUSAL__INIT;
  Souk__OfferReply reply = SOUK__OFFER_REPLY__INIT;
  refusal.code = (char *)code;
  refusal.sentence = (char *)sentence;
  reply.body_case = SOUK__OFFER_REPLY__BODY_REFUSAL;
  reply.refusal = &refusal;
  g_autoptr (GBytes) bytes = souk_message_pack (&reply);
  souk_rpc_reply (request, souk_slice_from_bytes (bytes));
}

/* ---- limits ---- */

static PeerCount *
count_of (SoukOfferLimits *limits, const SoukPeerId *peer, SoukMono now)
{
  for (guint i = 0; i < limits->peers->len; i++)
    {
      PeerCount *count = &g_array_index (limits->peers, PeerCount, i);
      if (souk_peer_id_is_equal (&count->peer, peer))
        return count;
    }
  if (limits->peers->len >= PEERS_MAX)
    g_array_remove_index (limits->peers, 0);
  PeerCount fresh = { .peer = *peer, .since = now };
  g_array_append_val (limits->peers, fresh);
  return &g_array_index (limits->peers, PeerCount, limits->peers->len - 1);
}

static bool
asks_too_often (SoukOfferLimits *limits, const SoukPeerId *peer)
{
  SoukMono now = souk_mono_now ();
  PeerCount *count = count_of (limits, peer, now);
  if (souk_mono_diff_us (now, count->since) >= MINUTE_US)
    {
      count->since = now;
      count->n_asks = 0;
    }
  return ++count->n_asks > ASKS_PER_MINUTE_MAX;
}

static bool
has_too_many_open (SoukOrders *self, const SoukPeerId *peer)
{
  unsigned total = 0, of_peer = 0;
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const SoukOrder *machine = ((SoukLiveOrder *)value)->machine;
      if (machine->phase != SOUK_ORDER_OFFER_MADE)
        continue;
      total++;
      of_peer += souk_peer_id_is_equal (&machine->peer, peer);
    }
  return total >= OPEN_MAX || of_peer >= OPEN_PER_PEER_MAX;
}

/* ---- checking ---- */

/* What is asked for, once it is checked. */
typedef struct {
  SoukRecord *record;
  SoukListing *listing;
  SoukAddress buyer;
  SoukU256 counter;
  uint8_t content_key[SOUK_CONTENT_KEY_SIZE];
} Wanted;

static void
wanted_clear (Wanted *wanted)
{
  g_clear_pointer (&wanted->record, souk_record_free);
  g_clear_pointer (&wanted->listing, souk_listing_free);
  sodium_memzero (wanted->content_key, sizeof wanted->content_key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear)

/* A refusal: its stable name and a sentence for a person. NULL code: none. */
typedef struct {
  const char *code;
  const char *sentence;
} Why;

static Why
find_listing (SoukOrders *self, SoukSlice id, Wanted *out)
{
  static const Why none
      = { "no-such-listing", "This node does not sell that, or does not any more." };
  static const Why changed
      = { "listing-changed", "The listing has changed; look at the new one and buy that." };
  if (id.len != SOUK_RECORD_ID_SIZE)
    return none;
  g_autoptr (GBytes) bytes = souk_board_record_bytes (self->context.board, id.data);
  g_autoptr (SoukRecord) asked = NULL;
  /* A version that was replaced is not kept; whoever names one has not heard of the new one yet. */
  if (bytes == NULL)
    return changed;
  if (souk_record_decode_kept (souk_slice_from_bytes (bytes), &asked) != SOUK_STATUS_OK
      || !souk_peer_id_is_equal (&asked->author, souk_swarm_self (self->context.swarm)))
    return none;
  out->listing = souk_prompts_find (&self->context, asked->thing, &out->record);
  if (out->listing == NULL)
    return none;
  if (memcmp (out->record->id, id.data, SOUK_RECORD_ID_SIZE) != 0)
    return changed;
  if (souk_listing_is_free (out->listing))
    return (Why){ "free", "This prompt is free: fetch its content." };
  return (Why){ NULL, NULL };
}

/* The money's side of it: chain, contract, wallets. */
static Why
check_money (SoukOrders *self, const Souk__OfferRequest *request, Wanted *wanted)
{
  SoukMoney *money = self->context.money;
  if (money == NULL)
    return (Why){ "no-chain", "The seller's node is on no chain now." };
  SoukDomain here = souk_money_domain (money, SOUK_ESCROW_MARKET_PROMPT);
  const SoukListing *listing = wanted->listing;
  if (request->chain_id != here.chain_id || listing->chain_id != here.chain_id
      || request->contract.len != SOUK_ADDRESS_SIZE
      || memcmp (request->contract.data, here.contract.bytes, SOUK_ADDRESS_SIZE) != 0
      || !souk_address_is_equal (&listing->contract, &here.contract))
    return (Why){ "other-chain", "Buyer and seller are on different chains or contracts." };
  if (request->buyer_wallet.len != SOUK_ADDRESS_SIZE)
    return (Why){ "bad-wallet", "The buyer's wallet is missing." };
  memcpy (wanted->buyer.bytes, request->buyer_wallet.data, SOUK_ADDRESS_SIZE);
  if (souk_address_is_zero (&wanted->buyer)
      || souk_address_is_equal (&wanted->buyer, souk_money_address (money)))
    return (Why){ "bad-wallet", "Buyer and seller must have different wallets." };
  if (!souk_address_is_equal (&wanted->record->wallet, souk_money_address (money)))
    return (Why){ "other-wallet", "The seller's node has another wallet than its listing says." };
  if (!souk_money_counter (money, SOUK_ESCROW_MARKET_PROMPT, &wanted->counter))
    return (Why){ "not-ready", "The seller's node has not reached the chain yet." };
  return (Why){ NULL, NULL };
}

static Why
find_content_key (SoukOrders *self, Wanted *wanted)
{
  g_autoptr (SoukDocument) document
      = souk_documents_get (self->context.store, SOUK_CONTENT_KEY_KIND,
                            souk_slice (wanted->listing->key_commitment, SOUK_HASH_SIZE));
  if (document == NULL || g_bytes_get_size (document->body) != SOUK_CONTENT_KEY_SIZE
      || !souk_commitment_matches (wanted->listing->key_commitment,
                                   g_bytes_get_data (document->body, NULL)))
    return (Why){ "no-key", "The seller's node has lost the key of this prompt." };
  memcpy (wanted->content_key, g_bytes_get_data (document->body, NULL), SOUK_CONTENT_KEY_SIZE);
  return (Why){ NULL, NULL };
}

static Why
check (SoukOrders *self, SoukRpcRequest *request, SoukSlice message, Wanted *out)
{
  static const Why busy = { "busy", "The seller's node has too much to do; try again later." };
  const SoukPeerId *peer = souk_rpc_request_peer (request);
  if (asks_too_often (self->limits, peer) || souk_store_is_busy (self->context.store))
    return busy;
  SOUK_AUTO_MESSAGE Souk__OfferRequest *asked
      = souk_message_unpack (&souk__offer_request__descriptor, message);
  if (asked == NULL)
    return (Why){ "bad-request", "The question has not the form of one." };
  Why why = find_listing (self, souk_slice_from_field (asked->listing), out);
  if (why.code == NULL)
    why = check_money (self, asked, out);
  if (why.code == NULL)
    why = find_content_key (self, out);
  if (why.code == NULL && has_too_many_open (self, peer))
    why = busy;
  return why;
}

/* ---- offering ---- */

/* Answers once the order is on the disk. */
static void
on_order_saved (SoukLiveOrder *live, const GError *error, void *user)
{
  SoukRpcRequest *request = user;
  const SoukOrder *machine = live->machine;
  uint8_t terms[SOUK_OFFER_TERMS_SIZE];
  if (error != NULL)
    {
      refuse (request, "busy", "The seller's node cannot write to its disk.");
      return;
    }
  souk_offer_terms_write (&machine->terms, terms);
  Souk__Offer offer = SOUK__OFFER__INIT;
  Souk__OfferReply reply = SOUK__OFFER_REPLY__INIT;
  offer.terms = souk_field_from_slice (souk_slice (terms, sizeof terms));
  offer.signature
      = souk_field_from_slice (souk_slice (machine->signature, sizeof machine->signature));
  offer.capsule = souk_field_from_slice (souk_slice (machine->capsule, sizeof machine->capsule));
  reply.body_case = SOUK__OFFER_REPLY__BODY_OFFER;
  reply.offer = &offer;
  g_autoptr (GBytes) bytes = souk_message_pack (&reply);
  souk_rpc_reply (request, souk_slice_from_bytes (bytes));
}

static void
make_offer (SoukOrders *self, SoukRpcRequest *request, const Wanted *wanted)
{
  SoukMoney *money = self->context.money;
  SoukDomain domain = souk_money_domain (money, SOUK_ESCROW_MARKET_PROMPT);
  SoukWall now = souk_wall_now ();
  SoukOfferDraft draft;
  uint8_t deal[SOUK_HASH_SIZE];
  uint8_t signature[SOUK_ECDSA_SIZE];

  souk_offer_draft (&draft, wanted->listing, souk_money_address (money), &wanted->buyer,
                    wanted->content_key, wanted->counter, now, souk_system_rng ());
  souk_offer_digest (&domain, &draft.terms, deal);
  if (!souk_money_sign (money, deal, signature))
    {
      sodium_memzero (&draft, sizeof draft);
      refuse (request, "not-ready", "The seller's wallet is locked.");
      return;
    }
  SoukOrder *machine
      = souk_order_new_seller (wanted->record, wanted->listing, souk_rpc_request_peer (request),
                               &draft, signature, deal, now, souk_system_rng ());
  sodium_memzero (&draft, sizeof draft);
  souk_orders_save (souk_orders_add (self, machine), NULL, on_order_saved, request);
}

static void
on_request (SoukSwarm *swarm, SoukRpcRequest *request, SoukSlice message, void *user)
{
  SoukOrders *self = user;
  g_auto (Wanted) wanted = { 0 };
  Why why = check (self, request, message, &wanted);
  if (why.code == NULL)
    {
      make_offer (self, request, &wanted);
      return;
    }
  souk_log_record (self->context.log, SOUK_LOG_INFO, "order.offer-refused",
                   "A buyer asked for an offer and was refused.",
                   souk_log_peer ("peer", souk_rpc_request_peer (request)),
                   souk_log_string ("code", why.code));
  refuse (request, why.code, why.sentence);
}

/* ---- life ---- */

void
souk_orders_serve (SoukOrders *self)
{
  self->limits = g_new0 (SoukOfferLimits, 1);
  self->limits->peers = g_array_new (FALSE, FALSE, sizeof (PeerCount));
  souk_rpc_serve (self->context.swarm, SOUK_DELIVER_PROTOCOL, SOUK_DELIVER_REQUEST_MAX,
                  SOUK_DELIVER_TIMEOUT_MS, on_request, self, NULL);
}

void
souk_orders_unserve (SoukOrders *self)
{
  souk_swarm_unserve (self->context.swarm, SOUK_DELIVER_PROTOCOL);
  g_array_unref (self->limits->peers);
  g_free (self->limits);
}
