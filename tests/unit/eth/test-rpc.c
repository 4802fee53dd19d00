/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON-RPC against servers that are well, dead, slow, of another chain, or that talk rubbish.
 */
#include "eth/rpc.h"

#include <libsoup/soup.h>
#include <string.h>

typedef struct {
  SoupServer *server;
  char *url;
  const char *chain_id; /* what it says */
  const char *answer;   /* printf format with the id, to all but eth_chainId; NULL: never answers */
  guint status;
  unsigned asked;
  unsigned asked_chain;
} Server;

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer data)
{
  Server *server = data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  guint64 id = g_ascii_strtoull (strstr (text, "\"id\":") + 5, NULL, 10);
  g_autofree char *answer = NULL;

  if (strstr (text, "eth_chainId") != NULL)
    {
      server->asked_chain++;
      answer
          = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT ",\"result\":\"%s\"}",
                             id, server->chain_id);
    }
  else
    {
      server->asked++;
      if (server->answer == NULL)
        {
          soup_server_message_pause (message);
          return;
        }
      answer = g_strdup_printf (server->answer, id);
    }
  soup_server_message_set_status (message, server->status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, answer,
                                    strlen (answer));
}

static void
server_start (Server *server, const char *answer)
{
  g_autoptr (GError) error = NULL;
  *server = (Server){ .chain_id = "0x7a69", .answer = answer, .status = 200 };
  server->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (server->server, NULL, on_request, server, NULL);
  soup_server_listen_local (server->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  GSList *uris = soup_server_get_uris (server->server);
  server->url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
}

static void
server_stop (Server *server)
{
  soup_server_disconnect (server->server);
  g_clear_object (&server->server);
  g_clear_pointer (&server->url, g_free);
}

#define RESULT "{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT ",\"result\":\"0x2a\"}"

/* ---- a call, waited for ---- */

typedef struct {
  bool is_done;
  unsigned destroyed;
  char *result;
  GError *error;
  SoukEthRpc *to_free;
} Answer;

static void
on_answer (JsonNode *result, const GError *error, gpointer data)
{
  Answer *answer = data;
  g_assert_false (answer->is_done);
  answer->is_done = true;
  answer->result = result != NULL ? g_strdup (json_node_get_string (result)) : NULL;
  answer->error = error != NULL ? g_error_copy (error) : NULL;
  if (answer->to_free != NULL)
    souk_eth_rpc_free (answer->to_free);
}

static void
on_destroy (gpointer data)
{
  ((Answer *)data)->destroyed++;
}

static SoukEthRpc *
rpc_to (const char *first, const char *second)
{
  const char *urls[] = { first, second, NULL };
  SoukEthRpcConfig config
      = { .urls = urls, .chain_id = 31337, .deadline_ms = 400, .answer_max = 4096 };
  g_autoptr (GError) error = NULL;
  SoukEthRpc *rpc = souk_eth_rpc_new (&config, &error);
  g_assert_no_error (error);
  return rpc;
}

static void
ask (SoukEthRpc *rpc, Answer *answer)
{
  souk_eth_rpc_call (rpc, "eth_blockNumber", "[]", on_answer, answer, on_destroy);
  g_assert_false (answer->is_done);
  while (!answer->is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (answer->destroyed, ==, 1);
}

static void
answer_clear (Answer *answer)
{
  g_free (answer->result);
  g_clear_error (&answer->error);
}

/* An address where nobody listens. */
static char *
dead_url (void)
{
  Server server;
  server_start (&server, RESULT);
  char *url = g_strdup (server.url);
  server_stop (&server);
  return url;
}

static void
an_endpoint_is_asked_for_its_chain_once (void)
{
  Server server;
  server_start (&server, RESULT);
  g_autoptr (SoukEthRpc) rpc = rpc_to (server.url, NULL);
  for (int i = 0; i < 3; i++)
    {
      Answer answer = { 0 };
      ask (rpc, &answer);
      g_assert_no_error (answer.error);
      g_assert_cmpstr (answer.result, ==, "0x2a");
      answer_clear (&answer);
    }
  g_assert_cmpuint (server.asked_chain, ==, 1);
  g_assert_cmpuint (server.asked, ==, 3);
  server_stop (&server);
}

/* Each kind of bad endpoint, then a good one: the answer comes, and the bad one is left alone after. */
static void
assert_second_is_taken (Server *bad, const char *url)
{
  Server good;
  server_start (&good, RESULT);
  g_autoptr (SoukEthRpc) rpc = rpc_to (url, good.url);
  unsigned after_first = 0;
  for (int i = 0; i < 2; i++)
    {
      Answer answer = { 0 };
      ask (rpc, &answer);
      g_assert_no_error (answer.error);
      g_assert_cmpstr (answer.result, ==, "0x2a");
      answer_clear (&answer);
      if (bad != NULL && i == 0)
        after_first = bad->asked + bad->asked_chain;
    }
  if (bad != NULL)
    g_assert_cmpuint (bad->asked + bad->asked_chain, ==, after_first);
  server_stop (&good);
}

static void
a_dead_endpoint_gives_way_to_the_next (void)
{
  g_autofree char *dead = dead_url ();
  assert_second_is_taken (NULL, dead);
}

static void
an_endpoint_of_another_chain_is_not_used (void)
{
  Server other;
  server_start (&other, RESULT);
  other.chain_id = "0x1";
  assert_second_is_taken (&other, other.url);
  g_assert_cmpuint (other.asked, ==, 0);
  server_stop (&other);
}

static void
rubbish_other_ids_and_http_errors_give_way_to_the_next (void)
{
  static const char *const answers[] = {
    "no json %" G_GUINT64_FORMAT,
    "[%" G_GUINT64_FORMAT "]",
    "{\"jsonrpc\":\"2.0\",\"id\":99%" G_GUINT64_FORMAT ",\"result\":\"0x1\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT "}",
    "{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT
    ",\"error\":{\"code\":-32005,\"message\":\"rate limit exceeded\"}}",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      Server bad;
      server_start (&bad, answers[i]);
      assert_second_is_taken (&bad, bad.url);
      server_stop (&bad);
    }
  Server down;
  server_start (&down, RESULT);
  down.status = 503;
  assert_second_is_taken (&down, down.url);
  server_stop (&down);
}

static void
an_endpoint_that_does_not_answer_in_time_gives_way (void)
{
  Server slow;
  server_start (&slow, NULL);
  assert_second_is_taken (&slow, slow.url);
  server_stop (&slow);
}

static void
without_an_endpoint_left_the_call_fails (void)
{
  g_autofree char *dead = dead_url ();
  g_autofree char *dead_too = dead_url ();
  g_autoptr (SoukEthRpc) rpc = rpc_to (dead, dead_too);
  Answer answer = { 0 };
  ask (rpc, &answer);
  g_assert_error (answer.error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE);
  answer_clear (&answer);
}

static void
an_answer_over_the_limit_is_an_error_of_its_own (void)
{
  Server big;
  g_autofree char *filling = g_strnfill (8000, 'f');
  g_autofree char *text
      = g_strconcat ("{\"id\":%" G_GUINT64_FORMAT ",\"result\":\"0x", filling, "\"}", NULL);
  server_start (&big, text);
  g_autoptr (SoukEthRpc) rpc = rpc_to (big.url, NULL);
  Answer answer = { 0 };
  ask (rpc, &answer);
  g_assert_error (answer.error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_TOO_LARGE);
  answer_clear (&answer);
  server_stop (&big);
}

static void
what_a_contract_refuses_comes_with_its_reason (void)
{
  Server server;
  server_start (&server, "{\"id\":%" G_GUINT64_FORMAT
                         ",\"error\":{\"code\":3,\"message\":\"execution reverted\","
                         "\"data\":\"0xc8ee2d1d\"}}");
  g_autoptr (SoukEthRpc) rpc = rpc_to (server.url, NULL);
  Answer answer = { 0 };
  ask (rpc, &answer);
  g_assert_error (answer.error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_REVERTED);
  g_assert_cmpint (souk_eth_error_code (answer.error), ==, 3);
  g_assert_cmpstr (souk_eth_error_revert (answer.error)->name, ==, "NotParty");
  answer_clear (&answer);
  server_stop (&server);
}

static void
a_cancelled_call_does_not_call_back (void)
{
  Server server;
  server_start (&server, RESULT);
  g_autoptr (SoukEthRpc) rpc = rpc_to (server.url, NULL);
  Answer dropped = { 0 };
  Answer answer = { 0 };
  guint64 ticket
      = souk_eth_rpc_call (rpc, "eth_blockNumber", "[]", on_answer, &dropped, on_destroy);
  souk_eth_rpc_cancel (rpc, ticket);
  g_assert_cmpuint (dropped.destroyed, ==, 1);
  ask (rpc, &answer);
  g_assert_false (dropped.is_done);
  answer_clear (&answer);
  server_stop (&server);
}

static void
a_callback_may_free_the_client_while_others_wait (void)
{
  Server server;
  server_start (&server, RESULT);
  SoukEthRpc *rpc = rpc_to (server.url, NULL);
  Answer first = { .to_free = rpc };
  Answer second = { 0 };
  souk_eth_rpc_call (rpc, "eth_blockNumber", "[]", on_answer, &first, on_destroy);
  souk_eth_rpc_call (rpc, "eth_blockNumber", "[]", on_answer, &second, on_destroy);
  while (first.destroyed == 0 || second.destroyed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (first.is_done);
  g_assert_false (second.is_done);
  answer_clear (&first);
  server_stop (&server);
}

static void
addresses_that_are_no_http_are_refused (void)
{
  static const char *const bad[] = { "file:///etc/passwd", "ws://127.0.0.1:1", "", "127.0.0.1" };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *urls[] = { bad[i], NULL };
      SoukEthRpcConfig config = { .urls = urls, .chain_id = 1 };
      g_autoptr (GError) error = NULL;
      g_assert_null (souk_eth_rpc_new (&config, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/eth/rpc/" name, func)
  ADD ("an-endpoint-is-asked-for-its-chain-once", an_endpoint_is_asked_for_its_chain_once);
  ADD ("a-dead-endpoint-gives-way-to-the-next", a_dead_endpoint_gives_way_to_the_next);
  ADD ("an-endpoint-of-another-chain-is-not-used", an_endpoint_of_another_chain_is_not_used);
  ADD ("rubbish-other-ids-and-http-errors-give-way-to-the-next",
       rubbish_other_ids_and_http_errors_give_way_to_the_next);
  ADD ("an-endpoint-that-does-not-answer-in-time-gives-way",
       an_endpoint_that_does_not_answer_in_time_gives_way);
  ADD ("without-an-endpoint-left-the-call-fails", without_an_endpoint_left_the_call_fails);
  ADD ("an-answer-over-the-limit-is-an-error-of-its-own",
       an_answer_over_the_limit_is_an_error_of_its_own);
  ADD ("what-a-contract-refuses-comes-with-its-reason",
       what_a_contract_refuses_comes_with_its_reason);
  ADD ("a-cancelled-call-does-not-call-back", a_cancelled_call_does_not_call_back);
  ADD ("a-callback-may-free-the-client-while-others-wait",
       a_callback_may_free_the_client_while_others_wait);
  ADD ("addresses-that-are-no-http-are-refused", addresses_that_are_no_http_are_refused);
  return g_test_run ();
}
