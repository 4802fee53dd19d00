/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Identify message and the signed peer record. PURE. See identify-codec.h.
 */
#include "link/identify-codec.h"

#include "wire/identify.pb-c.h"
#include "wire/message.h"
#include "wire/peer-record.pb-c.h"

#include <string.h>

/* The domain and the payload type that implementations use; the RFC's own text came earlier. The
 * type is the multicodec libp2p-peer-record. */
#define RECORD_DOMAIN "libp2p-peer-record"
static const uint8_t record_type[] = { 0x03, 0x01 };

/* Room for observedAddr behind a message of ours. */
#define OBSERVED_ROOM (SOUK_MULTIADDR_SIZE_MAX + 8)

/* ---- the signed peer record ---- */

/* What the signature of an envelope covers: each part behind its length. */
static GByteArray *
record_to_sign (SoukSlice payload)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_varint_bytes (out, SOUK_SLICE_LITERAL (RECORD_DOMAIN));
  souk_append_varint_bytes (out, souk_slice (record_type, sizeof record_type));
  souk_append_varint_bytes (out, payload);
  return out;
}

GBytes *
souk_peer_record_seal (const SoukIdentity *identity, const SoukMultiaddr *addrs, size_t n_addrs,
                       uint64_t seq)
{
  SoukPeerId peer = souk_identity_peer_id (identity);
  g_autoptr (GBytes) id = souk_peer_id_to_bytes (&peer);
  g_autofree PeerRecord__PeerRecord__AddressInfo *infos
      = g_new0 (PeerRecord__PeerRecord__AddressInfo, n_addrs + 1);
  g_autofree PeerRecord__PeerRecord__AddressInfo **list
      = g_new0 (PeerRecord__PeerRecord__AddressInfo *, n_addrs + 1);
  for (size_t i = 0; i < n_addrs; i++)
    {
      peer_record__peer_record__address_info__init (&infos[i]);
      infos[i].multiaddr = souk_field_from_slice (souk_multiaddr_bytes (&addrs[i]));
      list[i] = &infos[i];
    }
  PeerRecord__PeerRecord record = PEER_RECORD__PEER_RECORD__INIT;
  record.peer_id = souk_field_from_slice (souk_slice_from_bytes (id));
  record.seq = seq;
  record.addresses = list;
  record.n_addresses = n_addrs;
  g_autoptr (GBytes) payload = souk_message_pack (&record);

  uint8_t signature[64];
  g_autoptr (GByteArray) to_sign = record_to_sign (souk_slice_from_bytes (payload));
  souk_identity_sign (identity, signature, souk_slice_from_array (to_sign));
  g_autoptr (GBytes) key = souk_identity_public_key (identity);
  PeerRecord__Envelope envelope = PEER_RECORD__ENVELOPE__INIT;
  envelope.public_key = souk_field_from_slice (souk_slice_from_bytes (key));
  envelope.payload_type = souk_field_from_slice (souk_slice (record_type, sizeof record_type));
  envelope.payload = souk_field_from_slice (souk_slice_from_bytes (payload));
  envelope.signature = souk_field_from_slice (souk_slice (signature, sizeof signature));
  return souk_message_pack (&envelope);
}

