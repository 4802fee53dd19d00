/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bitswap's wire. PURE. See bitswap-codec.h.
 */
#include "mesh/bitswap-codec.h"

#include "mesh/bitswap-limits.h"

enum { ENTRY_BLOCK = 1, ENTRY_PRIORITY = 2, ENTRY_CANCEL = 3, ENTRY_TYPE = 4, ENTRY_DONT_HAVE = 5 };
enum { PAYLOAD_PREFIX = 1, PAYLOAD_DATA = 2 };
enum { PRESENCE_CID = 1, PRESENCE_TYPE = 2 };

static bool
is_well_formed (SoukSlice message)
{
  SoukFields fields = souk_fields (message);
  while (souk_fields_next (&fields))
    ;
  return souk_fields_ok (&fields);
}

SoukStatus
souk_bitswap_message_check (SoukSlice message)
{
  if (message.len > SOUK_BITSWAP_MESSAGE_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  SoukFields fields = souk_fields (message);
  while (souk_fields_next (&fields))
    {
      bool is_message = fields.number == SOUK_BITSWAP_WANTLIST
                        || fields.number == SOUK_BITSWAP_PAYLOAD
                        || fields.number == SOUK_BITSWAP_PRESENCES;
      if (is_message && (!fields.is_bytes || !is_well_formed (fields.bytes)))
        return SOUK_STATUS_BAD_ENCODING;
    }
  return souk_fields_ok (&fields) ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
}

SoukStatus
souk_bitswap_entry_parse (SoukSlice entry, SoukBitswapEntry *out)
{
  SoukSlice cid = SOUK_SLICE_EMPTY;
  SoukBitswapEntry found = { .priority = 1 };
  SoukFields fields = souk_fields (entry);
  while (souk_fields_next (&fields))
    switch (fields.number)
      {
      case ENTRY_BLOCK:
        cid = fields.bytes;
        break;
      case ENTRY_PRIORITY:
        found.priority = (int32_t)fields.value;
        break;
      case ENTRY_CANCEL:
        found.is_cancel = fields.value != 0;
        break;
      case ENTRY_TYPE:
        found.type = fields.value == SOUK_BITSWAP_WANT_HAVE ? SOUK_BITSWAP_WANT_HAVE
                                                            : SOUK_BITSWAP_WANT_BLOCK;
        break;
      case ENTRY_DONT_HAVE:
        found.send_dont_have = fields.value != 0;
        break;
      default: /* fields of later versions */
        break;
      }
  if (!souk_fields_ok (&fields))
    return SOUK_STATUS_BAD_ENCODING;
  SOUK_TRY (souk_cid_from_bytes (cid, &found.cid));
  *out = found;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_bitswap_presence_parse (SoukSlice presence, SoukCid *out_cid, bool *out_has)
{
  SoukSlice bytes = SOUK_SLICE_EMPTY;
  SoukCid cid;
  bool has = true;
  SoukFields fields = souk_fields (presence);
  while (souk_fields_next (&fields))
    if (fields.number == PRESENCE_CID)
      bytes = fields.bytes;
    else if (fields.number == PRESENCE_TYPE)
      has = fields.value == 0;
  if (!souk_fields_ok (&fields))
    return SOUK_STATUS_BAD_ENCODING;
  SOUK_TRY (souk_cid_from_bytes (bytes, &cid));
  *out_cid = cid;
  *out_has = has;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_bitswap_payload_parse (SoukSlice payload, SoukSlice *out_data, SoukCid *out_cid)
{
  SoukSlice prefix = SOUK_SLICE_EMPTY, data = SOUK_SLICE_EMPTY;
  SoukFields fields = souk_fields (payload);
  while (souk_fields_next (&fields))
    if (fields.number == PAYLOAD_PREFIX)
      prefix = fields.bytes;
    else if (fields.number == PAYLOAD_DATA)
      data = fields.bytes;
  if (!souk_fields_ok (&fields))
    return SOUK_STATUS_BAD_ENCODING;

  /* "CID prefix (all of the CID components except for the digest of the multihash)" */
  SoukReader reader = souk_reader (prefix);
  uint64_t version = souk_reader_varint (&reader);
  uint64_t codec = souk_reader_varint (&reader);
  uint64_t code = souk_reader_varint (&reader);
  uint64_t len = souk_reader_varint (&reader);
  if (!souk_reader_is_done (&reader) || version > 1)
    return SOUK_STATUS_BAD_ENCODING;
  if (code != SOUK_MULTIHASH_SHA2_256 || len != 32 || (version == 0 && codec != SOUK_CODEC_DAG_PB))
    return SOUK_STATUS_UNSUPPORTED;
  *out_cid = souk_cid_of (codec, data);
  out_cid->version = (uint8_t)version;
  *out_data = data;
  return SOUK_STATUS_OK;
}

void
souk_append_bitswap_entry (GByteArray *entries, const SoukBitswapEntry *entry)
{
  g_autoptr (GByteArray) body = g_byte_array_sized_new (64);
  g_autoptr (GBytes) cid = souk_cid_to_bytes (&entry->cid);
  souk_append_field_bytes (body, ENTRY_BLOCK, souk_slice_from_bytes (cid));
  souk_append_field_number (body, ENTRY_PRIORITY, (uint64_t)(int64_t)entry->priority);
  if (entry->is_cancel)
    souk_append_field_number (body, ENTRY_CANCEL, 1);
  souk_append_field_number (body, ENTRY_TYPE, entry->type);
  if (entry->send_dont_have)
    souk_append_field_number (body, ENTRY_DONT_HAVE, 1);
  souk_append_field_bytes (entries, SOUK_BITSWAP_ENTRIES, souk_slice_from_array (body));
}

void
souk_append_bitswap_wantlist (GByteArray *message, SoukSlice entries, bool is_full)
{
  souk_append_field_head (message, SOUK_BITSWAP_WANTLIST, entries.len + 2);
  souk_append (message, entries);
  souk_append_field_number (message, SOUK_BITSWAP_FULL, is_full);
}

void
souk_append_bitswap_payload (GByteArray *message, const SoukCid *cid, SoukSlice data)
{
  g_autoptr (GByteArray) prefix = g_byte_array_sized_new (16);
  souk_append_varint (prefix, cid->version);
  souk_append_varint (prefix, cid->codec);
  souk_append_varint (prefix, cid->hash.code);
  souk_append_varint (prefix, cid->hash.len);
  souk_append_field_head (message, SOUK_BITSWAP_PAYLOAD,
                          souk_field_size (PAYLOAD_PREFIX, prefix->len)
                              + souk_field_size (PAYLOAD_DATA, data.len));
  souk_append_field_bytes (message, PAYLOAD_PREFIX, souk_slice_from_array (prefix));
  souk_append_field_bytes (message, PAYLOAD_DATA, data);
}

void
souk_append_bitswap_presence (GByteArray *message, const SoukCid *cid, bool has)
{
  g_autoptr (GByteArray) body = g_byte_array_sized_new (48);
  g_autoptr (GBytes) bytes = souk_cid_to_bytes (cid);
  souk_append_field_bytes (body, PRESENCE_CID, souk_slice_from_bytes (bytes));
  if (!has)
    souk_append_field_number (body, PRESENCE_TYPE, 1);
  souk_append_field_bytes (message, SOUK_BITSWAP_PRESENCES, souk_slice_from_array (body));
}
