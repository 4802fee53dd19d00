/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From requests to rows of the command table.
 */
#include "api/request.h"

static void
assert_match (const char *method, const char *path, const char *name)
{
  g_autoptr (JsonObject) args = NULL;
  bool other;
  const SoukCommand *command = souk_request_match (method, path, &args, &other);
  if (name == NULL)
    {
      g_assert_null (command);
      return;
    }
  g_assert_nonnull (command);
  g_assert_cmpstr (command->name, ==, name);
  g_assert_nonnull (args);
}

static void
test_every_row_matches_its_own_path (void)
{
  size_t count;
  const SoukCommand *commands = souk_commands (&count);
  g_assert_cmpuint (count, >, 20);
  for (size_t i = 0; i < count; i++)
    assert_match (commands[i].method, commands[i].path, commands[i].name);
}

static void
test_literal_words_win (void)
{
  assert_match ("POST", "/prompts/upload", "prompt.upload");
  assert_match ("GET", "/prompts/upload", "prompt.show");
  assert_match ("GET", "/prompts", "prompt.list");
  assert_match ("GET", "/prompts/", NULL);
  assert_match ("GET", "/nothing", NULL);
  assert_match ("GET", "/prompts/a/b/c", NULL);
}

static void
test_path_arguments_are_decoded (void)
{
  g_autoptr (JsonObject) args = NULL;
  bool other;
  g_assert_nonnull (souk_request_match ("GET", "/prompts/a%20b/content", &args, &other));
  g_assert_cmpstr (json_object_get_string_member (args, "id"), ==, "a b");
}

static void
test_a_wrong_method_is_told_apart_from_a_wrong_path (void)
{
  g_autoptr (JsonObject) args = NULL;
  bool other;
  g_assert_null (souk_request_match ("PATCH", "/prompts", &args, &other));
  g_assert_true (other);
  g_assert_null (souk_request_match ("PATCH", "/nothing", &args, &other));
  g_assert_false (other);
}

static void
test_a_query_takes_the_table_s_types (void)
{
  const SoukCommand *command = souk_command_find ("prompt.list");
  g_autoptr (JsonObject) args = json_object_new ();
  g_assert_null (
      souk_request_add_query (command, "query=two+words&limit=5&mine=true&max_price=1.5", args));
  g_assert_cmpstr (json_object_get_string_member (args, "query"), ==, "two words");
  g_assert_cmpint (json_object_get_int_member (args, "limit"), ==, 5);
  g_assert_true (json_object_get_boolean_member (args, "mine"));
  g_assert_cmpstr (json_object_get_string_member (args, "max_price"), ==, "1.5");
}

static void
assert_problem (SoukProblem *problem, const char *code)
{
  g_autoptr (SoukProblem) owned = problem;
  g_assert_nonnull (owned);
  g_assert_cmpstr (owned->code, ==, code);
}

static void
test_a_bad_query_is_named (void)
{
  const SoukCommand *command = souk_command_find ("prompt.list");
  g_autoptr (JsonObject) args = json_object_new ();
  assert_problem (souk_request_add_query (command, "limit=many", args), "wrong-type");
  assert_problem (souk_request_add_query (command, "colour=red", args), "unknown-argument");
  assert_problem (souk_request_add_query (command, "mine=yes", args), "wrong-type");
  assert_problem (souk_request_add_query (command, "query=%zz", args), "bad-query");
}

static SoukProblem *
add_body (const char *text, JsonObject *args)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  return souk_request_add_body (souk_command_find ("prompt.purchase"), body, args);
}

static void
test_bodies (void)
{
  g_autoptr (JsonObject) args = json_object_new ();
  json_object_set_string_member (args, "id", "x");
  g_assert_null (add_body ("", args));
  g_assert_null (add_body ("{\"max_price\": \"2\"}", args));
  g_assert_cmpstr (json_object_get_string_member (args, "max_price"), ==, "2");
  assert_problem (add_body ("{\"id\": \"y\"}", args), "twice");
  assert_problem (add_body ("[1]", args), "bad-json");
  assert_problem (add_body ("{", args), "bad-json");
  assert_problem (add_body ("nonsense", args), "bad-json");
}

static void
test_a_bomb_of_brackets_is_refused (void)
{
  g_autoptr (JsonObject) args = json_object_new ();
  g_autofree char *bomb = g_strnfill (100000, '[');
  assert_problem (add_body (bomb, args), "bad-json");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api/request/every-row-matches-its-own-path",
                   test_every_row_matches_its_own_path);
  g_test_add_func ("/api/request/literal-words-win-over-arguments", test_literal_words_win);
  g_test_add_func ("/api/request/arguments-in-a-path-are-decoded", test_path_arguments_are_decoded);
  g_test_add_func ("/api/request/a-wrong-method-is-told-apart-from-a-wrong-path",
                   test_a_wrong_method_is_told_apart_from_a_wrong_path);
  g_test_add_func ("/api/request/a-query-takes-the-types-of-the-table",
                   test_a_query_takes_the_table_s_types);
  g_test_add_func ("/api/request/a-bad-query-is-named", test_a_bad_query_is_named);
  g_test_add_func ("/api/request/a-body-is-an-object-of-arguments", test_bodies);
  g_test_add_func ("/api/request/a-bomb-of-brackets-is-refused",
                   test_a_bomb_of_brackets_is_refused);
  return g_test_run ();
}
