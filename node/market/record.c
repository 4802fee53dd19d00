/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records: build, sign, decode, verify, compare. PURE. See record.h.
 */
#include "market/record.h"

#include "base/multibase.h"
#include "market/fields.h"
#include "wire/souk.pb-c.h"

#include <string.h>

#define SIGNATURE_SIZE 64

static const SoukSlice signed_prefix = SOUK_SLICE_LITERAL ("souk-record:");

void
souk_wallet_proof_digest (uint8_t out[SOUK_HASH_SIZE], const SoukPeerId *author)
{
  g_autofree char *name = souk_peer_id_to_string (author);
  g_autofree char *text = g_strconcat ("souk: this wallet is paid for peer ", name, NULL);
  souk_eip191_digest (out, souk_slice_from_text (text));
}

SoukStatus
souk_wallet_proof_check (const SoukPeerId *author, const SoukAddress *wallet,
                         const uint8_t proof[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  SoukAddress signer;
  souk_wallet_proof_digest (digest, author);
  if (souk_ecdsa_recover (digest, proof, &signer) != SOUK_STATUS_OK
      || !souk_address_is_equal (&signer, wallet))
    return SOUK_STATUS_RECORD_WALLET;
  return SOUK_STATUS_OK;
}

void
souk_record_thing (uint8_t out[SOUK_RECORD_ID_SIZE], SoukRecordType type, const SoukPeerId *author,
                   SoukSlice key)
{
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  souk_append_u8 (joined, (uint8_t)type);
  souk_append_peer_id (joined, author);
  souk_append (joined, key);
  souk_sha256 (out, souk_slice_from_array (joined));
}

char *
souk_thing_to_string (const uint8_t thing[SOUK_RECORD_ID_SIZE])
{
  return souk_multibase_encode (SOUK_BASE_32, souk_slice (thing, SOUK_RECORD_ID_SIZE));
}

SoukStatus
souk_thing_parse (const char *text, uint8_t out[SOUK_RECORD_ID_SIZE])
{
  g_autoptr (GBytes) bytes = NULL;
  SOUK_TRY (souk_multibase_decode (text, &bytes));
  if (g_bytes_get_size (bytes) != SOUK_RECORD_ID_SIZE)
    return SOUK_STATUS_BAD_ENCODING;
  memcpy (out, g_bytes_get_data (bytes, NULL), SOUK_RECORD_ID_SIZE);
  return SOUK_STATUS_OK;
}

bool
souk_record_is_newer (uint64_t sequence_a, const uint8_t id_a[SOUK_RECORD_ID_SIZE],
                      uint64_t sequence_b, const uint8_t id_b[SOUK_RECORD_ID_SIZE])
{
  if (sequence_a != sequence_b)
    return sequence_a > sequence_b;
  return memcmp (id_a, id_b, SOUK_RECORD_ID_SIZE) > 0;
}

bool
souk_record_supersedes (const SoukRecord *a, const SoukRecord *b)
{
  g_assert (memcmp (a->thing, b->thing, SOUK_RECORD_ID_SIZE) == 0);
  return souk_record_is_newer (a->sequence, a->id, b->sequence, b->id);
}

bool
souk_record_has_wallet (const SoukRecord *self)
{
  return !souk_address_is_zero (&self->wallet);
}

void
souk_record_free (SoukRecord *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

/* What the author signs: the prefix and the message without its signature. */
static GByteArray *
signed_part (Souk__Record *message)
{
  ProtobufCBinaryData signature = message->signature;
  message->signature = (ProtobufCBinaryData){ 0 };
  g_autoptr (GBytes) packed = souk_message_pack (message);
  message->signature = signature;

  GByteArray *out = g_byte_array_new ();
  souk_append (out, signed_prefix);
  souk_append (out, souk_slice_from_bytes (packed));
  return out;
}

static SoukStatus
check_author (const SoukRecord *record, Souk__Record *message)
{
  g_autoptr (GBytes) public_key = NULL;
  if (!souk_peer_id_to_public_key (&record->author, &public_key))
    return SOUK_STATUS_BAD_PEER_ID;
  if (message->signature.len != SIGNATURE_SIZE)
    return SOUK_STATUS_BAD_SIGNATURE;
  g_autoptr (GByteArray) text = signed_part (message);
  return souk_public_key_verify (souk_slice_from_bytes (public_key), souk_slice_from_array (text),
                                 souk_slice_from_field (message->signature));
}

static SoukStatus
check_expiry (int64_t expires, SoukWall now)
{
  int64_t now_s = souk_wall_seconds (now);
  if (expires <= now_s)
    return SOUK_STATUS_RECORD_EXPIRED;
  if (expires > now_s + SOUK_RECORD_LIFE_S_MAX + SOUK_CLOCK_SKEW_S)
    return SOUK_STATUS_RECORD_EXPIRY;
  return SOUK_STATUS_OK;
}

/* Reads the fields with what can be checked of them alone. */
static SoukStatus
read_fields (const Souk__Record *message, SoukRecord *record)
{
  if (message->type < SOUK_RECORD_LISTING || message->type > SOUK_RECORD_PROVIDER)
    return SOUK_STATUS_RECORD_TYPE;
  record->type = (SoukRecordType)message->type;
  SOUK_TRY (souk_peer_id_from_bytes (souk_slice_from_field (message->author), &record->author));
  if (!souk_field_address (message->wallet, &record->wallet))
    return SOUK_STATUS_RECORD_WALLET;
  if (message->wallet_proof.len != (souk_record_has_wallet (record) ? SOUK_ECDSA_SIZE : 0))
    return SOUK_STATUS_RECORD_WALLET;
  if (message->wallet_proof.len > 0)
    memcpy (record->wallet_proof, message->wallet_proof.data, SOUK_ECDSA_SIZE);
  if (message->key.len < 1 || message->key.len > SOUK_RECORD_KEY_MAX)
    return SOUK_STATUS_RECORD_KEY;
  record->key_len = (uint8_t)message->key.len;
  memcpy (record->key, message->key.data, message->key.len);
  record->sequence = message->sequence;
  if (message->expires > INT64_MAX / SOUK_US_PER_S)
    return SOUK_STATUS_RECORD_EXPIRY;
  record->expires = (int64_t)message->expires;
  record->is_withdrawn = message->withdrawn;
  if ((message->body.len == 0) != record->is_withdrawn)
    return SOUK_STATUS_RECORD_BODY;
  record->body = souk_slice_to_bytes (souk_slice_from_field (message->body));
  return SOUK_STATUS_OK;
}

static SoukStatus
decode (SoukSlice in, const SoukWall *now, SoukRecord **out)
{
  if (in.len > SOUK_RECORD_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SOUK_AUTO_MESSAGE Souk__Record *message = souk_message_unpack (&souk__record__descriptor, in);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;

  g_autoptr (SoukRecord) record = g_new0 (SoukRecord, 1);
  if (!souk_message_is_canonical (&message->base, in))
    return SOUK_STATUS_RECORD_FORM;
  SOUK_TRY (read_fields (message, record));
  if (now != NULL)
    {
      /* The cheap refusals come first: a signature costs a hundred times as much. */
      SOUK_TRY (check_expiry (record->expires, *now));
      SOUK_TRY (check_author (record, message));
      if (souk_record_has_wallet (record))
        SOUK_TRY (souk_wallet_proof_check (&record->author, &record->wallet, record->wallet_proof));
    }
  record->bytes = souk_slice_to_bytes (in);
  souk_sha256 (record->id, in);
  souk_record_thing (record->thing, record->type, &record->author,
                     souk_slice (record->key, record->key_len));
  *out = g_steal_pointer (&record);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_record_decode (SoukSlice in, SoukWall now, SoukRecord **out)
{
  return decode (in, &now, out);
}

SoukStatus
souk_record_decode_kept (SoukSlice in, SoukRecord **out)
{
  return decode (in, NULL, out);
}

SoukStatus
souk_record_build (const SoukRecord *draft, const SoukIdentity *identity, SoukWall now,
                   SoukRecord **out)
{
  SoukPeerId author_id = souk_identity_peer_id (identity);
  g_autoptr (GBytes) author = souk_peer_id_to_bytes (&author_id);
  uint8_t signature[SIGNATURE_SIZE];

  Souk__Record message = SOUK__RECORD__INIT;
  message.type = (uint32_t)draft->type;
  message.author = souk_field_from_slice (souk_slice_from_bytes (author));
  message.wallet = souk_field_from_slice (souk_address_bytes (&draft->wallet));
  if (souk_record_has_wallet (draft))
    message.wallet_proof
        = souk_field_from_slice (souk_slice (draft->wallet_proof, SOUK_ECDSA_SIZE));
  message.key = souk_field_from_slice (souk_slice (draft->key, draft->key_len));
  message.sequence = draft->sequence;
  message.expires = (uint64_t)MAX (draft->expires, 0);
  message.withdrawn = draft->is_withdrawn;
  if (draft->body != NULL && !draft->is_withdrawn)
    message.body = souk_field_from_slice (souk_slice_from_bytes (draft->body));

  g_autoptr (GByteArray) text = signed_part (&message);
  souk_identity_sign (identity, signature, souk_slice_from_array (text));
  message.signature = souk_field_from_slice (souk_slice (signature, sizeof signature));
  g_autoptr (GBytes) packed = souk_message_pack (&message);
  /* Whatever a receiver would refuse is refused here, by the same code. */
  return souk_record_decode (souk_slice_from_bytes (packed), now, out);
}
