/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole sales: a buyer's and a seller's machine over a small chain, crashed at every write.
 *
 * The world below does what the glue does: stores the state after each event that was taken, stores
 * a transaction in the same write, sends and includes it later, and tells both sides all of the
 * chain's log again and again. A crash loses everything since the last write.
 */
#include "fixture.h"
#include "market/content.h"

#include <string.h>

enum { BUYER, SELLER };

typedef struct {
  SoukOrder *order;
  GBytes *disk;
  bool outbox[SOUK_ORDER_COMMAND_COUNT];
} Node;

typedef struct {
  FixSale sale;
  Node nodes[2];
  SoukWall now;
  bool is_seller_asleep; /* it never reveals the key */
  bool is_buyer_asleep;  /* it never releases */
  bool is_content_bad;
  bool is_funded;
  bool is_delivered;
  SoukDealEnd end;
  int64_t deliver_by;
  int64_t confirm_by;
  unsigned writes;
  unsigned crash_at;   /* 0: never */
  bool is_crash_early; /* just before that write, or just after it */
} World;

static void
restart (Node *node)
{
  souk_order_free (node->order);
  souk_assert_status (souk_order_from_bytes (souk_slice_from_bytes (node->disk), &node->order), OK);
  souk_order_resume (node->order);
}

static void
store (World *world, Node *node, SoukOrderCommand transaction)
{
  world->writes++;
  if (world->writes == world->crash_at && world->is_crash_early)
    {
      restart (node);
      return;
    }
  g_clear_pointer (&node->disk, g_bytes_unref);
  node->disk = souk_order_to_bytes (node->order);
  if (transaction != SOUK_ORDER_COMMAND_NONE)
    node->outbox[transaction] = true;
  if (world->writes == world->crash_at)
    restart (node);
}

static void
apply (World *world, Node *node, const SoukOrderEvent *event)
{
  if (souk_order_apply (node->order, event, world->now) != SOUK_STATUS_OK)
    return;
  bool is_tx = event->kind == SOUK_ORDER_EVENT_TX_STORED;
  store (world, node, is_tx ? event->command : SOUK_ORDER_COMMAND_NONE);
}

static void
execute (World *world, Node *node, SoukOrderCommand command)
{
  SoukOrderEvent event = { .command = command };
  switch (command)
    {
    case SOUK_ORDER_COMMAND_NONE:
      return;
    case SOUK_ORDER_COMMAND_REQUEST_OFFER:
      event = fix_offer_event (&world->sale);
      break;
    case SOUK_ORDER_COMMAND_FETCH_CONTENT:
      event.kind = SOUK_ORDER_EVENT_FETCHED;
      break;
    case SOUK_ORDER_COMMAND_OPEN_CONTENT:
      event.kind = SOUK_ORDER_EVENT_OPENED;
      event.is_good = !world->is_content_bad;
      break;
    case SOUK_ORDER_COMMAND_SUBMIT_BUY:
    case SOUK_ORDER_COMMAND_SUBMIT_RELEASE:
    case SOUK_ORDER_COMMAND_SUBMIT_REFUND:
    case SOUK_ORDER_COMMAND_SUBMIT_MISMATCH:
    case SOUK_ORDER_COMMAND_SUBMIT_DISPUTE:
    case SOUK_ORDER_COMMAND_SUBMIT_RESOLVE:
    case SOUK_ORDER_COMMAND_SUBMIT_DELIVER:
      event.kind = SOUK_ORDER_EVENT_TX_STORED;
      if ((command == SOUK_ORDER_COMMAND_SUBMIT_DELIVER && world->is_seller_asleep)
          || (node == &world->nodes[BUYER] && command == SOUK_ORDER_COMMAND_SUBMIT_RELEASE
              && world->is_buyer_asleep))
        event.kind = SOUK_ORDER_EVENT_COMMAND_FAILED;
      break;
    case SOUK_ORDER_COMMAND_COUNT:
      g_assert_not_reached ();
    }
  apply (world, node, &event);
}

