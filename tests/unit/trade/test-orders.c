/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Purchases and sales between nodes of one process. What needs a chain is tested on a real one
 * (tests/market); here the chain of a node that has one does not answer.
 */
#include "jobs-node.h"

#include "store/blocks.h"
#include "swarm/rpc.h"
#include "trade/money.h"
#include "trade/orders-private.h"
#include "trade/prompts.h"
#include "wire/message.h"
#include "wire/souk.pb-c.h"

#include <string.h>

#define CHAIN_ID 31337

/* A node of the market for prompts; `base` has what it shares with those of jobs. */
typedef struct {
  JobsNode *base;
  SoukMoney *money;
  SoukPrompts *prompts;
  SoukOrders *orders;
  uint8_t secret[32];
} Shop;

static const SoukAddress marketplace = { { 1, 1 } };
static const SoukAddress rental = { { 2, 2 } };

static GBytes *
source_get (const SoukCid *cid, void *user)
{
  return souk_blocks_get (((JobsNode *)user)->store, cid, NULL);
}

static bool
source_has (const SoukCid *cid, size_t *out_size, void *user)
{
  int64_t size = souk_blocks_size (((JobsNode *)user)->store, cid);
  *out_size = (size_t)MAX (size, 0);
  return size >= 0;
}

static bool
sign (const uint8_t digest[SOUK_HASH_SIZE], uint8_t out_signature[SOUK_ECDSA_SIZE], void *user)
{
  return souk_ecdsa_sign (((Shop *)user)->secret, digest, out_signature);
}

/* A wallet, and a chain that nobody serves. */
static void
add_money (Shop *shop)
{
  static const char *const nowhere[] = { "http://127.0.0.1:9", NULL };
  g_autoptr (GError) error = NULL;
  SoukMoneyConfig config = {
    .store = shop->base->store,
    .dispatch = shop->base->dispatch,
    .self = shop->base->id,
    .rpc_urls = nowhere,
    .chain_id = CHAIN_ID,
    .marketplace = marketplace,
    .rental = rental,
    .confirmations = 1,
    .poll_ms = 100,
    .sign = sign,
    .sign_user = shop,
  };
  g_assert_true (souk_address_from_secret (shop->secret, &config.address));
  shop->money = souk_money_new (&config, &error);
  g_assert_no_error (error);
}

static void
shop_start (Shop *shop, bool has_chain)
{
  JobsNode *node = shop->base;
  g_autoptr (GError) error = NULL;
  SoukStoreConfig config = { .data_dir = node->dir };
  node->store = souk_store_open (&config, &error);
  g_assert_no_error (error);
  SoukBlockSource source = { source_get, source_has, node };
  SoukBoardConfig board = { .store = node->store, .swarm = node->swarm };
  node->dispatch = souk_dispatch_new ();
  node->pubsub = board.pubsub = souk_pubsub_new (node->swarm);
  node->exchange = souk_exchange_new (node->swarm, &source);
  node->board = souk_board_new (&board);
  node->library = souk_library_new (node->store, node->exchange, NULL);
  if (has_chain)
    add_money (shop);
  SoukTradeContext context = {
    .dispatch = node->dispatch,
    .store = node->store,
    .swarm = node->swarm,
    .pubsub = node->pubsub,
    .exchange = node->exchange,
    .board = node->board,
    .library = node->library,
    .money = shop->money,
  };
  shop->prompts = souk_prompts_new (&context);
  shop->orders = souk_orders_new (&context);
}

static Shop *
shop_open (uint8_t number, bool has_chain)
{
  Shop *shop = g_new0 (Shop, 1);
  g_autoptr (GError) error = NULL;
  shop->base = jobs_stranger_new (number);
  shop->base->dir = g_dir_make_tmp ("souk-test-orders-XXXXXX", &error);
  g_assert_no_error (error);
  shop->secret[31] = number;
  shop_start (shop, has_chain);
  return shop;
}

static void
shop_close (Shop *shop)
{
  souk_store_stop (shop->base->store);
  souk_orders_free (shop->orders);
  souk_prompts_free (shop->prompts);
  souk_money_free (shop->money);
  jobs_node_free (shop->base);
  g_free (shop);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shop, shop_close)

