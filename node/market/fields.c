/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small checked readings of protobuf fields. PURE. See fields.h.
 */
#include "market/fields.h"

#include <string.h>

bool
souk_field_text (const char *text, size_t min, size_t max, SoukTextForm form)
{
  size_t len = strlen (text);
  if (len < min || len > max || !g_utf8_validate (text, (gssize)len, NULL))
    return false;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool is_break = c == '\n' || c == '\t';
      if (g_unichar_iscntrl (c) && !(is_break && form == SOUK_TEXT_PARAGRAPHS))
        return false;
    }
  return true;
}

bool
souk_field_texts (char *const *texts, size_t count, size_t count_max, size_t max)
{
  if (count > count_max)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!souk_field_text (texts[i], 1, max, SOUK_TEXT_LINE))
      return false;
  return true;
}

bool
souk_field_address (ProtobufCBinaryData field, SoukAddress *out)
{
  SoukAddress address = { 0 };
  if (field.len != 0 && field.len != SOUK_ADDRESS_SIZE)
    return false;
  if (field.len == SOUK_ADDRESS_SIZE)
    {
      memcpy (address.bytes, field.data, SOUK_ADDRESS_SIZE);
      /* Zero has its own spelling, the empty field; two spellings would be two hashes. */
      if (souk_address_is_zero (&address))
        return false;
    }
  *out = address;
  return true;
}

bool
souk_field_amount (ProtobufCBinaryData field, SoukWei *out)
{
  SoukU256 value;
  if (field.len > SOUK_AMOUNT_BITS_MAX / 8 || (field.len > 0 && field.data[0] == 0))
    return false;
  if (souk_u256_from_be_slice (souk_slice_from_field (field), &value) != SOUK_STATUS_OK)
    return false;
  *out = souk_wei_from_u256 (value);
  return true;
}

bool
souk_field_hash (ProtobufCBinaryData field, uint8_t out[SOUK_HASH_SIZE])
{
  if (field.len != SOUK_HASH_SIZE)
    return false;
  memcpy (out, field.data, SOUK_HASH_SIZE);
  return true;
}

bool
souk_field_cid (ProtobufCBinaryData field, SoukCid *out)
{
  SoukCid cid;
  if (souk_cid_from_bytes (souk_slice_from_field (field), &cid) != SOUK_STATUS_OK)
    return false;
  if (cid.version != 1 || cid.hash.code != SOUK_MULTIHASH_SHA2_256 || cid.hash.len != 32)
    return false;
  *out = cid;
  return true;
}

SoukSlice
souk_amount_bytes (SoukWei amount, uint8_t buffer[32])
{
  souk_u256_to_be (souk_wei_to_u256 (amount), buffer);
  size_t zeros = 0;
  while (zeros < 32 && buffer[zeros] == 0)
    zeros++;
  return souk_slice (buffer + zeros, 32 - zeros);
}

SoukSlice
souk_address_bytes (const SoukAddress *address)
{
  if (souk_address_is_zero (address))
    return SOUK_SLICE_EMPTY;
  return souk_slice (address->bytes, SOUK_ADDRESS_SIZE);
}

bool
souk_message_is_canonical (const ProtobufCMessage *message, SoukSlice in)
{
  size_t len = protobuf_c_message_get_packed_size (message);
  /* The length is known to be that of a message that fits, so the copy is bounded by `in`. */
  if (message->n_unknown_fields != 0 || len != in.len)
    return false;
  g_autofree uint8_t *packed = g_malloc (len + 1);
  protobuf_c_message_pack (message, packed);
  return souk_slice_is_equal (souk_slice (packed, len), in);
}
