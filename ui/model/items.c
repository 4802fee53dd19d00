/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of the items. See items.h, and item.h for what a row means.
 */
#include "ui/model/items.h"

#include "ui/model/amount.h"
#include "ui/model/words.h"

#include <glib/gi18n.h>

#define ITEM_TYPE(Name, name)                                                                      \
  struct _##Name {                                                                                 \
    SoukItem parent_instance;                                                                      \
  };                                                                                               \
  G_DEFINE_FINAL_TYPE (Name, name, SOUK_TYPE_ITEM)                                                 \
  static void name##_init (Name *self)                                                             \
  {                                                                                                \
  }                                                                                                \
  static void name##_class_init (Name##Class *klass)                                               \
  {                                                                                                \
    souk_item_class_install (SOUK_ITEM_CLASS (klass), name##_fields,                               \
                             G_N_ELEMENTS (name##_fields));                                        \
  }

/* ---- what several have ---- */

static const char *
text_of (JsonObject *object, const char *member)
{
  return json_object_get_string_member_with_default (object, member, "");
}

static gint64
integer_of (JsonObject *object, const char *member)
{
  return json_object_get_int_member_with_default (object, member, 0);
}

static GDateTime *
time_of (JsonObject *object, const char *member)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_iso8601 (text_of (object, member), NULL);
  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

static char *
make_created (JsonObject *object)
{
  g_autoptr (GDateTime) time = time_of (object, "created");
  return souk_words_time (time);
}

static char *
make_time (JsonObject *object)
{
  g_autoptr (GDateTime) time = time_of (object, "time");
  return souk_words_time (time);
}

static char *
make_phase (JsonObject *object)
{
  return souk_words_phrase (text_of (object, "phase"));
}

static char *
make_price (JsonObject *object)
{
  return souk_words_price (text_of (object, "price"));
}

/* An amount in the smallest unit; "" when there is none. */
static char *
shown_wei (JsonObject *object, const char *member)
{
  g_autofree char *coins = souk_amount_from_wei (text_of (object, member));
  return souk_amount_shown (coins);
}

static char *
make_size (JsonObject *object)
{
  return g_format_size ((guint64)MAX (integer_of (object, "size_bytes"), 0));
}

static char *
make_short_peer (JsonObject *object)
{
  return souk_words_short_id (text_of (object, "peer_id"));
}

static char *
make_short_provider (JsonObject *object)
{
  return souk_words_short_id (text_of (object, "provider"));
}

/* ---- listings ---- */

static char *
make_category (JsonObject *object)
{
  const char *category = text_of (object, "category");
  return souk_words_phrase (*category != '\0' ? category : "other");
}

static char *
join_words (JsonObject *object, const char *member, const char *separator)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  if (json_object_has_member (object, member))
    {
      JsonArray *words = json_object_get_array_member (object, member);
      for (guint i = 0; i < json_array_get_length (words); i++)
        g_string_append_printf (joined, "%s%s", i > 0 ? separator : "",
                                json_array_get_string_element (words, i));
    }
  return g_string_free_and_steal (g_steal_pointer (&joined));
}

static char *
make_models (JsonObject *object)
{
  g_autofree char *models = join_words (object, "models", ", ");
  return *models != '\0' ? g_strdup_printf (_ ("Models: %s"), models) : g_strdup ("");
}

static char *
make_seller (JsonObject *object)
{
  if (json_object_get_boolean_member_with_default (object, "is_mine", FALSE))
    return g_strdup (_ ("You"));
  return souk_words_short_id (text_of (object, "seller"));
}

/* One line, for a card: the description up to its first line break. */
static char *
make_summary (JsonObject *object)
{
  const char *description = text_of (object, "description");
  g_autofree char *folded = g_strdelimit (g_strdup (description), "\n\r\t", ' ');
  return g_strdup (g_strstrip (folded));
}

static char *
make_split (JsonObject *object)
{
  const char *price = text_of (object, "price");
  g_autofree char *shown = souk_amount_shown (price);
  g_autofree char *net = NULL;
  g_autofree char *fee = NULL;
  if (souk_amount_is_zero (price))
    return g_strdup (_ ("Nothing is paid, and no wallet is needed."));
  if (!souk_amount_split (price, &net, &fee))
    return g_strdup_printf (_ ("You pay %s; 3 %% of it is the contract’s fee."), shown);
  g_autofree char *shown_net = souk_amount_shown (net);
  if (json_object_get_boolean_member_with_default (object, "is_mine", FALSE))
    return g_strdup_printf (_ ("The buyer pays %s · you receive %s after the 3 %% fee."), shown,
                            shown_net);
  if (json_object_get_boolean_member_with_default (object, "is_owned", FALSE))
    return g_strdup (_ ("You have bought it: nothing more is paid."));
  return g_strdup_printf (_ ("You pay %s · the seller receives %s after the 3 %% fee."), shown,
                          shown_net);
}

static char *
make_ownership (JsonObject *object)
{
  if (json_object_get_boolean_member_with_default (object, "is_mine", FALSE))
    return g_strdup (_ ("Yours"));
  if (json_object_get_boolean_member_with_default (object, "is_owned", FALSE))
    return g_strdup (_ ("Owned"));
  return g_strdup ("");
}

static const SoukItemField souk_listing_fields[] = {
  { "id", "id", SOUK_ITEM_TEXT },
  { "title", "title", SOUK_ITEM_TEXT },
  { "description", "description", SOUK_ITEM_TEXT },
  { "summary", "description", SOUK_ITEM_MADE, make_summary },
  { "category", "category", SOUK_ITEM_TEXT },
  { "category-text", "category", SOUK_ITEM_MADE, make_category },
  { "tags", "tags", SOUK_ITEM_WORDS },
  { "models-text", "models", SOUK_ITEM_MADE, make_models },
  { "sample", "sample", SOUK_ITEM_TEXT },
  { "price", "price", SOUK_ITEM_TEXT },
  { "price-text", "price", SOUK_ITEM_MADE, make_price },
  { "split-text", "price", SOUK_ITEM_MADE, make_split },
  { "seller", "seller", SOUK_ITEM_TEXT },
  { "seller-text", "seller", SOUK_ITEM_MADE, make_seller },
  { "wallet", "wallet", SOUK_ITEM_TEXT },
  { "cid", "cid", SOUK_ITEM_TEXT },
  { "size-text", "size_bytes", SOUK_ITEM_MADE, make_size },
  { "created-text", "created", SOUK_ITEM_MADE, make_created },
  { "expires", "expires", SOUK_ITEM_TIME },
  { "is-mine", "is_mine", SOUK_ITEM_FLAG },
  { "is-owned", "is_owned", SOUK_ITEM_FLAG },
  { "ownership", "is_owned", SOUK_ITEM_MADE, make_ownership },
};
ITEM_TYPE (SoukListing, souk_listing)

/* ---- orders ---- */

static char *
make_order_line (JsonObject *object)
{
  g_autofree char *price = make_price (object);
  g_autofree char *other = souk_words_short_id (text_of (object, "counterparty"));
  bool is_sale = g_str_equal (text_of (object, "role"), "seller");
  return is_sale ? g_strdup_printf (_ ("Sale to %s · %s"), other, price)
                 : g_strdup_printf (_ ("Purchase from %s · %s"), other, price);
}

static const SoukItemField souk_order_fields[] = {
  { "id", "id", SOUK_ITEM_TEXT },
  { "listing", "listing", SOUK_ITEM_TEXT },
  { "title", "title", SOUK_ITEM_TEXT },
  { "role", "role", SOUK_ITEM_TEXT },
  { "line", "role", SOUK_ITEM_MADE, make_order_line },
  { "counterparty", "counterparty", SOUK_ITEM_TEXT },
  { "phase", "phase", SOUK_ITEM_TEXT },
  { "phase-text", "phase", SOUK_ITEM_MADE, make_phase },
  { "is-final", "is_final", SOUK_ITEM_FLAG },
  { "sentence", "sentence", SOUK_ITEM_TEXT },
  { "price", "price", SOUK_ITEM_TEXT },
  { "net", "net_wei", SOUK_ITEM_WEI },
  { "fee", "fee_wei", SOUK_ITEM_WEI },
  { "gas", "gas_wei", SOUK_ITEM_WEI },
  { "deal", "deal", SOUK_ITEM_TEXT },
  { "deadline", "deadline", SOUK_ITEM_TIME },
  { "then", "then", SOUK_ITEM_TEXT },
  { "created-text", "created", SOUK_ITEM_MADE, make_created },
  { "timeline", "timeline", SOUK_ITEM_ITEMS, NULL, souk_step_get_type },
};
ITEM_TYPE (SoukOrder, souk_order)

/* ---- jobs ---- */

static char *
make_job_title (JsonObject *object)
{
  const char *title = text_of (object, "title");
  return g_strdup (*title != '\0' ? title : _ ("Untitled job"));
}

static char *
make_job_line (JsonObject *object)
{
  bool is_provider = g_str_equal (text_of (object, "role"), "provider");
  const char *other = text_of (object, is_provider ? "requester" : "provider");
  g_autofree char *shown = souk_words_short_id (other);
  bool is_final = json_object_get_boolean_member_with_default (object, "is_final", FALSE);
  if (is_provider)
    return g_strdup_printf (is_final ? _ ("Ran here for %s") : _ ("Runs here for %s"), shown);
  if (*other == '\0')
    return g_strdup (_ ("Your job"));
  return g_strdup_printf (is_final ? _ ("Ran at %s") : _ ("Runs at %s"), shown);
}

static char *
make_job_money (JsonObject *object)
{
  const char *price = text_of (object, "price");
  const char *max = text_of (object, "max_price");
  g_autofree char *shown = souk_amount_shown (*price != '\0' ? price : max);
  g_autofree char *net = shown_wei (object, "net_wei");
  if (*price == '\0')
    return souk_amount_is_zero (max) ? g_strdup (_ ("Free providers only"))
                                     : g_strdup_printf (_ ("At most %s"), shown);
  if (souk_amount_is_zero (price))
    return g_strdup (_ ("Free"));
  if (*net == '\0')
    return g_strdup_printf (_ ("Price %s"), shown);
  return g_strdup_printf (_ ("Price %s · the provider receives %s after the 3 %% fee"), shown, net);
}

static char *
make_fuel (JsonObject *object)
{
  gint64 fuel = integer_of (object, "fuel");
  return fuel > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, fuel) : g_strdup ("");
}