/* ---- commands ---- */

/* Publishes; price NULL is free. Returns: (transfer full): the listing's id. */
static char *
publish (Shop *shop, const char *price)
{
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_string_member (args, "title", "A prompt");
  json_object_set_string_member (args, "content", "Say it plainly.");
  if (price != NULL)
    json_object_set_string_member (args, "price", price);
  g_autoptr (JsonObject) listing = jobs_call (shop->base, "prompt.upload", args, NULL);
  g_assert_nonnull (listing);
  return g_strdup (json_object_get_string_member (listing, "id"));
}

static JsonObject *
call_id (Shop *shop, const char *command, const char *id, char **out_code)
{
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_string_member (args, "id", id);
  return jobs_call (shop->base, command, args, out_code);
}

typedef struct {
  Shop *shop;
  const char *id;
  const char *phase;
} Wanted;

static bool
is_listed (void *user)
{
  Wanted *wanted = user;
  g_autofree char *code = NULL;
  g_autoptr (JsonObject) listing = call_id (wanted->shop, "prompt.show", wanted->id, &code);
  return listing != NULL;
}

static bool
has_phase (void *user)
{
  Wanted *wanted = user;
  g_autoptr (JsonObject) order = call_id (wanted->shop, "order.show", wanted->id, NULL);
  return order != NULL
         && g_str_equal (json_object_get_string_member (order, "phase"), wanted->phase);
}

/* Both know the listing. */
static void
meet (Shop *buyer, Shop *seller, const char *listing)
{
  Wanted wanted = { buyer, listing, NULL };
  jobs_node_connect (buyer->base, seller->base);
  jobs_wait (is_listed, &wanted, "the listing");
}

/* Returns: (transfer full): the id of the order. */
static char *
purchase (Shop *buyer, const char *listing)
{
  g_autofree char *code = NULL;
  g_autoptr (JsonObject) order = call_id (buyer, "prompt.purchase", listing, &code);
  g_assert_cmpstr (code, ==, NULL);
  g_assert_cmpstr (json_object_get_string_member (order, "role"), ==, "buyer");
  return g_strdup (json_object_get_string_member (order, "id"));
}

/* Fails the test unless buying is refused with that code. */
static void
assert_refused (Shop *buyer, const char *listing, const char *max_price, const char *code)
{
  g_autofree char *refused = NULL;
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_string_member (args, "id", listing);
  if (max_price != NULL)
    json_object_set_string_member (args, "max_price", max_price);
  g_autoptr (JsonObject) order = jobs_call (buyer->base, "prompt.purchase", args, &refused);
  g_assert_null (order);
  g_assert_cmpstr (refused, ==, code);
}

/* ---- buying ---- */

static void
test_free_prompt (void)
{
  g_autoptr (Shop) seller = shop_open (1, false);
  g_autoptr (Shop) buyer = shop_open (2, false);
  g_autofree char *listing = publish (seller, NULL);
  meet (buyer, seller, listing);

  g_autofree char *id = purchase (buyer, listing);
  Wanted wanted = { buyer, id, "complete" };
  jobs_wait (has_phase, &wanted, "the end of the purchase");
  g_autoptr (JsonObject) order = call_id (buyer, "order.show", id, NULL);
  g_assert_true (json_object_get_boolean_member (order, "is_final"));
  g_assert_cmpstr (json_object_get_string_member (order, "gas_wei"), ==, "0");
  g_assert_false (json_object_has_member (order, "deal"));
  g_autoptr (JsonObject) content = call_id (buyer, "prompt.content", listing, NULL);
  g_assert_cmpstr (json_object_get_string_member (content, "text"), ==, "Say it plainly.");
  assert_refused (buyer, listing, NULL, "already-owned");
}

