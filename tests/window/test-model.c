/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models behind the window: amounts, words, items, lists on a real node. Needs no display.
 */
#include "ui/model/amount.h"
#include "ui/model/client.h"
#include "ui/model/item-list.h"
#include "ui/model/words.h"

#include "support.h"

#include <string.h>

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  return json_object_ref (json_node_get_object (node));
}

/* ---- amounts ---- */

static void
test_from_wei (void)
{
  static const struct {
    const char *wei;
    const char *coins;
  } cases[] = {
    { "0", "0" },
    { "1", "0.000000000000000001" },
    { "250000000000000000", "0.25" },
    { "1000000000000000000", "1" },
    { "12340000000000000000000", "12340" },
    { "115792089237316195423570985008687907853269984665640564039457584007913129639935",
      "115792089237316195423570985008687907853269984665640564039457.584007913129639935" },
    { "", "" },
    { "-1", "" },
    { "1e18", "" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *coins = souk_amount_from_wei (cases[i].wei);
      g_assert_cmpstr (coins, ==, cases[i].coins);
    }
}

static void
test_split (void)
{
  static const struct {
    const char *price, *net, *fee;
  } cases[] = {
    { "0.25", "0.2425", "0.0075" },
    { "10", "9.7", "0.3" },
    { "0.000000000000000001", "0.000000000000000001", "0" },
    { "0.000000000000000034", "0.000000000000000033", "0.000000000000000001" },
    { "100000000000000", "97000000000000", "3000000000000" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *net = NULL;
      g_autofree char *fee = NULL;
      g_assert_true (souk_amount_split (cases[i].price, &net, &fee));
      g_assert_cmpstr (net, ==, cases[i].net);
      g_assert_cmpstr (fee, ==, cases[i].fee);
    }
}

/* The number and the coin are never on two lines; what is free or unknown has no coin. */
static void
test_coin (void)
{
  g_autoptr (JsonObject) priced = parse ("{\"id\":\"a\",\"price\":\"0.25\"}");
  g_autoptr (JsonObject) paid = parse ("{\"id\":\"o\",\"net_wei\":\"242500000000000000\"}");
  g_autoptr (SoukItem) listing = souk_item_new (SOUK_TYPE_LISTING, priced);
  g_autoptr (SoukItem) order = souk_item_new (SOUK_TYPE_ORDER, paid);
  g_assert_true (souk_item_is (listing, "price-text", "0.25"));
  souk_amount_set_coin ("ETH");
  g_assert_true (souk_item_is (listing, "price-text", "0.25\u00a0ETH"));
  g_assert_true (souk_item_is (listing, "price", "0.25"));
  g_assert_true (souk_item_is (listing, "split-text",
                               "You pay 0.25\u00a0ETH · the seller receives 0.2425\u00a0ETH after "
                               "the 3 % fee."));
  g_assert_true (souk_item_is (order, "net", "0.2425\u00a0ETH"));
  g_assert_true (souk_item_is (order, "gas", ""));
  g_autofree char *free_price = souk_words_price ("0.00");
  g_assert_cmpstr (free_price, ==, "Free");
  souk_amount_set_coin (NULL);
  g_assert_true (souk_item_is (listing, "price-text", "0.25"));
}

static void
test_no_amounts (void)
{
  static const char *const bad[]
      = { "", ".", ".5", "5.", "-1", "1,5", "1.0000000000000000001", "one", "1 ", "0x10", "1.2.3" };
  char *net = NULL;
  char *fee = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (souk_amount_is_valid (bad[i]));
      g_assert_false (souk_amount_split (bad[i], &net, &fee));
    }
  /* An amount, but more than is counted here. */
  g_assert_true (souk_amount_is_valid ("99999999999999999999999999"));
  g_assert_false (souk_amount_split ("99999999999999999999999999", &net, &fee));
  g_assert_null (net);
}

/* ---- words ---- */

static void
test_words (void)
{
  g_autofree char *phrase = souk_words_phrase ("offer-requested");
  g_autofree char *empty = souk_words_phrase ("");
  g_autofree char *id
      = souk_words_short_id ("12D3KooWFDr2aQWmJidSjfGn51DHnpmqbk73mmSQdTrSJVXpWbx7");
  g_autofree char *seconds = souk_words_duration (2500);
  g_autofree char *none = souk_words_time (NULL);
  g_assert_cmpstr (phrase, ==, "Offer requested");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (id, ==, "12D3KooWFD…XpWbx7");
  g_assert_cmpstr (seconds, ==, "2 s");
  g_assert_cmpstr (none, ==, "");
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) soon = g_date_time_add_seconds (now, 30.5);
  g_autofree char *past = souk_words_until (now);
  g_autofree char *later = souk_words_until (soon);
  g_assert_cmpstr (past, ==, "any moment now");
  g_assert_cmpstr (later, ==, "in 30 s");
}

