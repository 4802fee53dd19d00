/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pubsub's wire. PURE. See gossip-codec.h.
 */
#include "mesh/gossip-codec.h"

#include "mesh/gossip-limits.h"

#include <sodium.h>
#include <string.h>

enum {
  MESSAGE_FROM = 1,
  MESSAGE_DATA = 2,
  MESSAGE_SEQNO = 3,
  MESSAGE_TOPIC = 4,
  MESSAGE_SIGNATURE = 5,
  MESSAGE_KEY = 6,
};

#define SEQNO_SIZE 8
static const char sign_prefix[] = "libp2p-pubsub:";

/* True when all fields of `message` are well formed, and the fields in those down to `depth`. */
static bool
is_well_formed (SoukSlice message, unsigned depth)
{
  SoukFields fields = souk_fields (message);
  while (souk_fields_next (&fields))
    if (depth > 0 && fields.is_bytes && !is_well_formed (fields.bytes, depth - 1))
      return false;
  return souk_fields_ok (&fields);
}

SoukStatus
souk_gossip_rpc_check (SoukSlice rpc)
{
  if (rpc.len > SOUK_GOSSIP_RPC_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SoukFields fields = souk_fields (rpc);
  while (souk_fields_next (&fields))
    {
      if (fields.number < SOUK_RPC_SUBSCRIPTIONS || fields.number > SOUK_RPC_CONTROL)
        continue;
      unsigned depth = fields.number == SOUK_RPC_CONTROL ? 1 : 0;
      if (!fields.is_bytes || !is_well_formed (fields.bytes, depth))
        return SOUK_STATUS_BAD_ENCODING;
    }
  return souk_fields_ok (&fields) ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
}

SoukStatus
souk_gossip_message_parse (SoukSlice raw, SoukGossipMessage *out)
{
  SoukGossipMessage found = { .raw = raw };
  SoukFields fields = souk_fields (raw);
  while (souk_fields_next (&fields))
    {
      SoukSlice *place = fields.number == MESSAGE_FROM        ? &found.from
                         : fields.number == MESSAGE_DATA      ? &found.data
                         : fields.number == MESSAGE_SEQNO     ? &found.seqno
                         : fields.number == MESSAGE_TOPIC     ? &found.topic
                         : fields.number == MESSAGE_SIGNATURE ? &found.signature
                         : fields.number == MESSAGE_KEY       ? &found.key
                                                              : NULL;
      if (place == NULL)
        continue;
      if (!fields.is_bytes)
        return SOUK_STATUS_BAD_ENCODING;
      *place = fields.bytes;
    }
  if (!souk_fields_ok (&fields))
    return SOUK_STATUS_BAD_ENCODING;
  *out = found;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_gossip_message_author (const SoukGossipMessage *message, SoukPeerId *out)
{
  SoukPeerId author, of_key;
  if (message->from.len == 0 || message->seqno.len != SEQNO_SIZE || message->signature.len == 0)
    return SOUK_STATUS_UNSIGNED;
  if (message->from.len > SOUK_GOSSIP_FROM_SIZE_MAX)
    return SOUK_STATUS_BAD_PEER_ID;
  SOUK_TRY (souk_peer_id_from_bytes (message->from, &author));
  /* "The key field … When present, it must match the peer ID." */
  if (message->key.len > 0
      && (message->key.len > SOUK_PUBLIC_KEY_SIZE_MAX
          || souk_peer_id_from_public_key (message->key, &of_key) != SOUK_STATUS_OK
          || !souk_peer_id_is_equal (&author, &of_key)))
    return SOUK_STATUS_BAD_PEER_ID;
  *out = author;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_gossip_message_verify (const SoukGossipMessage *message, const SoukPeerId *author)
{
  g_autoptr (GBytes) inline_key = NULL;
  SoukSlice key = message->key;
  if (key.len == 0)
    {
      if (!souk_peer_id_to_public_key (author, &inline_key))
        return SOUK_STATUS_BAD_SIGNATURE;
      key = souk_slice_from_bytes (inline_key);
    }

  g_autoptr (GByteArray) content = g_byte_array_sized_new ((guint)message->raw.len + 16);
  souk_append (content, SOUK_SLICE_LITERAL (sign_prefix));
  SoukFields fields = souk_fields (message->raw);
  while (souk_fields_next (&fields))
    if (fields.number != MESSAGE_SIGNATURE && fields.number != MESSAGE_KEY)
      souk_append (content, fields.raw);
  SoukStatus status
      = souk_public_key_verify (key, souk_slice_from_array (content), message->signature);
  return status == SOUK_STATUS_BAD_ENCODING ? SOUK_STATUS_BAD_SIGNATURE : status;
}

GBytes *
souk_gossip_message_sign (const SoukIdentity *identity, SoukSlice topic, SoukSlice data,
                          uint64_t seqno)
{
  SoukPeerId self = souk_identity_peer_id (identity);
  g_autoptr (GBytes) from = souk_peer_id_to_bytes (&self);
  uint64_t seqno_be = GUINT64_TO_BE (seqno);
  uint8_t signature[64];

  GByteArray *out = g_byte_array_sized_new ((guint)(data.len + topic.len + 160));
  souk_append (out, SOUK_SLICE_LITERAL (sign_prefix));
  souk_append_field_bytes (out, MESSAGE_FROM, souk_slice_from_bytes (from));
  souk_append_field_bytes (out, MESSAGE_DATA, data);
  souk_append_field_bytes (out, MESSAGE_SEQNO, souk_slice (&seqno_be, sizeof seqno_be));
  souk_append_field_bytes (out, MESSAGE_TOPIC, topic);
  souk_identity_sign (identity, signature, souk_slice_from_array (out));
  g_byte_array_remove_range (out, 0, sizeof sign_prefix - 1);
  souk_append_field_bytes (out, MESSAGE_SIGNATURE, souk_slice (signature, sizeof signature));
  return g_byte_array_free_to_bytes (out);
}

bool
souk_gossip_message_name (const SoukGossipMessage *message, SoukGossipNaming naming,
                          GByteArray *out)
{
  switch (naming)
    {
    case SOUK_GOSSIP_NAME_SPEC:
      souk_append (out, message->from);
      break;
    case SOUK_GOSSIP_NAME_JS:
      if (message->key.len > 0)
        souk_append (out, message->key);
      else
        {
          SoukPeerId author;
          g_autoptr (GBytes) key = NULL;
          if (souk_peer_id_from_bytes (message->from, &author) != SOUK_STATUS_OK
              || !souk_peer_id_to_public_key (&author, &key))
            return false;
          souk_append (out, souk_slice_from_bytes (key));
        }
      break;
    }
  souk_append (out, message->seqno);
  return true;
}

SoukGossipId
souk_gossip_id (const uint8_t key[16], SoukSlice bytes)
{
  SoukGossipId id;
  uint8_t hash[crypto_shorthash_siphashx24_BYTES];
  G_STATIC_ASSERT (sizeof hash == sizeof id);
  crypto_shorthash_siphashx24 (hash, bytes.data, bytes.len, key);
  memcpy (&id, hash, sizeof id);
  return id;
}

bool
souk_gossip_id_is_equal (SoukGossipId a, SoukGossipId b)
{
  return a.low == b.low && a.high == b.high;
}

guint
souk_gossip_id_hash (gconstpointer id)
{
  return (guint)((const SoukGossipId *)id)->low;
}

gboolean
souk_gossip_id_equal (gconstpointer a, gconstpointer b)
{
  return souk_gossip_id_is_equal (*(const SoukGossipId *)a, *(const SoukGossipId *)b);
}

void
souk_append_gossip_subscription (GByteArray *rpc, SoukSlice topic, bool subscribe)
{
  souk_append_field_head (rpc, SOUK_RPC_SUBSCRIPTIONS,
                          2 + souk_field_size (SOUK_SUB_TOPIC, topic.len));
  souk_append_field_number (rpc, SOUK_SUB_SUBSCRIBE, subscribe);
  souk_append_field_bytes (rpc, SOUK_SUB_TOPIC, topic);
}

void
souk_append_gossip_graft (GByteArray *control, SoukSlice topic)
{
  souk_append_field_head (control, SOUK_CONTROL_GRAFT,
                          souk_field_size (SOUK_GRAFT_TOPIC, topic.len));
  souk_append_field_bytes (control, SOUK_GRAFT_TOPIC, topic);
}

void
souk_append_gossip_prune (GByteArray *control, SoukSlice topic, uint64_t backoff_s)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  souk_append_field_bytes (body, SOUK_PRUNE_TOPIC, topic);
  if (backoff_s > 0)
    souk_append_field_number (body, SOUK_PRUNE_BACKOFF, backoff_s);
  souk_append_field_bytes (control, SOUK_CONTROL_PRUNE, souk_slice_from_array (body));
}

void
souk_append_gossip_ihave (GByteArray *control, SoukSlice topic, SoukSlice ids)
{
  souk_append_field_head (control, SOUK_CONTROL_IHAVE,
                          souk_field_size (SOUK_IHAVE_TOPIC, topic.len) + ids.len);
  souk_append_field_bytes (control, SOUK_IHAVE_TOPIC, topic);
  souk_append (control, ids);
}

void
souk_append_gossip_ids (GByteArray *control, uint32_t kind, SoukSlice ids)
{
  souk_append_field_bytes (control, kind, ids);
}
