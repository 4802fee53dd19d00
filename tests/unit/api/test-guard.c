/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may speak to the API over TCP.
 */
#include "api/guard.h"

#include <glib.h>

static void
test_loopback_hosts (void)
{
  g_assert_true (souk_guard_host_is_loopback ("127.0.0.1:8080", 8080));
  g_assert_true (souk_guard_host_is_loopback ("LocalHost:8080", 8080));
  g_assert_true (souk_guard_host_is_loopback ("[::1]:8080", 8080));
  g_assert_true (souk_guard_host_is_loopback ("localhost", 80));
}

static void
test_other_hosts (void)
{
  /* What DNS rebinding sends: the attacker's own name with the right port. */
  g_assert_false (souk_guard_host_is_loopback ("evil.example:8080", 8080));
  g_assert_false (souk_guard_host_is_loopback ("localhost.evil.example:8080", 8080));
  g_assert_false (souk_guard_host_is_loopback ("127.0.0.1.evil.example:8080", 8080));
  g_assert_false (souk_guard_host_is_loopback ("127.0.0.1:8081", 8080));
  g_assert_false (souk_guard_host_is_loopback ("localhost", 8080));
  g_assert_false (souk_guard_host_is_loopback ("", 8080));
  g_assert_false (souk_guard_host_is_loopback (NULL, 8080));
}

static void
test_origins (void)
{
  g_assert_true (souk_guard_origin_is_own (NULL, 8080));
  g_assert_true (souk_guard_origin_is_own ("http://127.0.0.1:8080", 8080));
  g_assert_false (souk_guard_origin_is_own ("null", 8080));
  g_assert_false (souk_guard_origin_is_own ("https://127.0.0.1:8080", 8080));
  g_assert_false (souk_guard_origin_is_own ("http://evil.example", 8080));
  g_assert_false (souk_guard_origin_is_own ("http://localhost:3000", 8080));
}

static void
test_content_types (void)
{
  g_assert_true (souk_guard_content_type_is ("application/json", "application/json"));
  g_assert_true (
      souk_guard_content_type_is ("Application/JSON; charset=utf-8", "application/json"));
  g_assert_false (souk_guard_content_type_is ("application/jsonx", "application/json"));
  g_assert_false (souk_guard_content_type_is ("text/plain", "application/json"));
  g_assert_false (souk_guard_content_type_is (NULL, "application/json"));
}

static void
test_bearer (void)
{
  g_assert_cmpstr (souk_guard_bearer ("Bearer abc"), ==, "abc");
  g_assert_cmpstr (souk_guard_bearer ("bearer abc"), ==, "abc");
  g_assert_null (souk_guard_bearer ("Basic abc"));
  g_assert_null (souk_guard_bearer ("Bearer "));
  g_assert_null (souk_guard_bearer (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/api/guard/loopback-names-with-the-port-come-in", test_loopback_hosts);
  g_test_add_func ("/api/guard/every-other-name-stays-out", test_other_hosts);
  g_test_add_func ("/api/guard/only-the-api's-own-origin-comes-in", test_origins);
  g_test_add_func ("/api/guard/content-types-are-compared-without-their-parameters",
                   test_content_types);
  g_test_add_func ("/api/guard/a-bearer-token-is-what-follows-the-word", test_bearer);
  return g_test_run ();
}
