/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Commands that run: checks of arguments, answers, events.
 */
#include "api/call.h"
#include "api/openapi.h"

typedef struct {
  int replies;
  char *code; /* of the last problem */
  int status;
} Answer;

static void
on_done (JsonNode *reply, GBytes *bytes, const SoukProblem *problem, gpointer user_data)
{
  Answer *answer = user_data;
  answer->replies++;
  g_clear_pointer (&answer->code, g_free);
  answer->code = problem != NULL ? g_strdup (problem->code) : NULL;
  answer->status = problem != NULL ? problem->status : 200;
}

static void
reply_at_once (SoukCall *call, gpointer user_data)
{
  int *runs = user_data;
  *runs += 1;
  souk_call_reply_done (call);
}

static void
keep_call (SoukCall *call, gpointer user_data)
{
  *(SoukCall **)user_data = call;
}

static JsonObject *
args_of (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  return json_object_ref (json_node_get_object (node));
}

static void
assert_refused (const char *args_text, unsigned scopes, const char *code)
{
  int runs = 0;
  Answer answer = { 0 };
  SoukDispatch *dispatch = souk_dispatch_new ();
  g_autoptr (JsonObject) args = args_of (args_text);
  souk_dispatch_bind (dispatch, "prompt.purchase", reply_at_once, &runs);
  souk_dispatch_call (dispatch, "prompt.purchase", args, NULL, scopes, on_done, &answer);
  g_assert_cmpint (answer.replies, ==, 1);
  g_assert_cmpstr (answer.code, ==, code);
  g_assert_cmpint (runs, ==, code == NULL ? 1 : 0);
  g_free (answer.code);
  souk_dispatch_free (dispatch);
}

static void
test_arguments_are_checked_before_the_handler_runs (void)
{
  assert_refused ("{\"id\": \"x\"}", SOUK_SCOPE_ALL, NULL);
  assert_refused ("{\"id\": \"x\"}", SOUK_SCOPE_SPEND, NULL);
  assert_refused ("{}", SOUK_SCOPE_ALL, "missing-argument");
  assert_refused ("{\"id\": 7}", SOUK_SCOPE_ALL, "wrong-type");
  assert_refused ("{\"id\": \"x\", \"colour\": \"red\"}", SOUK_SCOPE_ALL, "unknown-argument");
}

static void
test_a_scope_that_is_not_given_is_refused (void)
{
  assert_refused ("{\"id\": \"x\"}", SOUK_SCOPE_READ | SOUK_SCOPE_OPERATE, "scope");
}

static void
test_an_unknown_command_is_answered (void)
{
  Answer answer = { 0 };
  SoukDispatch *dispatch = souk_dispatch_new ();
  souk_dispatch_call (dispatch, "no.such", NULL, NULL, SOUK_SCOPE_ALL, on_done, &answer);
  g_assert_cmpint (answer.status, ==, 404);
  g_free (answer.code);
  souk_dispatch_free (dispatch);
}

static void
test_calls_without_an_answer_end_with_the_node (void)
{
  Answer answer = { 0 };
  SoukCall *kept = NULL;
  SoukDispatch *dispatch = souk_dispatch_new ();
  souk_dispatch_bind (dispatch, "node.status", keep_call, &kept);
  souk_dispatch_call (dispatch, "node.status", NULL, NULL, SOUK_SCOPE_ALL, on_done, &answer);
  g_assert_nonnull (kept);
  g_assert_cmpint (answer.replies, ==, 0);
  souk_dispatch_free (dispatch);
  g_assert_cmpint (answer.replies, ==, 1);
  g_assert_cmpstr (answer.code, ==, "stopping");
  g_free (answer.code);
}

static void
count_event (JsonObject *event, gpointer user_data)
{
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "test.event");
  g_assert_true (json_object_has_member (event, "time"));
  *(int *)user_data += 1;
}

static void
test_events_reach_every_subscriber_until_it_leaves (void)
{
  int first = 0, second = 0;
  SoukDispatch *dispatch = souk_dispatch_new ();
  guint id = souk_dispatch_subscribe (dispatch, count_event, &first);
  souk_dispatch_subscribe (dispatch, count_event, &second);
  souk_dispatch_emit (dispatch, "test.event", json_object_new ());
  souk_dispatch_unsubscribe (dispatch, id);
  souk_dispatch_emit (dispatch, "test.event", json_object_new ());
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (second, ==, 2);
  souk_dispatch_free (dispatch);
}

static void
test_openapi_has_every_row_and_every_reference (void)
{
  size_t count;
  const SoukCommand *commands = souk_commands (&count);
  g_autoptr (JsonNode) document = souk_openapi_document ("1.2.3");
  JsonObject *root = json_node_get_object (document);
  JsonObject *paths = json_object_get_object_member (root, "paths");
  JsonObject *schemas = json_object_get_object_member (
      json_object_get_object_member (root, "components"), "schemas");
  for (size_t i = 0; i < count; i++)
    {
      g_autofree char *method = g_ascii_strdown (commands[i].method, -1);
      JsonObject *path = json_object_get_object_member (paths, commands[i].path);
      g_assert_nonnull (path);
      JsonObject *operation = json_object_get_object_member (path, method);
      g_assert_cmpstr (json_object_get_string_member (operation, "operationId"), ==,
                       commands[i].name);
      if (commands[i].reply != NULL)
        g_assert_true (json_object_has_member (schemas, commands[i].reply->name));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api/call/arguments-are-checked-before-the-handler-runs",
                   test_arguments_are_checked_before_the_handler_runs);
  g_test_add_func ("/api/call/a-scope-that-is-not-given-is-refused",
                   test_a_scope_that_is_not_given_is_refused);
  g_test_add_func ("/api/call/an-unknown-command-is-answered", test_an_unknown_command_is_answered);
  g_test_add_func ("/api/call/calls-without-an-answer-end-with-the-node",
                   test_calls_without_an_answer_end_with_the_node);
  g_test_add_func ("/api/call/events-reach-every-subscriber-until-it-leaves",
                   test_events_reach_every_subscriber_until_it_leaves);
  g_test_add_func ("/api/openapi/has-every-row-and-every-reference",
                   test_openapi_has_every_row_and_every_reference);
  return g_test_run ();
}