static char *
make_failure (JsonObject *object)
{
  const char *failure = text_of (object, "failure");
  return *failure != '\0' ? souk_words_phrase (failure) : g_strdup ("");
}

static const SoukItemField souk_job_fields[] = {
  { "id", "id", SOUK_ITEM_TEXT },
  { "title", "title", SOUK_ITEM_MADE, make_job_title },
  { "role", "role", SOUK_ITEM_TEXT },
  { "line", "provider", SOUK_ITEM_MADE, make_job_line },
  { "phase", "phase", SOUK_ITEM_TEXT },
  { "phase-text", "phase", SOUK_ITEM_MADE, make_phase },
  { "is-final", "is_final", SOUK_ITEM_FLAG },
  { "sentence", "sentence", SOUK_ITEM_TEXT },
  { "failure", "failure", SOUK_ITEM_TEXT },
  { "failure-text", "failure", SOUK_ITEM_MADE, make_failure },
  { "module", "module", SOUK_ITEM_TEXT },
  { "price", "price", SOUK_ITEM_TEXT },
  { "money-text", "price", SOUK_ITEM_MADE, make_job_money },
  { "net", "net_wei", SOUK_ITEM_WEI },
  { "gas", "gas_wei", SOUK_ITEM_WEI },
  { "attempt", "attempt", SOUK_ITEM_INTEGER },
  { "progress", "progress", SOUK_ITEM_TEXT },
  { "has-exit-code", "exit_code", SOUK_ITEM_HAS },
  { "exit-code", "exit_code", SOUK_ITEM_INTEGER },
  { "result-cid", "result_cid", SOUK_ITEM_TEXT },
  { "has-result", "result_cid", SOUK_ITEM_HAS },
  { "fuel-text", "fuel", SOUK_ITEM_MADE, make_fuel },
  { "deadline", "deadline", SOUK_ITEM_TIME },
  { "then", "then", SOUK_ITEM_TEXT },
  { "created-text", "created", SOUK_ITEM_MADE, make_created },
  { "bids", "bids", SOUK_ITEM_ITEMS, NULL, souk_bid_get_type },
  { "timeline", "timeline", SOUK_ITEM_ITEMS, NULL, souk_step_get_type },
};
ITEM_TYPE (SoukJob, souk_job)