/* The contract, as far as the order of its steps goes. */
static void
mine (World *world, SoukOrderCommand command)
{
  int64_t now_s = souk_wall_seconds (world->now);
  bool is_open = world->is_funded && world->end == SOUK_END_NONE;
  if (command == SOUK_ORDER_COMMAND_SUBMIT_BUY && !world->is_funded)
    {
      world->is_funded = true;
      world->deliver_by = now_s + world->sale.listing->deliver_within_s;
    }
  if (!is_open)
    return;
  if (command == SOUK_ORDER_COMMAND_SUBMIT_DELIVER && !world->is_delivered
      && now_s <= world->deliver_by)
    {
      world->is_delivered = true;
      world->confirm_by = now_s + world->sale.listing->confirm_window_s;
    }
  if (command == SOUK_ORDER_COMMAND_SUBMIT_RELEASE)
    world->end = SOUK_END_RELEASED;
  if (command == SOUK_ORDER_COMMAND_SUBMIT_REFUND && !world->is_delivered
      && now_s > world->deliver_by)
    world->end = SOUK_END_REFUNDED;
  if (command == SOUK_ORDER_COMMAND_SUBMIT_MISMATCH && world->is_delivered)
    world->end = SOUK_END_REFUNDED;
}

static void
tell_log (World *world, Node *node)
{
  SoukOrderEvent bought = { .kind = SOUK_ORDER_EVENT_BOUGHT, .deadline = world->deliver_by };
  SoukOrderEvent delivered = { .kind = SOUK_ORDER_EVENT_DELIVERED, .deadline = world->confirm_by };
  SoukOrderEvent settled = { .kind = SOUK_ORDER_EVENT_SETTLED, .settlement.end = world->end };
  memcpy (delivered.hash, world->sale.draft.key, 32);
  if (world->is_funded)
    apply (world, node, &bought);
  if (world->is_delivered)
    apply (world, node, &delivered);
  if (world->end != SOUK_END_NONE)
    apply (world, node, &settled);
}

static void
step (World *world, Node *node)
{
  for (unsigned i = 0; i < SOUK_ORDER_COMMAND_COUNT; i++)
    if (node->outbox[i])
      mine (world, (SoukOrderCommand)i);
  tell_log (world, node);
  if (souk_order_tick (node->order, world->now))
    store (world, node, SOUK_ORDER_COMMAND_NONE);
  execute (world, node, souk_order_next_command (node->order, world->now));
}

static void
world_init (World *world, const char *price)
{
  memset (world, 0, sizeof *world);
  fix_sale_init (&world->sale, price);
  world->now = FIX_NOW;
}

/* Runs a sale to its end, from the files that both sides have written before it begins. */
static void
world_run (World *world, const char *buyer_end, const char *seller_end)
{
  Node *buyer = &world->nodes[BUYER], *seller = &world->nodes[SELLER];
  bool has_seller = !souk_listing_is_free (world->sale.listing);
  SoukOrderEvent start = { .kind = SOUK_ORDER_EVENT_START };
  buyer->order = fix_buyer (&world->sale);
  buyer->disk = souk_order_to_bytes (buyer->order);
  if (has_seller)
    {
      seller->order = fix_seller (&world->sale);
      seller->disk = souk_order_to_bytes (seller->order);
    }
  for (unsigned i = 0; i < 400; i++)
    {
      if (buyer->order->phase == SOUK_ORDER_DRAFT)
        apply (world, buyer, &start);
      step (world, buyer);
      if (has_seller)
        step (world, seller);
      /* What waits for a deadline gets there in the end. */
      world->now.us += (i < 40 ? 1 : 120) * SOUK_US_PER_S;
    }
  g_assert_cmpstr (souk_order_phase_name (buyer->order->phase), ==, buyer_end);
  if (has_seller)
    g_assert_cmpstr (souk_order_phase_name (seller->order->phase), ==, seller_end);
}

static void
world_done (World *world)
{
  for (size_t i = 0; i < 2; i++)
    {
      souk_order_free (world->nodes[i].order);
      g_clear_pointer (&world->nodes[i].disk, g_bytes_unref);
    }
  fix_sale_done (&world->sale);
}

typedef struct {
  const char *name;
  const char *price;
  bool is_seller_asleep;
  bool is_buyer_asleep;
  bool is_content_bad;
  bool is_key_wrong;
  const char *buyer_end;
  const char *seller_end;
} Story;

