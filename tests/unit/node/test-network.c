/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Network files.
 */
#include "network.h"

#include <glib/gstdio.h>
#include <string.h>

#define GOOD                                                                                       \
  "{\"name\": \"test\", \"coin\": \"ETH\", \"chain_id\": 31337, "                                  \
  "\"rpc_urls\": [\"http://127.0.0.1:8545\"], "                                                    \
  "\"marketplace\": \"0x700b6A60ce7EaaEA56F065753d8dcB9653dbAD35\", "                              \
  "\"rental\": \"0xA15BB66138824a1c7167f5E85b957d04Dd34E468\", "                                   \
  "\"confirmations\": 2, \"poll_ms\": 500, \"bootstrap\": []}"

/* Loads `text` as a network file. */
static SoukNetwork *
load (const char *text, GError **error)
{
  g_autofree char *dir = g_dir_make_tmp ("souk-network-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "net.json", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  SoukNetwork *network = souk_network_load (path, error);
  g_unlink (path);
  g_rmdir (dir);
  return network;
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SoukNetwork) network = load (GOOD, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (network->name, ==, "test");
  g_assert_cmpstr (network->coin, ==, "ETH");
  g_assert_cmpuint (network->chain_id, ==, 31337);
  g_assert_cmpuint (network->confirmations, ==, 2);
  g_assert_cmpstr (network->rpc_urls[0], ==, "http://127.0.0.1:8545");
  g_assert_false (souk_address_is_zero (&network->rental));
}

/* Replaces `from` by `to` in the good file; the error must name the member. */
static void
assert_refused (const char *from, const char *to, const char *member)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (GOOD);
  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  g_assert_null (load (text->str, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, member));
}

static void
test_bad (void)
{
  assert_refused ("\"name\": \"test\"", "\"name\": 7", "name");
  assert_refused ("\"ETH\"", "\"NINE LETTERS\"", "coin");
  assert_refused ("31337", "0", "chain_id");
  assert_refused ("31337", "\"31337\"", "chain_id");
  assert_refused ("[\"http://127.0.0.1:8545\"]", "[]", "rpc_urls");
  assert_refused ("[\"http://127.0.0.1:8545\"]", "[1]", "rpc_urls");
  assert_refused ("0x700b6A60ce7EaaEA56F065753d8dcB9653dbAD35",
                  "0x700b6a60ce7EaaEA56F065753d8dcB9653dbAD35", "marketplace");
  assert_refused ("0xA15BB66138824a1c7167f5E85b957d04Dd34E468",
                  "0x0000000000000000000000000000000000000000", "rental");
  assert_refused ("\"confirmations\": 2", "\"confirmations\": 0", "confirmations");
  assert_refused ("500", "1", "poll_ms");
  assert_refused (", \"bootstrap\": []", "", "bootstrap");
}

static void
test_missing (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (souk_network_load ("/nonexistent/net.json", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/net.json"));
  g_clear_error (&error);
  g_assert_null (souk_network_load ("no-such-network", &error));
  g_assert_nonnull (strstr (error->message, "no-such-network"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/a-whole-file-is-read", test_good);
  g_test_add_func ("/network/what-is-wrong-is-named", test_bad);
  g_test_add_func ("/network/a-file-that-is-not-there-is-named", test_missing);
  return g_test_run ();
}