static void
test_refused_purchases (void)
{
  g_autoptr (Shop) seller = shop_open (1, true);
  g_autoptr (Shop) buyer = shop_open (2, false);
  g_autofree char *listing = publish (seller, "2.5");
  meet (buyer, seller, listing);

  assert_refused (seller, listing, NULL, "own-listing");
  assert_refused (buyer, listing, "2.49", "too-dear");
  assert_refused (buyer, listing, "much", "bad-amount");
  assert_refused (buyer, listing, "2.5", "no-chain");
  assert_refused (buyer, "bafy", NULL, "no-such-listing");
}

static void
test_one_purchase_at_a_time (void)
{
  g_autoptr (Shop) seller = shop_open (1, true);
  g_autoptr (Shop) buyer = shop_open (2, true);
  g_autofree char *listing = publish (seller, "1");
  meet (buyer, seller, listing);
  g_autofree char *id = purchase (buyer, listing);
  assert_refused (buyer, listing, NULL, "already-ordered");

  /* The seller's chain does not answer, so its refusal is asked again and nothing is paid. */
  Wanted wanted = { buyer, id, "offer-requested" };
  jobs_settle (300);
  g_assert_true (has_phase (&wanted));
}

static void
test_restart (void)
{
  Shop *seller = shop_open (1, false);
  g_autoptr (Shop) buyer = shop_open (2, false);
  g_autofree char *listing = publish (seller, NULL);
  meet (buyer, seller, listing);
  souk_swarm_disconnect (buyer->base->swarm, &seller->base->id);
  shop_close (seller);
  g_autofree char *id = purchase (buyer, listing);

  /* As if the node were killed now: what is on the disk goes on with a new seller of that identity. */
  JobsNode *node = buyer->base;
  souk_store_stop (node->store);
  souk_orders_free (buyer->orders);
  souk_prompts_free (buyer->prompts);
  g_clear_pointer (&node->library, souk_library_free);
  g_clear_pointer (&node->board, souk_board_free);
  g_clear_pointer (&node->exchange, souk_exchange_free);
  g_clear_pointer (&node->pubsub, souk_pubsub_free);
  g_clear_pointer (&node->dispatch, souk_dispatch_free);
  g_clear_pointer (&node->store, souk_store_close);
  shop_start (buyer, false);
  g_autoptr (Shop) again = shop_open (1, false);
  g_autofree char *same = publish (again, NULL);
  jobs_node_connect (buyer->base, again->base);
  Wanted wanted = { buyer, id, "complete" };
  jobs_wait (has_phase, &wanted, "the purchase going on");
}

/* ---- what a seller answers ---- */

typedef struct {
  bool is_done;
  char *code;
} Reply;

static void
on_reply (SoukSwarm *swarm, GBytes *bytes, const GError *error, void *user)
{
  Reply *reply = user;
  reply->is_done = true;
  if (bytes == NULL)
    return;
  SOUK_AUTO_MESSAGE Souk__OfferReply *message
      = souk_message_unpack (&souk__offer_reply__descriptor, souk_slice_from_bytes (bytes));
  g_assert_nonnull (message);
  g_assert_cmpint (message->body_case, ==, SOUK__OFFER_REPLY__BODY_REFUSAL);
  g_assert_cmpuint (strlen (message->refusal->sentence), >, 10);
  reply->code = g_strdup (message->refusal->code);
}

static bool
is_answered (void *user)
{
  return ((Reply *)user)->is_done;
}

/* Returns: (transfer full): the code of the refusal. */
static char *
ask_bytes (JobsNode *asker, Shop *seller, GBytes *request)
{
  Reply reply = { 0 };
  souk_rpc_call (asker->swarm, &seller->base->id, SOUK_DELIVER_PROTOCOL, request,
                 SOUK_DELIVER_REPLY_MAX, 5000, on_reply, &reply);
  jobs_wait (is_answered, &reply, "the answer");
  return reply.code;
}

/* What a buyer asks; each test breaks one thing. */
typedef struct {
  uint8_t listing[32];
  SoukAddress wallet;
  uint64_t chain_id;
  SoukAddress contract;
} Question;

