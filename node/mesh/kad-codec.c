/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hash table's wire and its keys. PURE. See kad-codec.h.
 */
#include "mesh/kad-codec.h"

#include "base/keccak.h"
#include "mesh/kad-limits.h"

#include <string.h>

enum { MESSAGE_TYPE = 1, MESSAGE_KEY = 2, MESSAGE_RECORD = 3 };
enum { RECORD_KEY = 1, RECORD_VALUE = 2, RECORD_TIME = 5 };
enum { PEER_ID = 1, PEER_ADDRS = 2, PEER_CONNECTION = 3 };

/* ---- keys ---- */

SoukKadKey
souk_kad_key (SoukSlice raw)
{
  SoukKadKey key;
  souk_sha256 (key.bytes, raw);
  return key;
}

SoukKadKey
souk_kad_key_of_peer (const SoukPeerId *id)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (48);
  souk_append_peer_id (bytes, id);
  return souk_kad_key (souk_slice_from_array (bytes));
}

SoukKadKey
souk_kad_key_distance (const SoukKadKey *a, const SoukKadKey *b)
{
  SoukKadKey distance;
  for (size_t i = 0; i < sizeof distance.bytes; i++)
    distance.bytes[i] = a->bytes[i] ^ b->bytes[i];
  return distance;
}

int
souk_kad_key_compare (const SoukKadKey *a, const SoukKadKey *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes);
}

unsigned
souk_kad_key_shared (const SoukKadKey *a, const SoukKadKey *b)
{
  for (unsigned i = 0; i < sizeof a->bytes; i++)
    if (a->bytes[i] != b->bytes[i])
      return i * 8 + (unsigned)__builtin_clz ((unsigned)(a->bytes[i] ^ b->bytes[i])) - 24;
  return 256;
}

/* ---- addresses ---- */

/* Appends an address when it is wanted and there is room. Returns: whether there was room. */
static bool
pack_one (GByteArray *out, unsigned *count, const SoukMultiaddr *addr, SoukKadAddrs which)
{
  SoukMultiaddr bare = souk_multiaddr_without_peer_id (addr);
  if (which != SOUK_KAD_ADDRS_ANY
      && souk_multiaddr_is_private (&bare) != (which == SOUK_KAD_ADDRS_PRIVATE))
    return true;
  if (*count >= SOUK_KAD_ADDRS_MAX || out->len + bare.len + 4u > SOUK_KAD_ADDRS_BYTES_MAX)
    return false;
  souk_append_field_bytes (out, PEER_ADDRS, souk_multiaddr_bytes (&bare));
  ++*count;
  return true;
}

static GBytes *
packed (GByteArray *array)
{
  if (array->len > 0)
    return g_byte_array_free_to_bytes (array);
  g_byte_array_unref (array);
  return NULL;
}

GBytes *
souk_kad_addrs_pack (const SoukMultiaddr *addrs, size_t n_addrs, SoukKadAddrs which)
{
  GByteArray *out = g_byte_array_new ();
  unsigned count = 0;
  for (size_t i = 0; i < n_addrs; i++)
    if (!pack_one (out, &count, &addrs[i], which))
      break;
  return packed (out);
}

size_t
souk_kad_addrs_unpack (GBytes *addrs, SoukMultiaddr *out, size_t max)
{
  size_t n = 0;
  if (addrs == NULL)
    return 0;
  SoukFields fields = souk_fields (souk_slice_from_bytes (addrs));
  while (n < max && souk_fields_next (&fields))
    if (souk_multiaddr_from_bytes (fields.bytes, &out[n]) == SOUK_STATUS_OK)
      n++;
  return n;
}

GBytes *
souk_kad_peer_addrs (const SoukKadPeerView *peer, SoukKadAddrs which)
{
  GByteArray *out = g_byte_array_new ();
  unsigned count = 0;
  SoukFields fields = souk_fields (peer->fields);
  while (souk_fields_next (&fields))
    {
      SoukMultiaddr addr;
      if (fields.number != PEER_ADDRS
          || souk_multiaddr_from_bytes (fields.bytes, &addr) != SOUK_STATUS_OK)
        continue;
      if (!pack_one (out, &count, &addr, which))
        break;
    }
  return packed (out);
}

/* ---- reading ---- */

static bool
is_well_formed (SoukSlice bytes)
{
  SoukFields fields = souk_fields (bytes);
  while (souk_fields_next (&fields))
    ;
  return souk_fields_ok (&fields);
}

