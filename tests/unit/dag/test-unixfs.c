/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dag/unixfs.h"

#include "support.h"
#include "wire/message.h"
#include "wire/unixfs.pb-c.h"

static SoukStatus
decode (SoukSlice block, SoukUnixfsNode *out)
{
  SoukCid cid = souk_cid_of (SOUK_CODEC_DAG_PB, block);
  return souk_unixfs_node_decode (&cid, block, out);
}

/* A node whose data field is the given hexadecimal, over `links` equal links. */
static SoukStatus
decode_data (const char *data_hex, int links, SoukUnixfsNode *out, GByteArray *block)
{
  g_autoptr (GBytes) data = souk_test_hex (data_hex);
  SoukCid child = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("x"));
  for (int i = 0; i < links; i++)
    souk_dag_pb_append_link (block, &child, SOUK_SLICE_EMPTY, 1);
  souk_dag_pb_append_data (block, souk_slice_from_bytes (data));
  return decode (souk_slice_from_array (block), out);
}

static void
test_against_generated (void)
{
  uint64_t sizes[] = { 1, 300, 0 };
  g_autoptr (GByteArray) field = g_byte_array_new ();
  souk_unixfs_append_file (field, SOUK_SLICE_LITERAL ("inline"), 307, sizes, 3, NULL);

  Unixfs__Data data = UNIXFS__DATA__INIT;
  data.type = UNIXFS__DATA__DATA_TYPE__File;
  data.has_data = TRUE;
  data.data = souk_field_from_slice (SOUK_SLICE_LITERAL ("inline"));
  data.has_filesize = TRUE;
  data.filesize = 307;
  data.n_blocksizes = 3;
  data.blocksizes = sizes;
  g_autoptr (GBytes) packed = souk_message_pack (&data);
  g_autoptr (GByteArray) want = g_byte_array_new ();
  souk_dag_pb_append_data (want, souk_slice_from_bytes (packed));
  g_assert_cmpmem (field->data, field->len, want->data, want->len);
}

static void
test_reads_both_forms_of_sizes (void)
{
  static const char *const forms[] = { "0802180320012002",
                                       "08021803220"
                                       "20102",
                                       "180320010802220102", "0802180320012002380145deadbeef" };
  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      SoukUnixfsNode node;
      g_autoptr (GByteArray) block = g_byte_array_new ();
      souk_assert_status (decode_data (forms[i], 2, &node, block), OK);
      g_assert_cmpuint (node.file_size, ==, 3);
      g_assert_cmpuint (node.sizes->len, ==, 2);
      g_assert_cmpuint (g_array_index (node.sizes, uint64_t, 0), ==, 1);
      g_assert_cmpuint (g_array_index (node.sizes, uint64_t, 1), ==, 2);
      souk_unixfs_node_done (&node);
    }
}

static void
test_refuses (void)
{
  static const struct {
    const char *data;
    int links;
    SoukStatus status;
  } cases[] = {
    { "080218032001", 2, SOUK_STATUS_BAD_DAG },     /* a link without a size */
    { "0802180320012002", 1, SOUK_STATUS_BAD_DAG }, /* a size without a link */
    { "0802180420012002", 2, SOUK_STATUS_BAD_DAG }, /* the sum is wrong */
    { "080220012002", 2, SOUK_STATUS_BAD_DAG },     /* no file size: 0 */
    { "1803", 0, SOUK_STATUS_BAD_ENCODING },        /* no type */
    { "0806", 0, SOUK_STATUS_BAD_ENCODING },        /* a type that does not exist */
    { "080212", 0, SOUK_STATUS_BAD_ENCODING },      /* ends in a field */
    { "080217", 0, SOUK_STATUS_BAD_ENCODING },      /* a wire type that does not exist */
    { "08021202", 0, SOUK_STATUS_BAD_ENCODING },    /* a length beyond the end */
    { "0802180020ffffffffffffffff7f20ffffffffffffffff7f20ffffffffffffffff7f", 3,
      SOUK_STATUS_BAD_DAG }, /* sizes that overflow to a small sum */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukUnixfsNode node;
      g_autoptr (GByteArray) block = g_byte_array_new ();
      SoukStatus status = decode_data (cases[i].data, cases[i].links, &node, block);
      g_assert_cmpstr (souk_status_name (status), ==, souk_status_name (cases[i].status));
    }
}

static void
test_raw (void)
{
  SoukUnixfsNode node;
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("bytes"));
  souk_assert_status (souk_unixfs_node_decode (&cid, SOUK_SLICE_LITERAL ("bytes"), &node), OK);
  g_assert_cmpuint (node.type, ==, SOUK_UNIXFS_FILE);
  g_assert_cmpuint (node.file_size, ==, 5);
  souk_unixfs_node_done (&node);
  cid.codec = 0x71;
  souk_assert_status (souk_unixfs_node_decode (&cid, SOUK_SLICE_LITERAL ("bytes"), &node),
                      UNSUPPORTED);
}

static void
test_names_in_files (void)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  SoukCid child = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("x"));
  uint64_t size = 1;
  souk_dag_pb_append_link (block, &child, SOUK_SLICE_LITERAL ("name"), 1);
  souk_unixfs_append_file (block, SOUK_SLICE_EMPTY, 1, &size, 1, NULL);
  SoukUnixfsNode node;
  souk_assert_status (decode (souk_slice_from_array (block), &node), BAD_DAG);
}

static void
test_too_wide (void)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  SoukCid child = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("x"));
  size_t count = SOUK_DAG_WIDTH_MAX + 1;
  g_autofree uint64_t *sizes = g_new0 (uint64_t, count);
  for (size_t i = 0; i < count; i++)
    souk_dag_pb_append_link (block, &child, SOUK_SLICE_EMPTY, 1);
  souk_unixfs_append_file (block, SOUK_SLICE_EMPTY, 0, sizes, count, NULL);
  SoukUnixfsNode node;
  g_assert_cmpint (decode (souk_slice_from_array (block), &node), !=, SOUK_STATUS_OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dag/unixfs/the-hand-written-field-is-the-generated-one",
                   test_against_generated);
  g_test_add_func ("/dag/unixfs/sizes-are-read-packed-and-plain-and-unknown-fields-passed",
                   test_reads_both_forms_of_sizes);
  g_test_add_func ("/dag/unixfs/a-node-that-disagrees-with-itself-is-refused", test_refuses);
  g_test_add_func ("/dag/unixfs/a-raw-block-is-a-file", test_raw);
  g_test_add_func ("/dag/unixfs/a-named-child-in-a-file-is-refused", test_names_in_files);
  g_test_add_func ("/dag/unixfs/a-node-that-is-too-wide-is-refused", test_too_wide);
  return g_test_run ();
}
