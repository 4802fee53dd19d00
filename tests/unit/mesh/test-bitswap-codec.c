/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests of mesh/bitswap-codec.c: Helia's bytes, and the generated code as a second reader.
 */
#include "mesh/bitswap-codec.h"

#include "mesh/bitswap-limits.h"
#include "net.h"
#include "wire/bitswap.pb-c.h"
#include "wire/message.h"

static SoukCid
vector_cid (void)
{
  SoukCid cid;
  g_autoptr (GBytes) bytes = vector_bytes ("bitswap", "cid");
  g_assert_cmpint (souk_cid_from_bytes (souk_slice_from_bytes (bytes), &cid), ==, SOUK_STATUS_OK);
  return cid;
}

static void
assert_vector (const char *name, GByteArray *found)
{
  g_autoptr (GBytes) wanted = vector_bytes ("bitswap", name);
  g_assert_cmpmem (found->data, found->len, g_bytes_get_data (wanted, NULL),
                   g_bytes_get_size (wanted));
  g_assert_cmpint (souk_bitswap_message_check (souk_slice_from_array (found)), ==, SOUK_STATUS_OK);
}

static void
assert_wantlist (const char *name, SoukBitswapEntry entry)
{
  g_autoptr (GByteArray) entries = g_byte_array_new ();
  g_autoptr (GByteArray) message = g_byte_array_new ();
  entry.cid = vector_cid ();
  entry.priority = 1;
  souk_append_bitswap_entry (entries, &entry);
  souk_append_bitswap_wantlist (message, souk_slice_from_array (entries), false);
  assert_vector (name, message);

  SoukBitswapEntry read;
  SoukFields fields = souk_fields (souk_slice_from_array (entries));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpint (souk_bitswap_entry_parse (fields.bytes, &read), ==, SOUK_STATUS_OK);
  g_assert_true (souk_cid_is_equal (&read.cid, &entry.cid));
  g_assert_cmpint (read.type, ==, entry.type);
  g_assert_cmpint (read.is_cancel, ==, entry.is_cancel);
  g_assert_cmpint (read.send_dont_have, ==, entry.send_dont_have);
}

static void
test_vectors (void)
{
  assert_wantlist ("want_block", (SoukBitswapEntry){ .send_dont_have = true });
  assert_wantlist ("want_have",
                   (SoukBitswapEntry){ .type = SOUK_BITSWAP_WANT_HAVE, .send_dont_have = true });
  assert_wantlist ("cancel", (SoukBitswapEntry){ .is_cancel = true });

  SoukCid cid = vector_cid (), read;
  SoukSlice read_data;
  bool has;
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autoptr (GBytes) data = vector_bytes ("bitswap", "data");
  souk_append_bitswap_payload (message, &cid, souk_slice_from_bytes (data));
  assert_vector ("block", message);
  SoukFields fields = souk_fields (souk_slice_from_array (message));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpint (souk_bitswap_payload_parse (fields.bytes, &read_data, &read), ==,
                   SOUK_STATUS_OK);
  g_assert_true (souk_cid_is_equal (&read, &cid));
  g_assert_true (souk_slice_is_equal (read_data, souk_slice_from_bytes (data)));

  for (int i = 0; i < 2; i++)
    {
      g_byte_array_set_size (message, 0);
      souk_append_bitswap_presence (message, &cid, i == 0);
      assert_vector (i == 0 ? "have" : "dont_have", message);
      fields = souk_fields (souk_slice_from_array (message));
      g_assert_true (souk_fields_next (&fields));
      g_assert_cmpint (souk_bitswap_presence_parse (fields.bytes, &read, &has), ==, SOUK_STATUS_OK);
      g_assert_true (souk_cid_is_equal (&read, &cid));
      g_assert_true (has == (i == 0));
    }
}

static void
test_generated_code_writes_it (void)
{
  g_autoptr (GBytes) cid_bytes = vector_bytes ("bitswap", "cid");
  Bitswap__Message__Wantlist__Entry entry = BITSWAP__MESSAGE__WANTLIST__ENTRY__INIT;
  entry.block = souk_field_from_slice (souk_slice_from_bytes (cid_bytes));
  entry.priority = -5;
  entry.wanttype = BITSWAP__MESSAGE__WANTLIST__WANT_TYPE__Have;
  entry.senddonthave = true;
  g_autoptr (GBytes) packed = souk_message_pack (&entry);

  SoukBitswapEntry read;
  g_assert_cmpint (souk_bitswap_entry_parse (souk_slice_from_bytes (packed), &read), ==,
                   SOUK_STATUS_OK);
  g_assert_cmpint (read.priority, ==, -5);
  g_assert_cmpint (read.type, ==, SOUK_BITSWAP_WANT_HAVE);
  g_assert_true (read.send_dont_have);
  g_assert_false (read.is_cancel);
}

static void
test_version_0 (void)
{
  SoukCid cid, wanted;
  SoukSlice data;
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_assert_cmpint (souk_cid_parse ("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", &wanted), ==,
                   SOUK_STATUS_OK);
  static const uint8_t empty_file[] = { 0x0a, 0x04, 0x08, 0x02, 0x18, 0x00 };
  souk_append_bitswap_payload (message, &wanted, souk_slice (empty_file, sizeof empty_file));
  SoukFields fields = souk_fields (souk_slice_from_array (message));
  g_assert_true (souk_fields_next (&fields));
  g_assert_cmpint (souk_bitswap_payload_parse (fields.bytes, &data, &cid), ==, SOUK_STATUS_OK);
  g_assert_true (souk_cid_is_equal (&cid, &wanted));
}

static void
test_malformed (void)
{
  SoukSlice data;
  SoukCid cid;
  static const char *const payloads[] = {
    "0a04015512",       /* a prefix that ends early */
    "0a0501551220ff",   /* one with too much */
    "0a04025512201200", /* a CID of version 2 */
    "1205",             /* data longer than the payload */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autoptr (GBytes) bytes = souk_hex_decode (payloads[i]);
      g_assert_cmpint (souk_bitswap_payload_parse (souk_slice_from_bytes (bytes), &data, &cid), ==,
                       SOUK_STATUS_BAD_ENCODING);
    }
  static const char *const messages[] = { "0a050a", "0801", "1a021205", "220108" };
  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GBytes) bytes = souk_hex_decode (messages[i]);
      g_assert_cmpint (souk_bitswap_message_check (souk_slice_from_bytes (bytes)), ==,
                       SOUK_STATUS_BAD_ENCODING);
    }
  g_autofree uint8_t *large = g_malloc0 (SOUK_BITSWAP_MESSAGE_SIZE_MAX + 1);
  g_assert_cmpint (
      souk_bitswap_message_check (souk_slice (large, SOUK_BITSWAP_MESSAGE_SIZE_MAX + 1)), ==,
      SOUK_STATUS_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mesh/bitswap-codec/messages-are-the-other-program's", test_vectors);
  g_test_add_func ("/mesh/bitswap-codec/what-the-generated-code-writes-is-read",
                   test_generated_code_writes_it);
  g_test_add_func ("/mesh/bitswap-codec/a-version-0-block-gets-its-cid", test_version_0);
  g_test_add_func ("/mesh/bitswap-codec/malformed-and-large-messages-are-refused", test_malformed);
  return g_test_run ();
}