static const Story stories[] = {
  { "a-free-prompt-is-fetched-and-opened", "0", false, false, false, false, "complete", NULL },
  { "a-sale-completes-and-the-seller-is-paid", FIX_PRICE, false, false, false, false, "complete",
    "paid" },
  { "a-silent-seller-is-refunded-from", FIX_PRICE, true, false, false, false, "refunded",
    "refunded" },
  { "a-silent-buyer's-seller-claims-the-money", FIX_PRICE, false, true, false, false, "complete",
    "paid" },
  { "a-wrong-key-is-proved-and-refunded", FIX_PRICE, false, false, false, true, "refunded",
    "refunded" },
  { "bad-content-is-never-released", FIX_PRICE, false, false, true, false, "failed", "paid" },
  { "bad-free-content-fails", "0", false, false, true, false, "failed", NULL },
};

static unsigned
tell (const Story *story, unsigned crash_at, bool is_crash_early)
{
  World world;
  world_init (&world, story->price);
  world.is_seller_asleep = story->is_seller_asleep;
  world.is_buyer_asleep = story->is_buyer_asleep;
  world.is_content_bad = story->is_content_bad;
  world.crash_at = crash_at;
  world.is_crash_early = is_crash_early;
  if (story->is_key_wrong)
    {
      /* The capsule holds another key than the listing commits to. */
      SoukOfferDraft *draft = &world.sale.draft;
      draft->capsule[0] ^= 1;
      souk_commitment (draft->terms.cipher_hash, draft->capsule);
      fix_offer_digest (&draft->terms, world.sale.digest);
      fix_sign (1, world.sale.digest, world.sale.signature);
    }
  world_run (&world, story->buyer_end, story->seller_end);
  unsigned writes = world.writes;
  world_done (&world);
  return writes;
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  unsigned writes = tell (story, 0, false);
  g_assert_cmpuint (writes, >=, 3);
  for (unsigned i = 1; i <= writes; i++)
    {
      tell (story, i, true);
      tell (story, i, false);
    }
}

static void
test_bad_offer (void)
{
  FixSale sale;
  fix_sale_init (&sale, FIX_PRICE);
  g_autoptr (SoukOrder) order = fix_buyer (&sale);
  SoukOrderEvent start = { .kind = SOUK_ORDER_EVENT_START };
  SoukOrderEvent offer = fix_offer_event (&sale);
  uint8_t other[SOUK_ECDSA_SIZE];
  fix_sign (3, sale.digest, other);
  offer.signature = other;
  souk_assert_status (souk_order_apply (order, &start, FIX_NOW), OK);
  souk_assert_status (souk_order_apply (order, &offer, FIX_NOW), OK);
  g_assert_cmpint (order->phase, ==, SOUK_ORDER_FAILED);
  g_assert_cmpstr (souk_order_reason_name (order->reason), ==, "offer-bad");
  g_assert_cmpstr (order->detail, ==, souk_status_sentence (SOUK_STATUS_BAD_SIGNATURE));
  fix_sale_done (&sale);
}

static void
test_silent_seller_node (void)
{
  FixSale sale;
  SoukWall now = FIX_NOW;
  const char *then;
  fix_sale_init (&sale, FIX_PRICE);
  g_autoptr (SoukOrder) order = fix_buyer (&sale);
  SoukOrderEvent start = { .kind = SOUK_ORDER_EVENT_START };
  souk_order_apply (order, &start, now);
  g_assert_cmpint (souk_order_deadline (order, &then).us, ==, now.us + 60 * SOUK_US_PER_S);
  g_assert_cmpstr (then, ==, "The order ends; nothing is paid.");
  unsigned asked = 0;
  while (!souk_order_is_over (order))
    {
      if (souk_order_next_command (order, now) == SOUK_ORDER_COMMAND_REQUEST_OFFER)
        {
          SoukOrderEvent failed = { .kind = SOUK_ORDER_EVENT_COMMAND_FAILED,
                                    .command = SOUK_ORDER_COMMAND_REQUEST_OFFER,
                                    .reason = SOUK_ORDER_REASON_SELLER_SILENT };
          asked++;
          souk_order_apply (order, &failed, now);
        }
      if (!souk_order_is_over (order))
        {
          g_assert_cmpint (souk_order_wake (order).us, >, now.us);
          now = souk_order_wake (order);
          souk_order_tick (order, now);
        }
    }
  g_assert_cmpuint (asked, ==, 4);
  g_assert_cmpint (order->reason, ==, SOUK_ORDER_REASON_SELLER_SILENT);
  fix_sale_done (&sale);
}