static char *
make_bid_title (JsonObject *object)
{
  g_autofree char *provider = make_short_provider (object);
  g_autofree char *price = make_price (object);
  return g_strdup_printf ("%s · %s", provider, price);
}

static char *
make_score (JsonObject *object)
{
  return g_strdup_printf ("%.2f",
                          json_object_get_double_member_with_default (object, "score", 0.0));
}

static char *
make_parts (JsonObject *object)
{
  static const char *const names[] = { "price", "reliability", "latency", "locality" };
  JsonNode *node = json_object_get_member (object, "parts");
  g_autoptr (GString) text = g_string_new (NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return g_strdup ("");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (json_node_get_object (node), names[i]))
      g_string_append_printf (
          text, "%s%s %.2f", text->len > 0 ? " · " : "", names[i],
          json_object_get_double_member_with_default (json_node_get_object (node), names[i], 0.0));
  return g_string_free_and_steal (g_steal_pointer (&text));
}

static const SoukItemField souk_bid_fields[] = {
  { "provider", "provider", SOUK_ITEM_TEXT },
  { "title", "provider", SOUK_ITEM_MADE, make_bid_title },
  { "score", "score", SOUK_ITEM_NUMBER },
  { "score-text", "score", SOUK_ITEM_MADE, make_score },
  { "parts-text", "parts", SOUK_ITEM_MADE, make_parts },
  { "is-winner", "is_winner", SOUK_ITEM_FLAG },
  { "reason", "reason", SOUK_ITEM_TEXT },
};
ITEM_TYPE (SoukBid, souk_bid)