static void
test_printed (void)
{
  static const struct {
    const char *text, *plain;
  } cases[] = {
    { "a\n\tb", "a\n\tb" },     { "\033[1;4mBold\033[m é", "Bold é" },
    { "bell\a\r\n", "bell\n" }, { "\033c reset", " reset" },
    { "cut \033[1", "cut " },   { "end\033", "end" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *plain = souk_words_printed (cases[i].text);
      g_assert_cmpstr (plain, ==, cases[i].plain);
    }
}

/* ---- items ---- */

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", pspec->name);
}

static void
test_update (void)
{
  g_autoptr (JsonObject) first = parse ("{\"id\":\"a\",\"title\":\"One\",\"price\":\"0\"}");
  g_autoptr (JsonObject) second = parse ("{\"id\":\"a\",\"title\":\"Two\",\"price\":\"0\"}");
  g_autoptr (SoukItem) item = souk_item_new (SOUK_TYPE_LISTING, first);
  g_autoptr (GString) told = g_string_new (NULL);
  g_signal_connect (item, "notify", G_CALLBACK (on_notify), told);
  souk_item_update (item, second);
  g_assert_cmpstr (told->str, ==, "title ");
  g_assert_true (souk_item_is (item, "title", "Two"));
  g_assert_true (souk_item_is (item, "price-text", "Free"));
}

/* A member that is missing or of another type leaves an empty value. */
static void
test_odd_members (void)
{
  g_autoptr (JsonObject) odd = parse ("{\"id\":7,\"title\":null,\"tags\":\"x\",\"size_bytes\":"
                                      "\"y\",\"is_mine\":1,\"created\":\"z\"}");
  g_autoptr (SoukItem) item = souk_item_new (SOUK_TYPE_LISTING, odd);
  g_auto (GStrv) tags = souk_item_dup_words (item, "tags");
  g_assert_true (souk_item_is (item, "title", ""));
  g_assert_true (souk_item_is (item, "id", ""));
  g_assert_true (souk_item_is (item, "created-text", ""));
  g_assert_false (souk_item_get_flag (item, "is-mine"));
  g_assert_null (tags[0]);
}

static void
test_nested (void)
{
  g_autoptr (JsonObject) object
      = parse ("{\"id\":\"j\",\"bids\":[{\"provider\":\"p\",\"price\":\"0.5\",\"score\":0.75,"
               "\"parts\":{\"price\":1,\"latency\":0.5},\"is_winner\":true},7],\"timeline\":[]}");
  g_autoptr (SoukItem) job = souk_item_new (SOUK_TYPE_JOB, object);
  g_autoptr (GListModel) bids = souk_item_dup_items (job, "bids");
  g_assert_cmpuint (g_list_model_get_n_items (bids), ==, 1);
  g_autoptr (SoukItem) bid = g_list_model_get_item (bids, 0);
  g_assert_true (souk_item_is (bid, "score-text", "0.75"));
  g_assert_true (souk_item_is (bid, "parts-text", "price 1.00 · latency 0.50"));
  g_assert_true (souk_item_get_flag (bid, "is-winner"));
}

/* ---- lists ---- */

static guint
n_items (SoukItemList *list)
{
  return g_list_model_get_n_items (G_LIST_MODEL (list));
}

