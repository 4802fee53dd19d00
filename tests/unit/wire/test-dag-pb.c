/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wire/dag-pb.h"

#include "support.h"

#define CID_HEX "01551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447"
#define LINK_HASH "0a24" CID_HEX

static SoukStatus
decode (const char *hex, SoukDagPbNode *out, GBytes **out_block)
{
  *out_block = souk_test_hex (hex);
  return souk_dag_pb_decode (souk_slice_from_bytes (*out_block), out);
}

static void
test_round_trip (void)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  SoukCid cid = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("hello world\n"));
  souk_dag_pb_append_link (block, &cid, SOUK_SLICE_LITERAL ("a"), 300);
  souk_dag_pb_append_link (block, &cid, SOUK_SLICE_EMPTY, 0);
  souk_dag_pb_append_data (block, SOUK_SLICE_LITERAL ("data"));
  souk_assert_hex (souk_slice_from_array (block), "122c" LINK_HASH "12016118ac02"
                                                  "122a" LINK_HASH "12001800"
                                                  "0a0464617461");

  SoukDagPbNode node;
  souk_assert_status (souk_dag_pb_decode (souk_slice_from_array (block), &node), OK);
  g_assert_cmpuint (souk_dag_pb_link_count (&node), ==, 2);
  const SoukDagPbLink *link = souk_dag_pb_link (&node, 0);
  g_assert_true (souk_cid_is_equal (&link->cid, &cid));
  g_assert_true (souk_slice_is_equal (link->name, SOUK_SLICE_LITERAL ("a")));
  g_assert_cmpuint (link->tsize, ==, 300);
  g_assert_true (node.has_data);
  g_assert_true (souk_slice_is_equal (node.data, SOUK_SLICE_LITERAL ("data")));
  souk_dag_pb_done (&node);
}

static void
test_takes (void)
{
  static const struct {
    const char *hex;
    size_t links;
    bool has_data;
  } cases[] = {
    { "", 0, false },
    { "0a00", 0, true },
    { "1226" LINK_HASH, 1, false },        /* neither name nor size */
    { "1228" LINK_HASH "1200", 1, false }, /* an empty name */
    { "1228" LINK_HASH "1801", 1, false }, /* no name */
    { "0a01611226" LINK_HASH, 1, true },   /* the old order */
    { "1226" LINK_HASH "1226" LINK_HASH, 2, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukDagPbNode node;
      g_autoptr (GBytes) block = NULL;
      souk_assert_status (decode (cases[i].hex, &node, &block), OK);
      g_assert_cmpuint (souk_dag_pb_link_count (&node), ==, cases[i].links);
      g_assert_cmpint (node.has_data, ==, cases[i].has_data);
      souk_dag_pb_done (&node);
    }
}

static void
test_refuses (void)
{
  static const struct {
    const char *hex;
    SoukStatus status;
  } cases[] = {
    { "0a", SOUK_STATUS_BAD_ENCODING },
    { "0a0161ff", SOUK_STATUS_BAD_ENCODING },
    { "0a00"
      "0a00",
      SOUK_STATUS_BAD_ENCODING }, /* data twice */
    { "1226" LINK_HASH "0a00"
      "1226" LINK_HASH,
      SOUK_STATUS_BAD_ENCODING },         /* on both sides */
    { "1a00", SOUK_STATUS_BAD_ENCODING }, /* an unknown field */
    { "0800", SOUK_STATUS_BAD_ENCODING }, /* data as a number */
    { "1200", SOUK_STATUS_BAD_ENCODING }, /* a link to nothing */
    { "12020a00", SOUK_STATUS_BAD_CID },
    { "12040a025512", SOUK_STATUS_BAD_CID },
    { "1228" LINK_HASH "0a00", SOUK_STATUS_BAD_ENCODING },     /* the hash twice */
    { "122a" LINK_HASH "18011200", SOUK_STATUS_BAD_ENCODING }, /* out of order */
    { "122a" LINK_HASH "18012000", SOUK_STATUS_BAD_ENCODING },
    { "1229" LINK_HASH "188100", SOUK_STATUS_BAD_ENCODING }, /* a longer form */
    { "1227" LINK_HASH, SOUK_STATUS_BAD_ENCODING },
    { "8a0000", SOUK_STATUS_BAD_ENCODING },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SoukDagPbNode node;
      g_autoptr (GBytes) block = NULL;
      SoukStatus status = decode (cases[i].hex, &node, &block);
      g_assert_cmpstr (souk_status_name (status), ==, souk_status_name (cases[i].status));
    }
}

static void
test_limit (void)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  SoukCid cid = { .version = 1, .codec = SOUK_CODEC_RAW };
  SoukDagPbNode node;
  for (size_t i = 0; i < SOUK_DAG_PB_LINKS_MAX; i++)
    souk_append (block, SOUK_SLICE_LITERAL ("\x12\x06\x0a\x04\x01\x55\x00\x00"));
  souk_assert_status (souk_dag_pb_decode (souk_slice_from_array (block), &node), OK);
  g_assert_true (souk_cid_is_equal (&souk_dag_pb_link (&node, 7)->cid, &cid));
  souk_dag_pb_done (&node);
  souk_append (block, SOUK_SLICE_LITERAL ("\x12\x06\x0a\x04\x01\x55\x00\x00"));
  souk_assert_status (souk_dag_pb_decode (souk_slice_from_array (block), &node), TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/dag-pb/links-are-written-before-data", test_round_trip);
  g_test_add_func ("/wire/dag-pb/missing-fields-and-the-old-order-are-read", test_takes);
  g_test_add_func ("/wire/dag-pb/any-other-form-is-refused", test_refuses);
  g_test_add_func ("/wire/dag-pb/too-many-links-are-refused", test_limit);
  return g_test_run ();
}