static const SoukItemField souk_step_fields[] = {
  { "phase", "phase", SOUK_ITEM_TEXT },
  { "phase-text", "phase", SOUK_ITEM_MADE, make_phase },
  { "time", "time", SOUK_ITEM_TIME },
  { "time-text", "time", SOUK_ITEM_MADE, make_time },
};
ITEM_TYPE (SoukStep, souk_step)

/* ---- money ---- */

static char *
make_transaction_state (JsonObject *object)
{
  return souk_words_phrase (text_of (object, "state"));
}

static char *
make_transaction_line (JsonObject *object)
{
  g_autofree char *hash = souk_words_short_id (text_of (object, "hash"));
  g_autofree char *gas = shown_wei (object, "gas_wei");
  g_autofree char *when = make_created (object);
  if (*gas == '\0')
    return g_strdup_printf ("%s · %s", when, hash);
  return g_strdup_printf (_ ("%s · %s · gas %s"), when, hash, gas);
}

/* Most transactions carry nothing; a zero would be one more thing to read. */
static char *
make_value (JsonObject *object)
{
  g_autofree char *value = souk_amount_from_wei (text_of (object, "value_wei"));
  return souk_amount_is_zero (value) ? g_strdup ("") : souk_amount_shown (value);
}

static const SoukItemField souk_transaction_fields[] = {
  { "hash", "hash", SOUK_ITEM_TEXT },
  { "state", "state", SOUK_ITEM_TEXT },
  { "state-text", "state", SOUK_ITEM_MADE, make_transaction_state },
  { "purpose", "purpose", SOUK_ITEM_TEXT },
  { "value-text", "value_wei", SOUK_ITEM_MADE, make_value },
  { "line", "gas_wei", SOUK_ITEM_MADE, make_transaction_line },
};
ITEM_TYPE (SoukTransaction, souk_transaction)