/* More listings than a page: the rest comes when somebody looks near the end. */
static void
test_pages (void)
{
  Desk desk;
  desk_open (&desk, false);
  for (guint i = 0; i < 230; i++)
    {
      g_autofree char *title = g_strdup_printf ("Prompt %u", i);
      publish (&desk, title);
    }
  g_autoptr (SoukItemList) list = souk_item_list_new (desk.client, SOUK_LIST_LISTINGS);
  wait_until (n_items (list) > 0);
  g_assert_cmpuint (n_items (list), ==, 200);
  support_idle (200);
  g_assert_cmpuint (n_items (list), ==, 200);
  g_autoptr (SoukItem) near_the_end = g_list_model_get_item (G_LIST_MODEL (list), 195);
  g_assert_nonnull (near_the_end);
  wait_until (n_items (list) == 230);
  g_clear_object (&near_the_end);
  g_clear_object (&list);
  desk_close (&desk);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  g_string_append_printf (user_data, "%u-%u+%u ", position, removed, added);
}

static void
on_withdrawn (gpointer owner, SoukItem *result, const char *problem)
{
  g_assert_null (problem);
}

/* What comes and goes moves just its row, and a row is one item whoever asks. */
static void
test_live (void)
{
  Desk desk;
  desk_open (&desk, false);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (SoukItemList) list = souk_item_list_new (desk.client, SOUK_LIST_LISTINGS);
  wait_until (!souk_item_list_is_loading (list));
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), told);
  publish (&desk, "One");
  wait_until (n_items (list) == 1);
  publish (&desk, "Two");
  wait_until (n_items (list) == 2);
  g_assert_cmpstr (told->str, ==, "0-0+1 0-0+1 ");
  g_autoptr (SoukItem) item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_autoptr (SoukItem) same = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_true (item == same);
  g_assert_true (souk_item_is (item, "title", "Two"));
  souk_client_withdraw (desk.client, item, desk.client, on_withdrawn);
  wait_until (n_items (list) == 1);
  g_assert_cmpstr (told->str, ==, "0-0+1 0-0+1 0-1+0 ");
  g_clear_object (&item);
  g_clear_object (&same);
  g_clear_object (&list);
  desk_close (&desk);
}

static void
on_refused (gpointer owner, SoukItem *result, const char *problem)
{
  g_assert_null (result);
  g_object_set_data_full (owner, "problem", g_strdup (problem), g_free);
}

static void
on_never (gpointer owner, SoukItem *result, const char *problem)
{
  g_assert_not_reached ();
}

/* A refusal is a sentence; an owner that is gone hears nothing. */
static void
test_answers (void)
{
  Desk desk;
  desk_open (&desk, false);
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *gone = g_object_new (G_TYPE_OBJECT, NULL);
  SoukDraftListing nothing = { .title = "No content" };
  souk_client_publish (desk.client, &nothing, gone, on_never);
  souk_client_publish (desk.client, &nothing, owner, on_refused);
  g_object_unref (gone);
  wait_until (g_object_get_data (owner, "problem") != NULL);
  g_assert_nonnull (strstr (g_object_get_data (owner, "problem"), "content"));
  desk_close (&desk);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  souk_items_ensure_types ();
  g_test_add_func ("/model/amounts-come-from-the-smallest-unit", test_from_wei);
  g_test_add_func ("/model/a-price-is-split-with-the-fee-rounded-down", test_split);
  g_test_add_func ("/model/an-amount-is-shown-with-its-coin", test_coin);
  g_test_add_func ("/model/what-is-no-amount-is-refused", test_no_amounts);
  g_test_add_func ("/model/words-are-for-people", test_words);
  g_test_add_func ("/model/what-a-program-printed-is-shown-without-colours", test_printed);
  g_test_add_func ("/model/an-update-tells-just-what-differs", test_update);
  g_test_add_func ("/model/odd-members-are-empty-values", test_odd_members);
  g_test_add_func ("/model/arrays-become-lists-of-items", test_nested);
  g_test_add_func ("/model/a-list-loads-its-next-page-when-it-is-looked-at", test_pages);
  g_test_add_func ("/model/a-list-follows-what-comes-and-goes", test_live);
  g_test_add_func ("/model/answers-reach-those-who-are-there", test_answers);
  return g_test_run ();
}
