/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The whole road on a real chain with the real contracts: terms are signed, deals opened, delivered and
 * paid through the outbox, and followed by their logs; reorg, restart and refusal in between.
 */
#include "anvil.h"
#include "chain/calls.h"
#include "chain/eip712.h"
#include "eth/follow.h"
#include "eth/outbox.h"

#define GWEI UINT64_C (1000000000)

typedef struct {
  Anvil anvil;
  SoukOutbox *outboxes[3]; /* owner, buyer, seller */
  SoukAddress accounts[3];
  SoukDomain market;
  SoukDomain rental;
  SoukFollow *follow;
  GArray *events; /* (element-type SoukChainEvent), as applied and not undone */
  GBytes *cursor;
  unsigned undone;
  unsigned resets;
  unsigned caught_up;
} Fixture;

/* ---- hooks ---- */

static bool
sign (const SoukTx *tx, uint8_t signature[SOUK_ECDSA_SIZE], gpointer data)
{
  uint8_t secret[32];
  uint8_t digest[32];
  anvil_secret (GPOINTER_TO_UINT (data), secret);
  souk_tx_digest (tx, digest);
  return souk_ecdsa_sign (secret, digest, signature);
}

static void
store (const char *id, GBytes *body, SoukOutboxStored done, gpointer token, gpointer data)
{
  done (token, NULL);
}

static void
changed (const SoukOutboxEntry *entry, gpointer data)
{
}

static void
on_apply (const SoukChainLog *log, gpointer data)
{
  Fixture *f = data;
  SoukChainEvent event;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_OK);
  g_array_append_val (f->events, event);
}

static void
on_undo (const SoukChainLog *log, gpointer data)
{
  Fixture *f = data;
  SoukChainEvent event;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_OK);
  const SoukChainEvent *last = &g_array_index (f->events, SoukChainEvent, f->events->len - 1);
  g_assert_cmpint (last->kind, ==, event.kind);
  g_array_set_size (f->events, f->events->len - 1);
  f->undone++;
}

static void
on_reset (gpointer data)
{
  Fixture *f = data;
  g_array_set_size (f->events, 0);
  f->resets++;
}

static void
on_checkpoint (GBytes *cursor, bool is_caught_up, gpointer data)
{
  Fixture *f = data;
  g_clear_pointer (&f->cursor, g_bytes_unref);
  f->cursor = g_bytes_ref (cursor);
  f->caught_up += is_caught_up;
}

static void
follow_open (Fixture *f)
{
  static const SoukFollowHooks hooks = { on_apply, on_undo, on_reset, on_checkpoint, NULL };
  SoukAddress addresses[] = { f->market.contract, f->rental.contract };
  SoukFollowConfig config
      = { .addresses = addresses, .n_addresses = 2, .start_block = 1, .depth = 6, .poll_ms = 20 };
  f->follow = souk_follow_new (f->anvil.rpc, &config,
                               f->cursor ? souk_slice_from_bytes (f->cursor) : SOUK_SLICE_EMPTY,
                               &hooks, f);
}

/* ---- steps ---- */

static const SoukOutboxEntry *
send (Fixture *f, unsigned who, const char *id, const SoukOutboxRequest *request)
{
  const SoukOutboxEntry *entry = souk_outbox_send (f->outboxes[who], id, request);
  while (!souk_outbox_phase_is_end (entry->phase))
    g_main_context_iteration (NULL, TRUE);
  return entry;
}

/* A call that must succeed. Consumes `data`. */
static void
step (Fixture *f, unsigned who, const char *id, const SoukAddress *to, SoukU256 value, GBytes *data)
{
  SoukOutboxRequest request = { .to = *to, .value = value, .data = souk_slice_from_bytes (data) };
  const SoukOutboxEntry *entry = send (f, who, id, &request);
  g_assert_no_error (entry->trouble);
  g_assert_cmpint (entry->phase, ==, SOUK_OUTBOX_CONFIRMED);
  g_bytes_unref (data);
}

