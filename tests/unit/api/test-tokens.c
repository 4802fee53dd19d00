/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bearer tokens on disk.
 */
#include "api/tokens.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  char *dir;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("souk-tokens-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "tokens.json", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_rmdir (fixture->dir);
  g_free (fixture->path);
  g_free (fixture->dir);
}

static void
test_a_token_survives_a_restart (Fixture *fixture, gconstpointer data)
{
  unsigned scopes = 0;
  struct stat info;
  g_autofree char *content = NULL;
  SoukTokens *tokens = souk_tokens_open (fixture->path, NULL);
  g_autofree char *token = souk_tokens_create (tokens, "test", 5, NULL);
  g_assert_nonnull (token);
  souk_tokens_free (tokens);

  /* The file holds a hash alone, for its owner alone. */
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (fixture->path, &content, NULL, NULL));
  g_assert_null (strstr (content, token));

  tokens = souk_tokens_open (fixture->path, NULL);
  g_assert_cmpint (souk_tokens_check (tokens, token, 0, &scopes), ==, SOUK_TOKEN_OK);
  g_assert_cmpuint (scopes, ==, 5);
  g_assert_cmpint (souk_tokens_check (tokens, "guess", 0, &scopes), ==, SOUK_TOKEN_UNKNOWN);
  souk_tokens_free (tokens);
}

static void
test_a_guesser_is_locked_out_for_a_minute (Fixture *fixture, gconstpointer data)
{
  unsigned scopes;
  SoukTokens *tokens = souk_tokens_open (fixture->path, NULL);
  g_autofree char *token = souk_tokens_create (tokens, "test", 1, NULL);
  gint64 now = 1000 * G_USEC_PER_SEC;
  for (int i = 0; i < SOUK_TOKEN_FAILURES_MAX; i++)
    g_assert_cmpint (souk_tokens_check (tokens, "guess", now, &scopes), ==, SOUK_TOKEN_UNKNOWN);
  g_assert_cmpint (souk_tokens_check (tokens, token, now, &scopes), ==, SOUK_TOKEN_LOCKED_OUT);
  now += 61 * G_USEC_PER_SEC;
  g_assert_cmpint (souk_tokens_check (tokens, token, now, &scopes), ==, SOUK_TOKEN_OK);
  souk_tokens_free (tokens);
}

static void
test_a_broken_file_is_an_error (Fixture *fixture, gconstpointer data)
{
  static const char *const broken[] = { "{}", "[1]", "[{\"name\": \"x\"}]", "nonsense" };
  for (size_t i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (g_file_set_contents (fixture->path, broken[i], -1, NULL));
      g_assert_null (souk_tokens_open (fixture->path, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/api/tokens/a-token-survives-a-restart-and-its-file-holds-only-a-hash", Fixture,
              NULL, set_up, test_a_token_survives_a_restart, tear_down);
  g_test_add ("/api/tokens/a-guesser-is-locked-out-for-a-minute", Fixture, NULL, set_up,
              test_a_guesser_is_locked_out_for_a_minute, tear_down);
  g_test_add ("/api/tokens/a-broken-file-is-an-error-and-no-empty-list", Fixture, NULL, set_up,
              test_a_broken_file_is_an_error, tear_down);
  return g_test_run ();
}
