/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logs that ethers made from the contracts' ABI, decoded, and logs that lie.
 */
#include "chain/events.h"
#include "terms-of-json.h"

static SoukChainLog *
log_of (JsonObject *row)
{
  SoukChainLog *log = souk_chain_log_new ();
  JsonArray *topics = json_object_get_array_member (row, "topics");
  log->n_topics = json_array_get_length (topics);
  for (guint i = 0; i < log->n_topics; i++)
    g_assert_true (
        souk_hex_decode_exact (json_array_get_string_element (topics, i), log->topics[i], 32));
  g_bytes_unref (log->data);
  log->data = hex_of (text_of (row, "data"));
  return log;
}

static void
assert_wei (SoukWei amount, const char *decimal)
{
  g_autofree char *text = souk_wei_to_string (amount);
  g_assert_cmpstr (text, ==, decimal);
}

static void
check_deal (const SoukChainEvent *event, JsonObject *a)
{
  uint8_t w2[32];
  SoukAddress a1 = address_of (text_of (a, "a1"));
  SoukOfferTerms offer = offer_of (json_object_get_object_member (a, "offer"));
  SoukBidTerms bid = bid_of (json_object_get_object_member (a, "bid"));

  member_bytes32 (a, "w2", w2);
  switch ((int)event->kind)
    {
    case SOUK_CHAIN_EVENT_BOUGHT:
      g_assert_cmpmem (&event->bought.terms, sizeof offer, &offer, sizeof offer);
      g_assert_cmpmem (event->bought.listing_id, 32, w2, 32);
      g_assert_cmpuint (event->bought.deliver_by_s, ==, 1234567890);
      break;
    case SOUK_CHAIN_EVENT_ACCEPTED:
      g_assert_cmpmem (&event->accepted.terms, sizeof bid, &bid, sizeof bid);
      g_assert_cmpuint (event->accepted.submit_by_s, ==, 1234567890);
      break;
    case SOUK_CHAIN_EVENT_DELIVERED:
      g_assert_cmpmem (event->delivered.what, 32, w2, 32);
      g_assert_cmpuint (event->delivered.confirm_by_s, ==, 1234567890);
      break;
    case SOUK_CHAIN_EVENT_DISPUTED:
      g_assert_true (souk_address_is_equal (&event->disputed.by, &a1));
      g_assert_cmpmem (event->disputed.evidence, 32, w2, 32);
      break;
    case SOUK_CHAIN_EVENT_SETTLED:
      g_assert_cmpint (event->settled.state, ==, SOUK_ESCROW_RESOLVED);
      assert_wei (event->settled.to_payee, text_of (a, "n1"));
      assert_wei (event->settled.fee, "5");
      assert_wei (event->settled.to_payer, "7");
      g_assert_cmpmem (event->settled.reason, 32, w2, 32);
      break;
    case SOUK_CHAIN_EVENT_BOND_RETURNED:
      assert_wei (event->bond.to_provider, "5");
      assert_wei (event->bond.to_requester, text_of (a, "n1"));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
check_money (const SoukChainEvent *event, JsonObject *a)
{
  SoukAddress a1 = address_of (text_of (a, "a1"));
  SoukAddress a2 = address_of (text_of (a, "a2"));
  g_assert_true (souk_address_is_equal (&event->money.who, &a1));
  g_assert_true (souk_address_is_equal (&event->money.token, &a2));
  assert_wei (event->money.amount, text_of (a, "n1"));
}

static void
logs_of_another_implementation_are_read (void)
{
  g_autoptr (JsonNode) root = load_own_vectors ("chain-calls.json");
  JsonObject *object = json_node_get_object (root);
  JsonObject *a = json_object_get_object_member (object, "arguments");
  JsonArray *rows = json_object_get_array_member (object, "events");
  uint8_t w1[32];

  member_bytes32 (a, "w1", w1);
  g_assert_cmpuint (json_array_get_length (rows), ==, SOUK_CHAIN_EVENT_COUNT);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autoptr (SoukChainLog) log = log_of (row);
      SoukChainEvent event;
      g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_OK);
      g_autofree char *name = souk_chain_event_name (event.kind);
      g_assert_cmpstr (name, ==, text_of (row, "name"));
      if (event.kind <= SOUK_CHAIN_EVENT_SETTLED || event.kind == SOUK_CHAIN_EVENT_BOND_RETURNED)
        {
          g_assert_cmpmem (event.id, 32, w1, 32);
          check_deal (&event, a);
        }
      else if (event.kind <= SOUK_CHAIN_EVENT_WITHDRAWN)
        check_money (&event, a);
      else if (event.kind == SOUK_CHAIN_EVENT_CANCELLED)
        g_assert_cmpmem (event.id, 32, w1, 32);
    }
}

static SoukChainLog *
first_log (void)
{
  g_autoptr (JsonNode) root = load_own_vectors ("chain-calls.json");
  JsonArray *rows = json_object_get_array_member (json_node_get_object (root), "events");
  return log_of (json_array_get_object_element (rows, 0));
}

static void
a_log_whose_topics_and_terms_disagree_is_refused (void)
{
  g_autoptr (SoukChainLog) log = first_log ();
  SoukChainEvent event;
  log->topics[2][31] ^= 1;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_BAD_ENCODING);
}

static void
a_log_of_another_form_is_refused (void)
{
  g_autoptr (SoukChainLog) log = first_log ();
  SoukChainEvent event;
  log->n_topics = 3;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_BAD_ENCODING);
  log->n_topics = 4;
  g_bytes_unref (log->data);
  log->data = g_bytes_new (NULL, 0);
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_BAD_ENCODING);
}

static void
an_unknown_event_is_not_an_error_of_the_chain (void)
{
  g_autoptr (SoukChainLog) log = souk_chain_log_new ();
  SoukChainEvent event;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_UNSUPPORTED);
  log->n_topics = 1;
  g_assert_cmpint (souk_chain_event_decode (log, &event), ==, SOUK_STATUS_UNSUPPORTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/events/logs-of-another-implementation-are-read",
                   logs_of_another_implementation_are_read);
  g_test_add_func ("/chain/events/a-log-whose-topics-and-terms-disagree-is-refused",
                   a_log_whose_topics_and_terms_disagree_is_refused);
  g_test_add_func ("/chain/events/a-log-of-another-form-is-refused",
                   a_log_of_another_form_is_refused);
  g_test_add_func ("/chain/events/an-unknown-event-is-not-an-error-of-the-chain",
                   an_unknown_event_is_not_an_error_of_the_chain);
  return g_test_run ();
}