static void
deploy (Fixture *f, const char *name, SoukDomain *out)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("SOUK_CONTRACTS_ABI"), file, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  JsonObject *root = json_node_get_object (json_parser_get_root (parser));
  g_autoptr (GBytes) code = souk_hex_decode (json_object_get_string_member (root, "bytecode"));
  g_autoptr (GByteArray) init = g_byte_array_new ();
  static const uint8_t zeros[12];
  souk_append (init, souk_slice_from_bytes (code));
  souk_append (init, souk_slice (zeros, 12));
  souk_append (init, souk_slice (f->accounts[0].bytes, 20));
  SoukOutboxRequest request = { .is_creation = true, .data = souk_slice_from_array (init) };
  const SoukOutboxEntry *entry = send (f, 0, name, &request);
  g_assert_no_error (entry->trouble);
  g_assert_cmpint (entry->phase, ==, SOUK_OUTBOX_CONFIRMED);
  out->chain_id = ANVIL_CHAIN_ID;
  souk_tx_contract_address (&f->accounts[0], entry->nonce, &out->contract);
}

static bool
setup (Fixture *f)
{
  static const SoukOutboxHooks hooks = { sign, store, changed };
  g_autofree char *abi
      = g_build_filename (g_getenv ("SOUK_CONTRACTS_ABI") ? g_getenv ("SOUK_CONTRACTS_ABI") : ".",
                          "PromptMarketplace.json", NULL);

  memset (f, 0, sizeof *f);
  if (!g_file_test (abi, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("SOUK_CONTRACTS_ABI names no folder with the contracts' ABI");
      return false;
    }
  if (!anvil_start (&f->anvil, "--no-request-size-limit", NULL))
    return false;
  f->events = g_array_new (FALSE, FALSE, sizeof (SoukChainEvent));
  for (unsigned i = 0; i < 3; i++)
    {
      SoukOutboxConfig config = { .from = f->accounts[i] = anvil_account (i),
                                  .confirmations = 1,
                                  .poll_ms = 10,
                                  .fee_cap = souk_u256_from_u64 (500 * GWEI) };
      f->outboxes[i] = souk_outbox_new (f->anvil.rpc, &config, &hooks, GUINT_TO_POINTER (i));
    }
  deploy (f, "PromptMarketplace", &f->market);
  deploy (f, "ComputeRental", &f->rental);
  follow_open (f);
  return true;
}

static void
teardown (Fixture *f)
{
  souk_follow_free (f->follow);
  for (unsigned i = 0; i < 3; i++)
    souk_outbox_free (f->outboxes[i]);
  g_clear_pointer (&f->cursor, g_bytes_unref);
  g_array_unref (f->events);
  anvil_stop (&f->anvil);
}

/* Waits until the events that hold are these, and the head is reached. */
static void
assert_events (Fixture *f, const SoukChainEventKind *kinds, size_t count)
{
  gint64 until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  unsigned seen = f->caught_up;
  while (f->events->len != count || f->caught_up == seen)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      if (f->events->len == count && f->caught_up == seen)
        anvil_mine (&f->anvil, 1);
      g_main_context_iteration (NULL, TRUE);
    }
  for (size_t i = 0; i < count; i++)
    g_assert_cmpint (g_array_index (f->events, SoukChainEvent, i).kind, ==, kinds[i]);
}

static void
signature_of (unsigned who, const uint8_t digest[32], uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t secret[32];
  anvil_secret (who, secret);
  g_assert_true (souk_ecdsa_sign (secret, digest, out));
}

static SoukOfferTerms
offer_terms (const Fixture *f, const uint8_t key[32], uint64_t salt)
{
  SoukOfferTerms terms = {
    .seller = f->accounts[2],
    .buyer = f->accounts[1],
    .price = souk_u256_from_u64 (1000000 * GWEI),
    .deliver_within = souk_u256_from_u64 (3600),
    .confirm_window = souk_u256_from_u64 (3600),
    .valid_until = souk_u256_from_u64 (4000000000),
    .salt = souk_u256_from_u64 (salt),
  };
  souk_keccak256 (terms.key_hash, souk_slice (key, 32));
  memset (terms.content_hash, 1, 32);
  memset (terms.cipher_hash, 2, 32);
  return terms;
}

static void
buy (Fixture *f, const SoukOfferTerms *terms, const char *id)
{
  uint8_t digest[32];
  uint8_t signature[SOUK_ECDSA_SIZE];
  souk_offer_digest (&f->market, terms, digest);
  signature_of (2, digest, signature);
  step (f, 1, id, &f->market.contract, terms->price,
        souk_call_buy (terms, souk_slice (signature, sizeof signature), SOUK_SLICE_EMPTY));
}

