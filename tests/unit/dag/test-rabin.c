/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/rabin.h"

#include "dag/unixfs-builder.h"

#include "support.h"

#include <string.h>

static SoukRabinOptions
options_of (JsonObject *vector)
{
  return (SoukRabinOptions){
    .min = (size_t)json_object_get_int_member (vector, "min"),
    .avg = (size_t)json_object_get_int_member (vector, "avg"),
    .max = (size_t)json_object_get_int_member (vector, "max"),
  };
}

/* Scans in pieces and writes the sizes down. Returns: how many chunks there were. */
static unsigned
scan_all (SoukRabin *rabin, SoukSlice in, size_t piece, GString *sizes)
{
  unsigned count = 0;
  size_t chunk = 0;
  while (in.len > 0)
    {
      bool is_cut;
      size_t taken = souk_rabin_scan (rabin, souk_slice (in.data, MIN (piece, in.len)), &is_cut);
      in = souk_slice (in.data + taken, in.len - taken);
      chunk += taken;
      if (!is_cut && in.len > 0)
        continue;
      g_string_append_printf (sizes, "%s%" G_GSIZE_FORMAT, count > 0 ? "," : "", chunk);
      chunk = 0;
      count++;
    }
  return count;
}

static GBytes *
input_of (JsonObject *vector)
{
  size_t size = (size_t)json_object_get_int_member (vector, "size");
  uint8_t *data = g_malloc (size);
  SoukTestStream stream;
  souk_test_stream_init (&stream, json_object_get_string_member (vector, "pattern"));
  souk_test_stream_fill (&stream, data, size);
  return g_bytes_new_take (data, size);
}

static void
test_vectors (void)
{
  static const size_t pieces[] = { SIZE_MAX, 65536, 1000, 7 };
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *cases = json_object_get_array_member (vectors, "rabin");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    for (size_t p = 0; p < G_N_ELEMENTS (pieces); p++)
      {
        JsonObject *one = json_array_get_object_element (cases, i);
        g_autoptr (GBytes) input = input_of (one);
        g_autoptr (GString) sizes = g_string_new (NULL);
        SoukRabin *rabin = souk_rabin_new (options_of (one));
        unsigned count = scan_all (rabin, souk_slice_from_bytes (input), pieces[p], sizes);
        souk_rabin_free (rabin);
        g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sizes->str, -1);
        g_assert_cmpint (count, ==, json_object_get_int_member (one, "chunks"));
        g_assert_cmpstr (hash, ==, json_object_get_string_member (one, "sizes_sha256"));
      }
}

static void
test_roots (void)
{
  g_autoptr (JsonObject) vectors = souk_test_vectors ("unixfs.json");
  JsonArray *cases = json_object_get_array_member (vectors, "rabin");
  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);
      g_autoptr (GBytes) input = input_of (one);
      SoukUnixfsOptions options = SOUK_UNIXFS_KUBO_V1;
      options.rabin = options_of (one);
      g_autoptr (SoukUnixfsBuilder) builder = souk_unixfs_builder_new (options);
      SoukSlice in = souk_slice_from_bytes (input);
      SoukDagBlock block;
      SoukDagRoot root;
      while (in.len > 0)
        {
          size_t taken = souk_unixfs_builder_feed (builder, in);
          in = souk_slice (in.data + taken, in.len - taken);
          while (souk_unixfs_builder_next (builder, &block))
            g_bytes_unref (block.bytes);
        }
      souk_unixfs_builder_finish (builder);
      g_assert_true (souk_unixfs_builder_root (builder, &root));
      g_autofree char *cid = souk_cid_to_string (&root.cid);
      g_assert_cmpstr (cid, ==, json_object_get_string_member (one, "cid"));
    }
}

/* The sense of it all: what stands behind an insertion is cut as before. */
static void
test_insertion (void)
{
  enum { SIZE = 512 * 1024, AT = 100000 };
  uint8_t *data = g_malloc (SIZE);
  SoukTestStream stream;
  souk_test_stream_init (&stream, "random");
  souk_test_stream_fill (&stream, data, SIZE);
  g_autofree char *longer = g_malloc (SIZE + 1);
  memcpy (longer, data, AT);
  longer[AT] = 'x';
  memcpy (longer + AT + 1, data + AT, SIZE - AT);

  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);
  SoukRabinOptions options = SOUK_RABIN_OF_AVERAGE ((size_t)4096);
  SoukRabin *rabin = souk_rabin_new (options);
  scan_all (rabin, souk_slice (data, SIZE), SIZE, before);
  souk_rabin_free (rabin);
  rabin = souk_rabin_new (options);
  scan_all (rabin, souk_slice (longer, SIZE + 1), SIZE + 1, after);
  souk_rabin_free (rabin);
  g_free (data);
  /* The last half of the list is the same. */
  g_assert_true (g_str_has_suffix (after->str, before->str + before->len / 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/rabin/cuts-where-other-programs-do-whatever-the-pieces", test_vectors);
  g_test_add_func ("/dag/rabin/files-have-the-roots-of-other-programs", test_roots);
  g_test_add_func ("/dag/rabin/an-insertion-moves-few-cuts", test_insertion);
  return g_test_run ();
}
