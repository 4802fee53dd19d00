/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Protocol-buffer fields read in place and written in order (protobuf encoding). PURE.
 *
 * The mesh protocols carry megabytes of foreign bytes and lists that a stranger can make long. A
 * generated decoder allocates for every element before anyone can say "too many"; this cursor
 * allocates nothing, so limits are checked while walking, and a signed message keeps the exact
 * bytes that were signed. Both forms describe the same wire: the tests read what this writes with
 * the generated code and the other way round.
 *
 * The cursor follows the rule of base/bytes.h: it poisons itself on the first malformed byte and
 * the caller checks once, after the walk, with souk_fields_ok().
 */
#pragma once
#include "base/bytes.h"

typedef struct {
  SoukReader reader;
  uint32_t number; /* of the current field */
  bool is_bytes;   /* the current field is length-delimited */
  uint64_t value;  /* of a number field; 0 otherwise */
  SoukSlice bytes; /* of a length-delimited field; empty otherwise */
  SoukSlice raw;   /* the current field whole: key and content */
} SoukFields;

SoukFields souk_fields (SoukSlice message);
/* Moves to the next field. False at the end and on malformed bytes. Fixed-width fields, which no
 * mesh protocol has, are stepped over as unknown ones: number and raw are set, is_bytes false. */
bool souk_fields_next (SoukFields *self);
/* True when everything read so far was well formed. */
bool souk_fields_ok (const SoukFields *self);

/* Writers: append one field to `out`. */
void souk_append_field_number (GByteArray *out, uint32_t number, uint64_t value);
void souk_append_field_bytes (GByteArray *out, uint32_t number, SoukSlice bytes);
/* Only the key and the length of a length-delimited field; the content follows by the caller. */
void souk_append_field_head (GByteArray *out, uint32_t number, size_t len);
/* How many bytes souk_append_field_bytes writes for `len` bytes of content. */
size_t souk_field_size (uint32_t number, size_t len);