static void
a_sale_goes_from_offer_to_payment_and_is_seen_in_the_logs (void)
{
  static const SoukChainEventKind kinds[] = {
    SOUK_CHAIN_EVENT_BOUGHT,   SOUK_CHAIN_EVENT_DELIVERED, SOUK_CHAIN_EVENT_SETTLED,
    SOUK_CHAIN_EVENT_CREDITED, SOUK_CHAIN_EVENT_PAID,
  };
  const uint8_t key[32] = { 42 };
  uint8_t digest[32];
  Fixture f;

  if (!setup (&f))
    return;
  SoukOfferTerms terms = offer_terms (&f, key, 1);
  souk_offer_digest (&f.market, &terms, digest);
  buy (&f, &terms, "buy");
  step (&f, 2, "deliver", &f.market.contract, SOUK_U256_ZERO, souk_call_deliver (&terms, key));
  step (&f, 1, "release", &f.market.contract, SOUK_U256_ZERO, souk_call_offer_release (&terms));
  assert_events (&f, kinds, G_N_ELEMENTS (kinds));

  const SoukChainEvent *bought = &g_array_index (f.events, SoukChainEvent, 0);
  const SoukChainEvent *delivered = &g_array_index (f.events, SoukChainEvent, 1);
  const SoukChainEvent *settled = &g_array_index (f.events, SoukChainEvent, 2);
  SoukWei fee;
  SoukWei net;
  g_assert_cmpmem (bought->id, 32, digest, 32);
  g_assert_cmpmem (&bought->bought.terms, sizeof terms, &terms, sizeof terms);
  g_assert_cmpmem (delivered->delivered.what, 32, key, 32);
  g_assert_cmpint (settled->settled.state, ==, SOUK_ESCROW_RELEASED);
  souk_wei_split_fee (souk_wei_from_u256 (terms.price), &fee, &net);
  g_assert_cmpint (souk_wei_compare (settled->settled.fee, fee), ==, 0);
  g_assert_cmpint (souk_wei_compare (settled->settled.to_payee, net), ==, 0);
  teardown (&f);
}

static void
a_job_is_settled_with_a_receipt_in_two_transactions (void)
{
  static const SoukChainEventKind kinds[] = {
    SOUK_CHAIN_EVENT_ACCEPTED, SOUK_CHAIN_EVENT_SETTLED, SOUK_CHAIN_EVENT_CREDITED,
    SOUK_CHAIN_EVENT_PAID,     SOUK_CHAIN_EVENT_PAID,
  };
  uint8_t signature[SOUK_ECDSA_SIZE];
  uint8_t digest[32];
  Fixture f;

  if (!setup (&f))
    return;
  SoukBidTerms terms = {
    .provider = f.accounts[2],
    .requester = f.accounts[1],
    .price = souk_u256_from_u64 (1000 * GWEI),
    .job_hash = { 1 },
    .peer_id = { 2 },
    .submit_within = souk_u256_from_u64 (3600),
    .confirm_window = souk_u256_from_u64 (3600),
    .valid_until = souk_u256_from_u64 (4000000000),
  };
  SoukReceiptTerms receipt = { .result_hash = { 3 }, .amount = souk_u256_from_u64 (400 * GWEI) };
  souk_bid_digest (&f.rental, &terms, receipt.id);
  signature_of (2, receipt.id, signature);
  step (&f, 1, "accept", &f.rental.contract, terms.price,
        souk_call_accept (&terms, souk_slice (signature, sizeof signature), SOUK_SLICE_EMPTY));
  souk_receipt_digest (&f.rental, &receipt, digest);
  signature_of (1, digest, signature);
  step (&f, 2, "settle", &f.rental.contract, SOUK_U256_ZERO,
        souk_call_settle (&terms, &receipt, souk_slice (signature, sizeof signature)));
  assert_events (&f, kinds, G_N_ELEMENTS (kinds));
  const SoukChainEvent *settled = &g_array_index (f.events, SoukChainEvent, 1);
  g_assert_cmpmem (settled->id, 32, receipt.id, 32);
  g_assert_cmpmem (settled->settled.reason, 32, receipt.result_hash, 32);
  g_assert_cmpint (souk_wei_compare (settled->settled.to_payer,
                                     souk_wei_from_u256 (souk_u256_from_u64 (600 * GWEI))),
                   ==, 0);
  teardown (&f);
}