SoukStatus
souk_peer_record_open (SoukSlice in, const SoukPeerId *peer, SoukMultiaddr *out, size_t addrs_max,
                       size_t *out_len, uint64_t *out_seq)
{
  SOUK_AUTO_MESSAGE PeerRecord__Envelope *envelope
      = souk_message_unpack (&peer_record__envelope__descriptor, in);
  if (envelope == NULL
      || !souk_slice_is_equal (souk_slice_from_field (envelope->payload_type),
                               souk_slice (record_type, sizeof record_type)))
    return SOUK_STATUS_BAD_PEER_RECORD;
  SoukSlice key = souk_slice_from_field (envelope->public_key);
  SoukPeerId signer, subject;
  if (key.len > SOUK_PUBLIC_KEY_SIZE_MAX
      || souk_peer_id_from_public_key (key, &signer) != SOUK_STATUS_OK
      || !souk_peer_id_is_equal (&signer, peer))
    return SOUK_STATUS_BAD_PEER_RECORD;
  /* "a peer MUST validate the signature before deserializing the [...] record" */
  SoukSlice payload = souk_slice_from_field (envelope->payload);
  g_autoptr (GByteArray) to_sign = record_to_sign (payload);
  SOUK_TRY (souk_public_key_verify (key, souk_slice_from_array (to_sign),
                                    souk_slice_from_field (envelope->signature)));

  SOUK_AUTO_MESSAGE PeerRecord__PeerRecord *record
      = souk_message_unpack (&peer_record__peer_record__descriptor, payload);
  if (record == NULL
      || souk_peer_id_from_bytes (souk_slice_from_field (record->peer_id), &subject)
             != SOUK_STATUS_OK
      || !souk_peer_id_is_equal (&subject, peer))
    return SOUK_STATUS_BAD_PEER_RECORD;
  size_t len = 0;
  for (size_t i = 0; i < record->n_addresses && len < addrs_max; i++)
    if (souk_multiaddr_from_bytes (souk_slice_from_field (record->addresses[i]->multiaddr),
                                   &out[len])
        == SOUK_STATUS_OK)
      len++;
  *out_len = len;
  *out_seq = record->seq;
  return SOUK_STATUS_OK;
}

/* ---- the message ---- */

static GBytes *
encode_some (const SoukIdentifyLocal *local, size_t n_addrs)
{
  g_autoptr (GBytes) key = souk_identity_public_key (local->identity);
  g_autoptr (GBytes) record = NULL;
  g_autofree ProtobufCBinaryData *addrs = g_new0 (ProtobufCBinaryData, n_addrs + 1);
  for (size_t i = 0; i < n_addrs; i++)
    addrs[i] = souk_field_from_slice (souk_multiaddr_bytes (&local->addrs[i]));

  Identify__Identify message = IDENTIFY__IDENTIFY__INIT;
  message.protocolversion = (char *)local->protocol_version;
  message.agentversion = (char *)local->agent;
  message.has_publickey = true;
  message.publickey = souk_field_from_slice (souk_slice_from_bytes (key));
  message.listenaddrs = addrs;
  message.n_listenaddrs = n_addrs;
  message.protocols = (char **)local->protocols;
  message.n_protocols = g_strv_length ((char **)local->protocols);
  if (local->record_seq > 0)
    {
      record = souk_peer_record_seal (local->identity, local->addrs, n_addrs, local->record_seq);
      message.has_signedpeerrecord = true;
      message.signedpeerrecord = souk_field_from_slice (souk_slice_from_bytes (record));
    }
  return souk_message_pack (&message);
}

GBytes *
souk_identify_encode (const SoukIdentifyLocal *local)
{
  size_t n_addrs = MIN (local->n_addrs, SOUK_IDENTIFY_ADDRS_MAX);
  for (;;)
    {
      GBytes *message = encode_some (local, n_addrs);
      if (n_addrs == 0 || g_bytes_get_size (message) + OBSERVED_ROOM <= SOUK_IDENTIFY_MESSAGE_MAX)
        return message;
      g_bytes_unref (message);
      n_addrs /= 2;
    }
}

void
souk_identify_append (GByteArray *out, GBytes *message, const SoukMultiaddr *observed)
{
  /* Fields of a protobuf message may come in any order and from parts put one behind the other, so
   * that the part that differs between connections is a message of its own. */
  Identify__Identify rest = IDENTIFY__IDENTIFY__INIT;
  if (observed != NULL)
    {
      rest.has_observedaddr = true;
      rest.observedaddr = souk_field_from_slice (souk_multiaddr_bytes (observed));
    }
  g_autoptr (GBytes) tail = souk_message_pack (&rest);
  souk_append_varint (out, g_bytes_get_size (message) + g_bytes_get_size (tail));
  souk_append (out, souk_slice_from_bytes (message));
  souk_append (out, souk_slice_from_bytes (tail));
}

/* Returns: (transfer full) (nullable): a text for people: valid UTF-8, no control characters, not
 * longer than the limit. */