static char *
make_balance (JsonObject *object)
{
  return souk_amount_shown (text_of (object, "balance"));
}

/* Nearly always there is none; "" then. */
static char *
make_credit (JsonObject *object)
{
  g_autofree char *credit = souk_amount_from_wei (text_of (object, "credit_wei"));
  if (souk_amount_is_zero (credit))
    return g_strdup ("");
  g_autofree char *shown = souk_amount_shown (credit);
  return g_strdup_printf (_ ("%s more waits in the contracts"), shown);
}

static const SoukItemField souk_account_fields[] = {
  { "address", "address", SOUK_ITEM_TEXT },
  { "balance-text", "balance", SOUK_ITEM_MADE, make_balance },
  { "credit-text", "credit_wei", SOUK_ITEM_MADE, make_credit },
  { "chain", "chain", SOUK_ITEM_TEXT },
  { "chain-id", "chain_id", SOUK_ITEM_INTEGER },
};
ITEM_TYPE (SoukAccount, souk_account)

/* ---- the node ---- */

static const SoukItemField souk_provider_fields[] = {
  { "enabled", "enabled", SOUK_ITEM_FLAG },       { "state", "state", SOUK_ITEM_TEXT },
  { "sentence", "sentence", SOUK_ITEM_TEXT },     { "price", "price", SOUK_ITEM_TEXT },
  { "jobs-max", "jobs_max", SOUK_ITEM_INTEGER },  { "memory-mb", "memory_mb", SOUK_ITEM_INTEGER },
  { "wall-ms", "wall_ms", SOUK_ITEM_INTEGER },    { "on-battery", "on_battery", SOUK_ITEM_FLAG },
  { "on-metered", "on_metered", SOUK_ITEM_FLAG }, { "running", "running", SOUK_ITEM_INTEGER },
  { "earned", "earned_wei", SOUK_ITEM_WEI },
};
ITEM_TYPE (SoukProvider, souk_provider)

static char *
make_peers_line (JsonObject *object)
{
  gint64 peers = integer_of (object, "peers");
  return g_strdup_printf (ngettext ("%d peer", "%d peers", (gulong)peers), (int)peers);
}

static char *
make_memory (JsonObject *object)
{
  return g_format_size ((guint64)MAX (integer_of (object, "rss_bytes"), 0));
}

static char *
make_stored (JsonObject *object)
{
  return g_format_size ((guint64)MAX (integer_of (object, "stored_bytes"), 0));
}

static char *
make_chain (JsonObject *object)
{
  const char *chain = text_of (object, "chain");
  gint64 block = integer_of (object, "chain_block");
  if (*chain == '\0' || g_str_equal (chain, "none"))
    return g_strdup (_ ("No chain: free trades only"));
  g_autofree char *state = souk_words_phrase (chain);
  if (block > 0)
    return g_strdup_printf (_ ("%s %s, block %" G_GINT64_FORMAT), state,
                            text_of (object, "network"), block);
  return g_strdup_printf ("%s %s", state, text_of (object, "network"));
}

static char *
make_listen (JsonObject *object)
{
  return join_words (object, "listen", "\n");
}

static const SoukItemField souk_node_state_fields[] = {
  { "version", "version", SOUK_ITEM_TEXT },
  { "peer-id", "peer_id", SOUK_ITEM_TEXT },
  { "peer-text", "peer_id", SOUK_ITEM_MADE, make_short_peer },
  { "listen-text", "listen", SOUK_ITEM_MADE, make_listen },
  { "api", "api", SOUK_ITEM_TEXT },
  { "network", "network", SOUK_ITEM_TEXT },
  { "peers", "peers", SOUK_ITEM_INTEGER },
  { "peers-text", "peers", SOUK_ITEM_MADE, make_peers_line },
  { "listings", "listings", SOUK_ITEM_INTEGER },
  { "memory-text", "rss_bytes", SOUK_ITEM_MADE, make_memory },
  { "stored-text", "stored_bytes", SOUK_ITEM_MADE, make_stored },
  { "chain", "chain", SOUK_ITEM_TEXT },
  { "chain-text", "chain_block", SOUK_ITEM_MADE, make_chain },
};
ITEM_TYPE (SoukNodeState, souk_node_state)