static void
a_reorg_undoes_the_events_it_dropped (void)
{
  static const SoukChainEventKind bought[] = { SOUK_CHAIN_EVENT_BOUGHT };
  const uint8_t key[32] = { 1 };
  Fixture f;

  if (!setup (&f))
    return;
  anvil_mine (&f.anvil, 8);
  SoukOfferTerms terms = offer_terms (&f, key, 1);
  buy (&f, &terms, "buy");
  assert_events (&f, bought, 1);
  anvil_do (&f.anvil, "anvil_reorg", "[4,[]]");
  anvil_mine (&f.anvil, 1);
  assert_events (&f, NULL, 0);
  g_assert_cmpuint (f.undone, ==, 1);
  g_assert_cmpuint (f.resets, ==, 0);
  teardown (&f);
}

static void
a_restart_goes_on_from_the_checkpoint (void)
{
  static const SoukChainEventKind kinds[] = { SOUK_CHAIN_EVENT_BOUGHT, SOUK_CHAIN_EVENT_BOUGHT };
  const uint8_t key[32] = { 1 };
  Fixture f;

  if (!setup (&f))
    return;
  SoukOfferTerms first = offer_terms (&f, key, 1);
  SoukOfferTerms second = offer_terms (&f, key, 2);
  buy (&f, &first, "buy/1");
  assert_events (&f, kinds, 1);
  souk_follow_free (f.follow);
  anvil_mine (&f.anvil, 30);
  buy (&f, &second, "buy/2");
  follow_open (&f);
  assert_events (&f, kinds, 2);
  g_assert_cmpuint (f.resets, ==, 0);
  /* A cursor that is damaged is not used, and the whole story comes again. */
  souk_follow_free (f.follow);
  g_clear_pointer (&f.cursor, g_bytes_unref);
  f.cursor = g_bytes_new ("noise", 5);
  follow_open (&f);
  while (f.resets == 0)
    g_main_context_iteration (NULL, TRUE);
  assert_events (&f, kinds, 2);
  teardown (&f);
}

static void
a_step_of_the_wrong_party_is_refused_with_the_contracts_reason (void)
{
  const uint8_t key[32] = { 1 };
  Fixture f;
  if (!setup (&f))
    return;
  SoukOfferTerms terms = offer_terms (&f, key, 1);
  buy (&f, &terms, "buy");
  g_autoptr (GBytes) data = souk_call_offer_refund (&terms);
  SoukOutboxRequest request = { .to = f.market.contract, .data = souk_slice_from_bytes (data) };
  const SoukOutboxEntry *entry = send (&f, 1, "refund", &request);
  g_assert_cmpint (entry->phase, ==, SOUK_OUTBOX_REFUSED);
  g_assert_error (entry->trouble, SOUK_ETH_ERROR, SOUK_ETH_ERROR_REVERTED);
  const SoukRevert *revert = souk_eth_error_revert (entry->trouble);
  g_assert_nonnull (revert);
  g_assert_cmpstr (revert->name, ==, "TooEarly");
  g_assert_true (revert->has_argument);
  teardown (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eth/follow/a-sale-goes-from-offer-to-payment-and-is-seen-in-the-logs",
                   a_sale_goes_from_offer_to_payment_and_is_seen_in_the_logs);
  g_test_add_func ("/eth/follow/a-job-is-settled-with-a-receipt-in-two-transactions",
                   a_job_is_settled_with_a_receipt_in_two_transactions);
  g_test_add_func ("/eth/follow/a-reorg-undoes-the-events-it-dropped",
                   a_reorg_undoes_the_events_it_dropped);
  g_test_add_func ("/eth/follow/a-restart-goes-on-from-the-checkpoint",
                   a_restart_goes_on_from_the_checkpoint);
  g_test_add_func ("/eth/follow/a-step-of-the-wrong-party-is-refused-with-the-contracts-reason",
                   a_step_of_the_wrong_party_is_refused_with_the_contracts_reason);
  return g_test_run ();
}
