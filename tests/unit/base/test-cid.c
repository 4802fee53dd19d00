/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cid.h"

#include "base/multibase.h"
#include "support.h"

/* The empty UnixFS folder in all its forms, and a raw block. */
#define FOLDER_V0 "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
#define FOLDER_V1 "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
#define FOLDER_DIGEST "59948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef"
#define HELLO "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"
#define HELLO_BYTES "01551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447"

static void
check_text (const char *text)
{
  SoukCid cid;
  SoukCid back;
  souk_assert_status (souk_cid_parse (text, &cid), OK);
  g_autofree char *again = souk_cid_to_string (&cid);
  g_assert_cmpstr (again, ==, text);
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (&cid);
  souk_assert_status (souk_cid_from_bytes (souk_slice_from_bytes (bytes), &back), OK);
  g_assert_true (souk_cid_is_equal (&cid, &back));
}

static void
test_forms (void)
{
  check_text (FOLDER_V0);
  check_text (FOLDER_V1);
  check_text (HELLO);

  SoukCid v0;
  SoukCid v1;
  souk_assert_status (souk_cid_parse (FOLDER_V0, &v0), OK);
  souk_assert_status (souk_cid_parse (FOLDER_V1, &v1), OK);
  souk_assert_hex (souk_slice (v0.hash.digest, v0.hash.len), FOLDER_DIGEST);
  g_assert_false (souk_cid_is_equal (&v0, &v1));
  g_assert_true (souk_cid_is_same_block (&v0, &v1));
  g_assert_cmpuint (souk_cid_hash (&v0), ==, souk_cid_hash (&v1));
  g_assert_cmphex (v0.codec, ==, SOUK_CODEC_DAG_PB);

  SoukCid hello = souk_cid_of (SOUK_CODEC_RAW, SOUK_SLICE_LITERAL ("hello world\n"));
  g_autofree char *text = souk_cid_to_string (&hello);
  g_assert_cmpstr (text, ==, HELLO);
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (&hello);
  souk_assert_hex (souk_slice_from_bytes (bytes), HELLO_BYTES);
  g_assert_true (souk_cid_matches (&hello, SOUK_SLICE_LITERAL ("hello world\n")));
  g_assert_false (souk_cid_matches (&hello, SOUK_SLICE_LITERAL ("hello world")));
}

static void
test_any_base (void)
{
  static const SoukBase bases[]
      = { SOUK_BASE_16, SOUK_BASE_32, SOUK_BASE_36, SOUK_BASE_58, SOUK_BASE_64_URL };
  g_autoptr (GBytes) bytes = souk_test_hex (HELLO_BYTES);
  for (size_t i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *text = souk_multibase_encode (bases[i], souk_slice_from_bytes (bytes));
      SoukCid cid;
      souk_assert_status (souk_cid_parse (text, &cid), OK);
      g_autofree char *usual = souk_cid_to_string (&cid);
      g_assert_cmpstr (usual, ==, HELLO);
    }
}

static void
test_refuses (void)
{
  static const char *const texts[] = {
    "",
    "Qm",
    "b",
    FOLDER_V0 "x",
    "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0",
    "z" FOLDER_V0, /* v0 has no prefix */
    HELLO "a",
    "f" HELLO_BYTES "00",
    "f02551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447",
    "f00551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447",
    "f01551220a948",
  };
  SoukCid cid;
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    souk_assert_status (souk_cid_parse (texts[i], &cid), BAD_CID);
}

static void
test_cursor (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  SoukCid v0;
  SoukCid v1;
  souk_assert_status (souk_cid_parse (FOLDER_V0, &v0), OK);
  souk_assert_status (souk_cid_parse (FOLDER_V1, &v1), OK);
  souk_append_cid (out, &v0);
  souk_append_cid (out, &v1);
  souk_append_u8 (out, 9);

  SoukReader reader = souk_reader (souk_slice_from_array (out));
  SoukCid first = souk_reader_cid (&reader);
  SoukCid second = souk_reader_cid (&reader);
  g_assert_true (souk_cid_equal (&first, &v0));
  g_assert_true (souk_cid_equal (&second, &v1));
  souk_reader_cid (&reader);
  g_assert_false (souk_reader_ok (&reader));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/cid/known-forms", test_forms);
  g_test_add_func ("/base/cid/a-version-1-text-is-read-in-any-base", test_any_base);
  g_test_add_func ("/base/cid/bad-texts-are-refused", test_refuses);
  g_test_add_func ("/base/cid/both-versions-are-told-apart-in-a-stream", test_cursor);
  return g_test_run ();
}