static void
assert_answer (JobsNode *asker, Shop *seller, const Question *question, const char *code)
{
  Souk__OfferRequest request = SOUK__OFFER_REQUEST__INIT;
  request.listing = souk_field_from_slice (souk_slice (question->listing, 32));
  request.buyer_wallet
      = souk_field_from_slice (souk_slice (question->wallet.bytes, SOUK_ADDRESS_SIZE));
  request.chain_id = question->chain_id;
  request.contract
      = souk_field_from_slice (souk_slice (question->contract.bytes, SOUK_ADDRESS_SIZE));
  g_autoptr (GBytes) bytes = souk_message_pack (&request);
  g_autofree char *have = ask_bytes (asker, seller, bytes);
  g_assert_cmpstr (have, ==, code);
}

static void
record_of (Shop *shop, const char *listing, uint8_t out_id[32])
{
  uint8_t thing[SOUK_RECORD_ID_SIZE];
  SoukStatus status = souk_thing_parse (listing, thing);
  g_assert_cmpint (status, ==, SOUK_STATUS_OK);
  g_autoptr (SoukRecord) record = souk_board_get (shop->base->board, thing);
  g_assert (record != NULL);
  memcpy (out_id, record->id, 32);
}

static void
test_refusals (void)
{
  g_autoptr (Shop) seller = shop_open (1, true);
  JobsNode *asker = jobs_stranger_new (9);
  g_autofree char *priced = publish (seller, "1");
  g_autofree char *gratis = publish (seller, NULL);
  jobs_node_connect (asker, seller->base);

  Question good = { .wallet = { { 7 } }, .chain_id = CHAIN_ID, .contract = marketplace };
  record_of (seller, priced, good.listing);
  Question bad = good;
  bad.listing[0] ^= 1;
  assert_answer (asker, seller, &bad, "listing-changed");
  bad = good;
  record_of (seller, gratis, bad.listing);
  assert_answer (asker, seller, &bad, "free");
  bad = good;
  bad.chain_id++;
  assert_answer (asker, seller, &bad, "other-chain");
  bad = good;
  bad.contract = rental;
  assert_answer (asker, seller, &bad, "other-chain");
  bad = good;
  bad.wallet = (SoukAddress){ 0 };
  assert_answer (asker, seller, &bad, "bad-wallet");
  bad.wallet = *souk_money_address (seller->money);
  assert_answer (asker, seller, &bad, "bad-wallet");
  assert_answer (asker, seller, &good, "not-ready");

  g_autoptr (GBytes) rubbish = g_bytes_new_static ("\xff\xff\xff", 3);
  g_autofree char *code = ask_bytes (asker, seller, rubbish);
  g_assert_cmpstr (code, ==, "bad-request");
  jobs_node_free (asker);
}

static void
test_asks_too_often (void)
{
  g_autoptr (Shop) seller = shop_open (1, true);
  JobsNode *asker = jobs_stranger_new (9);
  JobsNode *other = jobs_stranger_new (10);
  Question question = { .wallet = { { 7 } }, .chain_id = CHAIN_ID, .contract = marketplace };
  jobs_node_connect (asker, seller->base);
  jobs_node_connect (other, seller->base);
  for (unsigned i = 0; i < 60; i++)
    assert_answer (asker, seller, &question, "listing-changed");
  assert_answer (asker, seller, &question, "busy");
  assert_answer (other, seller, &question, "listing-changed");
  jobs_node_free (asker);
  jobs_node_free (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trade/orders/a-free-prompt-is-fetched-without-a-chain-and-is-then-owned",
                   test_free_prompt);
  g_test_add_func ("/trade/orders/what-cannot-be-bought-is-refused-by-name",
                   test_refused_purchases);
  g_test_add_func ("/trade/orders/a-prompt-is-bought-once-at-a-time", test_one_purchase_at_a_time);
  g_test_add_func ("/trade/orders/a-purchase-goes-on-after-a-restart", test_restart);
  g_test_add_func ("/trade/orders/a-seller-refuses-with-a-name-and-a-sentence", test_refusals);
  g_test_add_func ("/trade/orders/a-peer-that-asks-too-often-is-told-so", test_asks_too_often);
  return g_test_run ();
}
