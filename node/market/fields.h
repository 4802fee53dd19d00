/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small checked readings of protobuf fields that several messages share. PURE.
 *
 * Every reader writes its out parameter only on success and says yes or no; the caller knows the
 * status by the field's name. Nothing here keeps what it is given.
 */
#pragma once
#include "base/address.h"
#include "base/cid.h"
#include "base/u256.h"

#include "wire/message.h"

/* How a text may be formed. */
typedef enum {
  SOUK_TEXT_LINE,      /* no control characters */
  SOUK_TEXT_PARAGRAPHS /* newlines and tabs as well */
} SoukTextForm;

/* Valid UTF-8 of min..max bytes without control characters that the form forbids. */
bool souk_field_text (const char *text, size_t min, size_t max, SoukTextForm form);
/* Every text of the list is a line of 1..max bytes, and there are at most `count_max`. */
bool souk_field_texts (char *const *texts, size_t count, size_t count_max, size_t max);
/* Nothing (the zero address) or 20 bytes that are not zero. */
bool souk_field_address (ProtobufCBinaryData field, SoukAddress *out);
/* Big-endian without leading zeros, and at most SOUK_AMOUNT_BITS_MAX bits. */
bool souk_field_amount (ProtobufCBinaryData field, SoukWei *out);
/* Exactly 32 bytes. */
bool souk_field_hash (ProtobufCBinaryData field, uint8_t out[SOUK_HASH_SIZE]);
/* A whole CIDv1 with a SHA-256 digest. */
bool souk_field_cid (ProtobufCBinaryData field, SoukCid *out);

/* Amounts are at most this wide, so that price times basis points never overflows anywhere. */
#define SOUK_AMOUNT_BITS_MAX 128

/* The bytes of an amount as a field, in `buffer`. */
SoukSlice souk_amount_bytes (SoukWei amount, uint8_t buffer[32]);
/* An address as a field: empty when it is zero. */
SoukSlice souk_address_bytes (const SoukAddress *address);

/* True when `message` packs to exactly `in`: the one canonical form, nothing unknown, no text cut
 * short by a zero byte. */
bool souk_message_is_canonical (const ProtobufCMessage *message, SoukSlice in);
