/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/murmur3.h"

#include "support.h"

static void
test_vectors (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *cases = json_object_get_array_member (vectors, "murmur3");
  g_assert_cmpuint (json_array_get_length (cases), >, 0);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      const char *text = json_object_get_string_member (one, "text");
      g_autofree char *hash = g_strdup_printf ("%016" G_GINT64_MODIFIER "x",
                                               souk_murmur3_x64_64 (souk_slice_from_text (text)));
      g_assert_cmpstr (hash, ==, json_object_get_string_member (one, "hash"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/murmur3/hashes-as-other-programs-do", test_vectors);
  return g_test_run ();
}