static char *
make_peer_line (JsonObject *object)
{
  const char *agent = text_of (object, "agent");
  gint64 rtt_us = integer_of (object, "rtt_us");
  g_autoptr (GString) line = g_string_new (*agent != '\0' ? agent : _ ("Unknown program"));
  g_string_append_printf (line, " · %s", text_of (object, "address"));
  if (rtt_us > 0)
    g_string_append_printf (line, " · %.1f ms", (double)rtt_us / 1000);
  return g_string_free_and_steal (g_steal_pointer (&line));
}

static const SoukItemField souk_peer_fields[] = {
  { "peer-id", "peer_id", SOUK_ITEM_TEXT },
  { "peer-text", "peer_id", SOUK_ITEM_MADE, make_short_peer },
  { "line", "rtt_us", SOUK_ITEM_MADE, make_peer_line },
};
ITEM_TYPE (SoukPeer, souk_peer)

static char *
make_clock (JsonObject *object)
{
  g_autoptr (GDateTime) time = time_of (object, "time");
  return souk_words_clock (time);
}

/* "peer=12D3… bytes=120": the fields behind the sentence, in the node's order. */
static char *
make_fields (JsonObject *object)
{
  JsonNode *fields = json_object_get_member (object, "fields");
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  if (fields == NULL || !JSON_NODE_HOLDS_OBJECT (fields))
    return g_strdup ("");
  json_object_iter_init_ordered (&iter, json_node_get_object (fields));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      bool is_string
          = JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING;
      g_autofree char *shown
          = is_string ? json_node_dup_string (value) : json_to_string (value, FALSE);
      g_string_append_printf (text, "%s%s=%s", text->len > 0 ? "  " : "", name, shown);
    }
  return g_string_free_and_steal (g_steal_pointer (&text));
}

static const SoukItemField souk_log_record_fields[] = {
  { "time-text", "time", SOUK_ITEM_MADE, make_clock },
  { "level", "level", SOUK_ITEM_TEXT },
  { "area", "area", SOUK_ITEM_TEXT },
  { "event", "event", SOUK_ITEM_TEXT },
  { "message", "message", SOUK_ITEM_TEXT },
  { "fields-text", "fields", SOUK_ITEM_MADE, make_fields },
};
ITEM_TYPE (SoukLogRecord, souk_log_record)

/* ---- replies ---- */

static const SoukItemField souk_reply_fields[] = {
  { "text", "text", SOUK_ITEM_TEXT },
  { "cid", "cid", SOUK_ITEM_TEXT },
  { "exit-code", "exit_code", SOUK_ITEM_INTEGER },
  { "stdout", "stdout", SOUK_ITEM_TEXT },
  { "stderr", "stderr", SOUK_ITEM_TEXT },
  { "wall-ms", "wall_ms", SOUK_ITEM_INTEGER },
};
ITEM_TYPE (SoukReply, souk_reply)

void
souk_items_ensure_types (void)
{
  g_type_ensure (SOUK_TYPE_LISTING);
  g_type_ensure (SOUK_TYPE_ORDER);
  g_type_ensure (SOUK_TYPE_JOB);
  g_type_ensure (SOUK_TYPE_BID);
  g_type_ensure (SOUK_TYPE_STEP);
  g_type_ensure (SOUK_TYPE_TRANSACTION);
  g_type_ensure (SOUK_TYPE_PEER);
  g_type_ensure (SOUK_TYPE_LOG_RECORD);
  g_type_ensure (SOUK_TYPE_PROVIDER);
  g_type_ensure (SOUK_TYPE_ACCOUNT);
  g_type_ensure (SOUK_TYPE_NODE_STATE);
  g_type_ensure (SOUK_TYPE_REPLY);
}
