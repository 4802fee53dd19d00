/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"

#include "support.h"

#include <string.h>

static void
test_table (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (int i = 0; i < SOUK_STATUS_COUNT; i++)
    {
      SoukStatus status = (SoukStatus)i;
      const char *name = souk_status_name (status);
      const char *sentence = souk_status_sentence (status);
      g_assert_true (g_hash_table_add (names, (char *)name));
      for (const char *at = name; *at; at++)
        g_assert_true (g_ascii_islower (*at) || g_ascii_isdigit (*at) || *at == '-');
      g_assert_true (g_ascii_isupper (sentence[0]));
      g_assert_cmpint (sentence[strlen (sentence) - 1], ==, '.');
      g_assert_cmpint (souk_status_penalty (status), >=, 0);
      g_assert_cmpint (souk_status_penalty (status), <=, 100);
      if (souk_status_fault (status) != SOUK_FAULT_PEER)
        g_assert_cmpint (souk_status_penalty (status), ==, 0);
    }
  g_assert_cmpint (SOUK_STATUS_OK, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/status/each-row-has-a-name-of-its-own-and-a-sentence", test_table);
  return g_test_run ();
}