static bool
parse_record (SoukSlice bytes, SoukKadMessage *out)
{
  SoukFields fields = souk_fields (bytes);
  out->has_record = true;
  while (souk_fields_next (&fields))
    switch (fields.number)
      {
      case RECORD_KEY:
        out->record_key = fields.bytes;
        break;
      case RECORD_VALUE:
        out->value = fields.bytes;
        break;
      case RECORD_TIME:
        out->time_received = fields.bytes;
        break;
      default: /* the author and the signature of old */
        break;
      }
  return souk_fields_ok (&fields) && out->record_key.len <= SOUK_KAD_KEY_SIZE_MAX
         && out->value.len <= SOUK_KAD_VALUE_SIZE_MAX;
}

SoukStatus
souk_kad_message_parse (SoukSlice bytes, SoukKadMessage *out)
{
  SoukKadMessage found = { .whole = bytes };
  uint64_t type = 0;
  bool is_ok = true;
  if (bytes.len > SOUK_KAD_MESSAGE_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SoukFields fields = souk_fields (bytes);
  while (is_ok && souk_fields_next (&fields))
    switch (fields.number)
      {
      case MESSAGE_TYPE:
        type = fields.value;
        break;
      case MESSAGE_KEY:
        found.key = fields.bytes;
        break;
      case MESSAGE_RECORD:
        is_ok = fields.is_bytes && parse_record (fields.bytes, &found);
        break;
      case SOUK_KAD_CLOSER:
      case SOUK_KAD_PROVIDERS:
        is_ok = fields.is_bytes && is_well_formed (fields.bytes);
        break;
      default: /* the cluster level, and fields of later versions */
        break;
      }
  if (!is_ok || !souk_fields_ok (&fields) || type > SOUK_KAD_PING
      || found.key.len > SOUK_KAD_KEY_SIZE_MAX)
    return SOUK_STATUS_BAD_KAD;
  found.type = (SoukKadType)type;
  *out = found;
  return SOUK_STATUS_OK;
}

SoukKadPeers
souk_kad_peers (const SoukKadMessage *message, uint32_t number)
{
  return (SoukKadPeers){ souk_fields (message->whole), number, SOUK_KAD_PEERS_MAX };
}

static bool
parse_peer (SoukSlice bytes, SoukKadPeerView *out)
{
  SoukSlice id = SOUK_SLICE_EMPTY;
  uint64_t connection = 0;
  SoukFields fields = souk_fields (bytes);
  while (souk_fields_next (&fields))
    if (fields.number == PEER_ID)
      id = fields.bytes;
    else if (fields.number == PEER_CONNECTION)
      connection = fields.value;
  out->fields = bytes;
  out->connection = connection <= 3 ? (unsigned)connection : 0;
  return souk_fields_ok (&fields) && souk_peer_id_from_bytes (id, &out->id) == SOUK_STATUS_OK;
}

bool
souk_kad_peers_next (SoukKadPeers *self, SoukKadPeerView *out)
{
  while (self->left > 0 && souk_fields_next (&self->fields))
    {
      if (self->fields.number != self->number || !self->fields.is_bytes)
        continue;
      self->left--;
      if (parse_peer (self->fields.bytes, out))
        return true;
    }
  return false;
}

/* ---- writing ---- */

void
souk_append_kad_head (GByteArray *out, SoukKadType type, SoukSlice key)
{
  if (type != SOUK_KAD_PUT_VALUE)
    souk_append_field_number (out, MESSAGE_TYPE, type);
  souk_append_field_bytes (out, MESSAGE_KEY, key);
}

void
souk_append_kad_record (GByteArray *out, SoukSlice key, SoukSlice value, SoukWall received)
{
  g_autoptr (GByteArray) body = g_byte_array_sized_new ((guint)(key.len + value.len + 48));
  souk_append_field_bytes (body, RECORD_KEY, key);
  souk_append_field_bytes (body, RECORD_VALUE, value);
  if (received.us > 0)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (souk_wall_seconds (received));
      g_autofree char *seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
      /* Other programs write nine decimals, and one of them reads no other number. */
      g_autofree char *text
          = g_strdup_printf ("%s.%06d000Z", seconds, (int)(received.us % SOUK_US_PER_S));
      souk_append_field_bytes (body, RECORD_TIME, souk_slice_from_text (text));
    }
  souk_append_field_bytes (out, MESSAGE_RECORD, souk_slice_from_array (body));
}

void
souk_append_kad_peer (GByteArray *out, uint32_t number, const SoukPeerId *id, GBytes *addrs,
                      bool is_connected)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (48);
  SoukSlice list = addrs != NULL ? souk_slice_from_bytes (addrs) : SOUK_SLICE_EMPTY;
  souk_append_peer_id (bytes, id);
  souk_append_field_head (
      out, number, souk_field_size (PEER_ID, bytes->len) + list.len + (is_connected ? 2 : 0));
  souk_append_field_bytes (out, PEER_ID, souk_slice_from_array (bytes));
  souk_append (out, list);
  if (is_connected)
    souk_append_field_number (out, PEER_CONNECTION, 1);
}