static char *
clean_text (const char *text)
{
  if (text == NULL)
    return NULL;
  g_autofree char *start = g_strndup (text, SOUK_IDENTIFY_TEXT_MAX);
  g_autofree char *valid = g_utf8_make_valid (start, -1);
  GString *clean = g_string_new (NULL);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      if (g_unichar_isprint (c))
        g_string_append_unichar (clean, c);
    }
  return g_string_free_and_steal (clean);
}

static char **
copy_protocols (const Identify__Identify *message)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  size_t len = MIN (message->n_protocols, SOUK_IDENTIFY_PROTOCOLS_MAX);
  for (size_t i = 0; i < len; i++)
    if (strlen (message->protocols[i]) <= SOUK_IDENTIFY_PROTOCOL_SIZE_MAX
        && g_utf8_validate (message->protocols[i], -1, NULL))
      g_strv_builder_add (builder, message->protocols[i]);
  return g_strv_builder_end (builder);
}

static bool
has_addr (const SoukIdentifyInfo *info, const SoukMultiaddr *addr)
{
  for (size_t i = 0; i < info->n_addrs; i++)
    if (souk_multiaddr_is_equal (&info->addrs[i], addr))
      return true;
  return false;
}

/* The certified addresses first, then those that are only said. */
static void
take_addrs (SoukIdentifyInfo *info, const Identify__Identify *message, const SoukPeerId *peer)
{
  info->addrs = g_new0 (SoukMultiaddr, SOUK_IDENTIFY_ADDRS_MAX);
  if (message->has_signedpeerrecord)
    {
      SoukSlice record = souk_slice_from_field (message->signedpeerrecord);
      info->record_status = souk_peer_record_open (
          record, peer, info->addrs, SOUK_IDENTIFY_ADDRS_MAX, &info->n_addrs, &info->record_seq);
      if (info->record_status == SOUK_STATUS_OK)
        info->record = souk_slice_to_bytes (record);
    }
  for (size_t i = 0; i < message->n_listenaddrs && info->n_addrs < SOUK_IDENTIFY_ADDRS_MAX; i++)
    {
      SoukMultiaddr *addr = &info->addrs[info->n_addrs];
      if (souk_multiaddr_from_bytes (souk_slice_from_field (message->listenaddrs[i]), addr)
              == SOUK_STATUS_OK
          && !has_addr (info, addr))
        info->n_addrs++;
    }
}

SoukStatus
souk_identify_decode (SoukSlice in, const SoukPeerId *peer, SoukIdentifyInfo **out)
{
  SOUK_AUTO_MESSAGE Identify__Identify *message
      = souk_message_unpack (&identify__identify__descriptor, in);
  if (message == NULL)
    return SOUK_STATUS_BAD_ENCODING;
  if (message->has_publickey)
    {
      SoukPeerId id;
      if (message->publickey.len > SOUK_PUBLIC_KEY_SIZE_MAX
          || souk_peer_id_from_public_key (souk_slice_from_field (message->publickey), &id)
                 != SOUK_STATUS_OK)
        return SOUK_STATUS_BAD_ENCODING;
      if (!souk_peer_id_is_equal (&id, peer))
        return SOUK_STATUS_WRONG_PEER;
    }

  SoukIdentifyInfo *info = g_new0 (SoukIdentifyInfo, 1);
  info->protocol_version = clean_text (message->protocolversion);
  info->agent = clean_text (message->agentversion);
  info->protocols = copy_protocols (message);
  info->has_protocols = message->n_protocols > 0;
  info->has_observed = message->has_observedaddr
                       && souk_multiaddr_from_bytes (souk_slice_from_field (message->observedaddr),
                                                     &info->observed)
                              == SOUK_STATUS_OK;
  take_addrs (info, message, peer);
  *out = info;
  return SOUK_STATUS_OK;
}

void
souk_identify_info_free (SoukIdentifyInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->protocol_version);
  g_free (info->agent);
  g_strfreev (info->protocols);
  g_free (info->addrs);
  g_clear_pointer (&info->record, g_bytes_unref);
  g_free (info);
}
