/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/car.h"

#include "support.h"

#include <string.h>

/* What came out of an archive. */
typedef struct {
  GArray *roots; /* of SoukCid */
  GArray *cids;  /* likewise, of the blocks */
  GArray *sizes; /* of size_t */
  unsigned heads;
} Content;

static void
content_init (Content *self)
{
  self->roots = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  self->cids = g_array_new (FALSE, FALSE, sizeof (SoukCid));
  self->sizes = g_array_new (FALSE, FALSE, sizeof (size_t));
  self->heads = 0;
}

static void
content_done (Content *self)
{
  g_array_unref (self->roots);
  g_array_unref (self->cids);
  g_array_unref (self->sizes);
}

static void
pull (SoukCarReader *reader, Content *content)
{
  SoukCarEvent event;
  while (souk_car_reader_next (reader, &event))
    switch (event.type)
      {
      case SOUK_CAR_HEADER:
        content->heads++;
        if (event.n_roots > 0)
          g_array_append_vals (content->roots, event.roots, (guint)event.n_roots);
        break;
        case SOUK_CAR_BLOCK: {
          size_t size = g_bytes_get_size (event.block);
          g_array_append_val (content->cids, event.cid);
          g_array_append_val (content->sizes, size);
          g_bytes_unref (event.block);
          break;
        }
      }
}

/* Reads an archive in pieces. Returns: how it ended. */
static SoukStatus
read_all (SoukSlice in, size_t piece, Content *content, unsigned *out_version)
{
  g_autoptr (SoukCarReader) reader = souk_car_reader_new ();
  while (in.len > 0)
    {
      size_t taken = souk_car_reader_feed (reader, souk_slice (in.data, MIN (piece, in.len)));
      in = souk_slice (in.data + taken, in.len - taken);
      pull (reader, content);
    }
  if (out_version)
    *out_version = souk_car_reader_version (reader);
  return souk_car_reader_finish (reader);
}

static void
check_archive (JsonObject *one, size_t piece)
{
  g_autoptr (GBytes) bytes = souk_test_member_hex (one, "hex");
  JsonArray *roots = json_object_get_array_member (one, "roots");
  JsonArray *blocks = json_object_get_array_member (one, "blocks");
  Content content;
  unsigned version;
  content_init (&content);
  souk_assert_status (read_all (souk_slice_from_bytes (bytes), piece, &content, &version), OK);
  g_assert_cmpint (version, ==, json_object_get_int_member (one, "version"));
  g_assert_cmpuint (content.heads, ==, 1);
  g_assert_cmpuint (content.roots->len, ==, json_array_get_length (roots));
  g_assert_cmpuint (content.cids->len, ==, json_array_get_length (blocks));
  for (guint i = 0; i < content.roots->len; i++)
    {
      g_autofree char *cid = souk_cid_to_string (&g_array_index (content.roots, SoukCid, i));
      g_assert_cmpstr (cid, ==, json_array_get_string_element (roots, i));
    }
  for (guint i = 0; i < content.cids->len; i++)
    {
      JsonObject *block = json_array_get_object_element (blocks, i);
      g_autofree char *cid = souk_cid_to_string (&g_array_index (content.cids, SoukCid, i));
      g_assert_cmpstr (cid, ==, json_object_get_string_member (block, "cid"));
      g_assert_cmpint (g_array_index (content.sizes, size_t, i), ==,
                       json_object_get_int_member (block, "size"));
    }
  content_done (&content);
}

static void
test_vectors (void)
{
  static const size_t pieces[] = { SIZE_MAX, 100, 7, 1 };
  g_autoptr (JsonObject) vectors = souk_test_vectors ("car.json");
  JsonArray *archives = json_object_get_array_member (vectors, "archives");
  for (guint i = 0; i < json_array_get_length (archives); i++)
    for (size_t p = 0; p < G_N_ELEMENTS (pieces); p++)
      check_archive (json_array_get_object_element (archives, i), pieces[p]);
}

/* Writes the archive of these texts, of which the first is the root. */
static GByteArray *
write_archive (const char *const *texts, size_t len)
{
  GByteArray *out = g_byte_array_new ();
  SoukCid root = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_text (texts[0]));
  souk_car_append_header (out, &root, 1);
  for (size_t i = 0; i < len; i++)
    {
      SoukSlice block = souk_slice_from_text (texts[i]);
      SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, block);
      souk_car_append_section (out, &cid, block.len);
      souk_append (out, block);
    }
  return out;
}

static void
test_round_trip (void)
{
  static const char *const texts[] = { "one", "", "three" };
  g_autoptr (GByteArray) archive = write_archive (texts, 3);
  Content content;
  content_init (&content);
  souk_assert_status (read_all (souk_slice_from_array (archive), 5, &content, NULL), OK);
  g_assert_cmpuint (content.cids->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, souk_slice_from_text (texts[i]));
      g_assert_true (souk_cid_is_equal (&cid, &g_array_index (content.cids, SoukCid, i)));
    }
  content_done (&content);
}

