/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records: what is taken, and by which name everything else is refused.
 */
#include "fixture.h"
#include "wire/message.h"
#include "wire/souk.pb-c.h"

#include <string.h>

static GBytes *
some_body (void)
{
  return g_bytes_new_static ("body", 4);
}

static SoukRecord *
some_record (bool has_wallet)
{
  g_autoptr (GBytes) body = some_body ();
  return fix_record (1, SOUK_RECORD_LISTING, "k", 5, body, has_wallet);
}

static void
test_round_trip (void)
{
  g_autoptr (SoukRecord) record = some_record (true);
  g_autoptr (SoukRecord) again = NULL;
  souk_assert_status (souk_record_decode (souk_slice_from_bytes (record->bytes), FIX_NOW, &again),
                      OK);
  SoukPeerId author = fix_peer (1);
  SoukAddress wallet = fix_wallet (1);
  uint8_t id[32];
  souk_sha256 (id, souk_slice_from_bytes (record->bytes));
  g_assert_cmpmem (again->id, 32, id, 32);
  g_assert_cmpmem (again->thing, 32, record->thing, 32);
  g_assert_true (souk_peer_id_is_equal (&again->author, &author));
  g_assert_true (souk_address_is_equal (&again->wallet, &wallet));
  g_assert_cmpuint (again->sequence, ==, 5);
  g_assert_true (g_bytes_equal (again->body, record->body));
}

static void
test_thing_text (void)
{
  g_autoptr (SoukRecord) record = some_record (false);
  uint8_t thing[32];
  g_autofree char *text = souk_thing_to_string (record->thing);
  g_assert_cmpint (text[0], ==, 'b');
  souk_assert_status (souk_thing_parse (text, thing), OK);
  g_assert_cmpmem (thing, 32, record->thing, 32);
  souk_assert_status (souk_thing_parse ("bafk", thing), BAD_ENCODING);
}

/* Packs a changed message again, signed anew by `signer` unless 0, and decodes it. */
static SoukStatus
decode_changed (const SoukRecord *record, void (*change) (Souk__Record *), unsigned signer,
                SoukWall now)
{
  SOUK_AUTO_MESSAGE Souk__Record *message
      = souk_message_unpack (&souk__record__descriptor, souk_slice_from_bytes (record->bytes));
  g_autoptr (SoukRecord) out = NULL;
  change (message);
  if (signer != 0)
    {
      SoukIdentity identity = fix_identity (signer);
      ProtobufCBinaryData kept = message->signature;
      g_autoptr (GByteArray) text = g_byte_array_new ();
      message->signature = (ProtobufCBinaryData){ 0 };
      souk_append (text, SOUK_SLICE_LITERAL ("souk-record:"));
      souk_append_message (text, message);
      message->signature = kept;
      souk_identity_sign (&identity, message->signature.data, souk_slice_from_array (text));
    }
  g_autoptr (GBytes) packed = souk_message_pack (message);
  return souk_record_decode (souk_slice_from_bytes (packed), now, &out);
}

static void
nothing (Souk__Record *message)
{
}

static void
set_type (Souk__Record *message)
{
  message->type = 4;
}

static void
set_sequence (Souk__Record *message)
{
  message->sequence++;
}

static void
set_far_expiry (Souk__Record *message)
{
  message->expires += SOUK_RECORD_LIFE_S_MAX;
}

static void
set_absurd_expiry (Souk__Record *message)
{
  message->expires = UINT64_MAX;
}

static void
set_withdrawn (Souk__Record *message)
{
  message->withdrawn = true;
}

static void
set_wallet_byte (Souk__Record *message)
{
  message->wallet.data[0] ^= 1;
}

static void
set_no_key (Souk__Record *message)
{
  message->key.len = 0;
}

static void
set_short_signature (Souk__Record *message)
{
  message->signature.len--;
}

static void
set_no_body (Souk__Record *message)
{
  message->body.len = 0;
}

static void
test_refusals (void)
{
  g_autoptr (SoukRecord) plain = some_record (false);
  g_autoptr (SoukRecord) rich = some_record (true);
  SoukWall later = souk_wall_from_seconds (FIX_NOW_S + 3600);
  souk_assert_status (decode_changed (plain, nothing, 0, FIX_NOW), OK);
  souk_assert_status (decode_changed (plain, set_sequence, 1, FIX_NOW), OK);
  souk_assert_status (decode_changed (plain, set_sequence, 0, FIX_NOW), BAD_SIGNATURE);
  souk_assert_status (decode_changed (plain, nothing, 2, FIX_NOW), BAD_SIGNATURE);
  souk_assert_status (decode_changed (plain, set_short_signature, 0, FIX_NOW), BAD_SIGNATURE);
  souk_assert_status (decode_changed (plain, set_type, 1, FIX_NOW), RECORD_TYPE);
  souk_assert_status (decode_changed (plain, set_no_key, 1, FIX_NOW), RECORD_KEY);
  souk_assert_status (decode_changed (plain, nothing, 0, later), RECORD_EXPIRED);
  souk_assert_status (decode_changed (plain, set_far_expiry, 1, FIX_NOW), RECORD_EXPIRY);
  souk_assert_status (decode_changed (plain, set_absurd_expiry, 1, FIX_NOW), RECORD_EXPIRY);
  souk_assert_status (decode_changed (plain, set_withdrawn, 1, FIX_NOW), RECORD_BODY);
  souk_assert_status (decode_changed (plain, set_no_body, 1, FIX_NOW), RECORD_BODY);
  souk_assert_status (decode_changed (rich, set_wallet_byte, 1, FIX_NOW), RECORD_WALLET);
}