static void
test_a_reorganised_chain (void)
{
  FixSale sale;
  fix_sale_init (&sale, FIX_PRICE);
  g_autoptr (SoukOrder) order = fix_buyer (&sale);
  SoukOrderEvent offer = fix_offer_event (&sale);
  const struct {
    SoukOrderEventKind kind;
    SoukOrderCommand command;
    SoukOrderPhase phase;
  } path[] = {
    { SOUK_ORDER_EVENT_START, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_OFFER_REQUESTED },
    { SOUK_ORDER_EVENT_OFFER, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_OFFERED },
    { SOUK_ORDER_EVENT_FETCHED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_CONTENT_FETCHED },
    { SOUK_ORDER_EVENT_TX_STORED, SOUK_ORDER_COMMAND_SUBMIT_BUY, SOUK_ORDER_BUYING },
    { SOUK_ORDER_EVENT_BOUGHT, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_BOUGHT },
    { SOUK_ORDER_EVENT_UNDO_BOUGHT, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_BUYING },
    { SOUK_ORDER_EVENT_BOUGHT, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_BOUGHT },
    { SOUK_ORDER_EVENT_DELIVERED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_DELIVERED },
    { SOUK_ORDER_EVENT_UNDO_DELIVERED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_BOUGHT },
    { SOUK_ORDER_EVENT_DELIVERED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_DELIVERED },
    { SOUK_ORDER_EVENT_OPENED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_OPENED },
    { SOUK_ORDER_EVENT_TX_STORED, SOUK_ORDER_COMMAND_SUBMIT_RELEASE, SOUK_ORDER_RELEASING },
    { SOUK_ORDER_EVENT_SETTLED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_COMPLETE },
    { SOUK_ORDER_EVENT_UNDO_SETTLED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_RELEASING },
    { SOUK_ORDER_EVENT_UNDO_DELIVERED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_RELEASING },
    { SOUK_ORDER_EVENT_SETTLED, SOUK_ORDER_COMMAND_NONE, SOUK_ORDER_COMPLETE },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (path); i++)
    {
      SoukOrderEvent event = { .kind = path[i].kind,
                               .command = path[i].command,
                               .is_good = true,
                               .deadline = FIX_NOW_S + 900,
                               .settlement.end = SOUK_END_RELEASED };
      memcpy (event.hash, sale.draft.key, 32);
      souk_assert_status (
          souk_order_apply (order, path[i].kind == SOUK_ORDER_EVENT_OFFER ? &offer : &event,
                            FIX_NOW),
          OK);
      g_assert_cmpstr (souk_order_phase_name (order->phase), ==,
                       souk_order_phase_name (path[i].phase));
    }
  g_assert_cmpuint (order->timeline.len, ==, 16);
  /* A log that is read again from its beginning changes nothing. */
  SoukOrderEvent bought = { .kind = SOUK_ORDER_EVENT_BOUGHT, .deadline = FIX_NOW_S };
  souk_assert_status (souk_order_apply (order, &bought, FIX_NOW), STALE_EVENT);
  fix_sale_done (&sale);
}

static void
test_broken_files (void)
{
  FixSale sale;
  fix_sale_init (&sale, FIX_PRICE);
  g_autoptr (SoukOrder) order = fix_seller (&sale);
  g_autoptr (GBytes) bytes = souk_order_to_bytes (order);
  SoukSlice slice = souk_slice_from_bytes (bytes);
  for (size_t len = 0; len < slice.len; len += 7)
    {
      g_autoptr (SoukOrder) out = NULL;
      if (souk_order_from_bytes (souk_slice (slice.data, len), &out) == SOUK_STATUS_OK)
        g_assert_nonnull (out);
    }
  g_autoptr (SoukOrder) none = NULL;
  souk_assert_status (souk_order_from_bytes (SOUK_SLICE_EMPTY, &none), STATE_FORM);
  souk_assert_status (souk_order_from_bytes (SOUK_SLICE_LITERAL ("\xff"), &none), STATE_FORM);
  fix_sale_done (&sale);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path
          = g_strconcat ("/market/order/crashed-at-every-write/", stories[i].name, NULL);
      g_test_add_data_func (path, &stories[i], test_story);
    }
  g_test_add_func ("/market/order/a-bad-offer-ends-it-before-any-money-moves", test_bad_offer);
  g_test_add_func ("/market/order/a-silent-seller-is-asked-four-times", test_silent_seller_node);
  g_test_add_func ("/market/order/what-the-chain-takes-back-is-undone", test_a_reorganised_chain);
  g_test_add_func ("/market/order/broken-files-are-refused", test_broken_files);
  return g_test_run ();
}