/* Many roots have longer numbers in the header. */
static void
test_many_roots (void)
{
  static const unsigned counts[] = { 0, 23, 24, 256, SOUK_CAR_ROOTS_MAX };
  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (GByteArray) out = g_byte_array_new ();
      g_autofree SoukCid *roots = g_new (SoukCid, counts[i] + 1);
      Content content;
      for (unsigned r = 0; r < counts[i]; r++)
        roots[r] = souk_cid_of (SOUK_CODEC_RAW, souk_slice (&r, sizeof r));
      souk_car_append_header (out, roots, counts[i]);
      content_init (&content);
      souk_assert_status (read_all (souk_slice_from_array (out), SIZE_MAX, &content, NULL), OK);
      g_assert_cmpuint (content.roots->len, ==, counts[i]);
      for (unsigned r = 0; r < counts[i]; r++)
        g_assert_true (souk_cid_is_equal (&roots[r], &g_array_index (content.roots, SoukCid, r)));
      content_done (&content);
    }
}

/* Wherever it is cut but between two sections, it is cut off. */
static void
test_cut_off (void)
{
  static const char *const texts[] = { "one", "two" };
  g_autoptr (GByteArray) archive = write_archive (texts, 2);
  unsigned whole = 0;
  for (size_t len = 0; len <= archive->len; len++)
    {
      Content content;
      content_init (&content);
      SoukStatus status = read_all (souk_slice (archive->data, len), SIZE_MAX, &content, NULL);
      g_assert_true (status == SOUK_STATUS_OK || status == SOUK_STATUS_CUT_OFF);
      whole += status == SOUK_STATUS_OK;
      content_done (&content);
    }
  g_assert_cmpuint (whole, ==, 3);
}

static SoukStatus
status_of_hex (const char *hex)
{
  g_autoptr (GBytes) bytes = souk_test_hex (hex);
  Content content;
  content_init (&content);
  SoukStatus status = read_all (souk_slice_from_bytes (bytes), SIZE_MAX, &content, NULL);
  content_done (&content);
  return status;
}

#define V1_EMPTY "11a265726f6f7473806776657273696f6e01"
#define V2 "0aa16776657273696f6e02"
#define ZERO_16 "00000000000000000000000000000000"

static void
test_refuses (void)
{
  souk_assert_status (status_of_hex (V1_EMPTY), OK);
  /* Another version, no roots, a key twice, an unknown key, a number in a longer form. */
  souk_assert_status (status_of_hex ("11a265726f6f7473806776657273696f6e03"), UNSUPPORTED);
  souk_assert_status (status_of_hex ("0aa16776657273696f6e01"), BAD_ENCODING);
  souk_assert_status (status_of_hex ("13a26776657273696f6e016776657273696f6e01"), BAD_ENCODING);
  souk_assert_status (status_of_hex ("13a365726f6f7473806776657273696f6e016101"), BAD_ENCODING);
  souk_assert_status (status_of_hex ("12a265726f6f747398006776657273696f6e01"), BAD_ENCODING);
  /* Sizes: nothing, too much, no number. */
  souk_assert_status (status_of_hex ("00"), BAD_ENCODING);
  souk_assert_status (status_of_hex ("ffffff7f"), TOO_LARGE);
  souk_assert_status (status_of_hex ("ffffffffffffffffffff"), BAD_VARINT);
  souk_assert_status (status_of_hex (V1_EMPTY "00"), BAD_ENCODING);
  souk_assert_status (status_of_hex (V1_EMPTY "ffffff7f"), TOO_LARGE);
  souk_assert_status (status_of_hex (V1_EMPTY "0401550012"), BAD_CID);
  /* A block that its CID does not name. */
  souk_assert_status (status_of_hex (V1_EMPTY "25015512200000000000000000000000000000000000000000"
                                              "00000000000000000000000000"),
                      BAD_BLOCK);
}

static void
test_refuses_v2 (void)
{
  /* Data within the header, of no size, beyond 64 bits, far away; an index within the data. */
  souk_assert_status (status_of_hex (V2 ZERO_16 "3200000000000000"
                                                "1200000000000000"
                                                "0000000000000000" V1_EMPTY),
                      BAD_ENCODING);
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000000"
                                                "0000000000000000"
                                                "0000000000000000" V1_EMPTY),
                      BAD_ENCODING);
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000000"
                                                "ffffffffffffffff"
                                                "0000000000000000" V1_EMPTY),
                      BAD_ENCODING);
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000010"
                                                "1200000000000000"
                                                "0000000000000000" V1_EMPTY),
                      TOO_LARGE);
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000000"
                                                "1200000000000000"
                                                "4400000000000000" V1_EMPTY),
                      BAD_ENCODING);
  /* An archive of version 2 within one; a section that leaves the data. */
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000000"
                                                "1200000000000000"
                                                "0000000000000000" V2),
                      UNSUPPORTED);
  souk_assert_status (status_of_hex (V2 ZERO_16 "3300000000000000"
                                                "1300000000000000"
                                                "0000000000000000" V1_EMPTY "0401550000"),
                      CUT_OFF);
  /* Good: padding in front, an index behind. */
  souk_assert_status (status_of_hex (V2 ZERO_16 "3500000000000000"
                                                "1200000000000000"
                                                "4700000000000000"
                                                "abcd" V1_EMPTY "ffffff"),
                      OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/car/archives-of-other-programs-are-read-whatever-the-pieces",
                   test_vectors);
  g_test_add_func ("/dag/car/what-is-written-is-read", test_round_trip);
  g_test_add_func ("/dag/car/a-header-may-have-many-roots-or-none", test_many_roots);
  g_test_add_func ("/dag/car/an-archive-ends-between-two-blocks-or-is-cut-off", test_cut_off);
  g_test_add_func ("/dag/car/what-is-malformed-is-refused", test_refuses);
  g_test_add_func ("/dag/car/the-offsets-of-version-2-must-fit-together", test_refuses_v2);
  return g_test_run ();
}