static void
test_only_the_canonical_form (void)
{
  g_autoptr (SoukRecord) record = some_record (false);
  g_autoptr (SoukRecord) out = NULL;
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  souk_append (longer, souk_slice_from_bytes (record->bytes));
  /* An unknown field 14, behind the signature. */
  souk_append_u8 (longer, 14 << 3);
  souk_append_u8 (longer, 1);
  souk_assert_status (souk_record_decode (souk_slice_from_array (longer), FIX_NOW, &out),
                      RECORD_FORM);
  /* The first field twice: the same meaning, other bytes. */
  g_byte_array_set_size (longer, 0);
  souk_append_u8 (longer, 1 << 3);
  souk_append_u8 (longer, 1);
  souk_append (longer, souk_slice_from_bytes (record->bytes));
  souk_assert_status (souk_record_decode (souk_slice_from_array (longer), FIX_NOW, &out),
                      RECORD_FORM);
  souk_assert_status (souk_record_decode (SOUK_SLICE_LITERAL ("\x0a\xff"), FIX_NOW, &out),
                      BAD_ENCODING);
}

static void
test_too_large (void)
{
  g_autofree uint8_t *zeros = g_malloc0 (SOUK_RECORD_SIZE_MAX);
  g_autoptr (GBytes) body = g_bytes_new_static (zeros, SOUK_RECORD_SIZE_MAX);
  SoukIdentity identity = fix_identity (1);
  SoukRecord draft
      = { .type = SOUK_RECORD_LISTING, .key_len = 1, .expires = FIX_NOW_S + 60, .body = body };
  g_autoptr (SoukRecord) out = NULL;
  souk_assert_status (souk_record_build (&draft, &identity, FIX_NOW, &out), TOO_LARGE);
}

static void
test_newer_wins_whatever_came_first (void)
{
  g_autoptr (GBytes) body = some_body ();
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  g_autoptr (SoukRecord) one = fix_record (1, SOUK_RECORD_LISTING, "k", 1, body, false);
  g_autoptr (SoukRecord) two = fix_record (1, SOUK_RECORD_LISTING, "k", 2, body, false);
  g_autoptr (SoukRecord) twin = fix_record (1, SOUK_RECORD_LISTING, "k", 2, other, false);
  g_assert_true (souk_record_supersedes (two, one));
  g_assert_false (souk_record_supersedes (one, two));
  g_assert_false (souk_record_supersedes (two, two));
  g_assert_true (souk_record_supersedes (two, twin) != souk_record_supersedes (twin, two));
}

static void
test_tombstone (void)
{
  g_autoptr (SoukRecord) tombstone = fix_tombstone (1, SOUK_RECORD_LISTING, "k", 9);
  g_autoptr (SoukRecord) record = some_record (false);
  g_assert_true (tombstone->is_withdrawn);
  g_assert_cmpmem (tombstone->thing, 32, record->thing, 32);
  g_assert_true (souk_record_supersedes (tombstone, record));
}

static void
test_kept_records_are_read_after_their_expiry (void)
{
  g_autoptr (SoukRecord) record = some_record (true);
  g_autoptr (SoukRecord) again = NULL;
  souk_assert_status (souk_record_decode_kept (souk_slice_from_bytes (record->bytes), &again), OK);
  g_assert_cmpmem (again->id, 32, record->id, 32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/market/record/a-signed-record-is-read-as-it-was-built", test_round_trip);
  g_test_add_func ("/market/record/a-thing-has-a-text-form", test_thing_text);
  g_test_add_func ("/market/record/each-wrong-record-is-refused-by-name", test_refusals);
  g_test_add_func ("/market/record/only-the-canonical-form-is-read", test_only_the_canonical_form);
  g_test_add_func ("/market/record/a-record-is-at-most-64-kib", test_too_large);
  g_test_add_func ("/market/record/the-newer-of-two-wins-whatever-came-first",
                   test_newer_wins_whatever_came_first);
  g_test_add_func ("/market/record/a-tombstone-supersedes-what-it-withdraws", test_tombstone);
  g_test_add_func ("/market/record/kept-records-are-read-after-their-expiry",
                   test_kept_records_are_read_after_their_expiry);
  return g_test_run ();
}
