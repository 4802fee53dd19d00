/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * RLP, in which Ethereum writes transactions (Yellow Paper, appendix B). PURE.
 *
 * An item is a run of bytes or a list of items. The reader is strict: shortest lengths only, a
 * byte below 0x80 stands for itself, nothing behind the end. It never recurses: a list is a view
 * of its items, which the caller reads one after another.
 */
#pragma once
#include "base/u256.h"

typedef struct {
  bool is_list;
  SoukSlice payload; /* the bytes, or the items one after another; points into what was read */
} SoukRlpItem;

/* Writers. To write a list, write its items to an array of their own first. */
void souk_rlp_append_bytes (GByteArray *out, SoukSlice bytes);
/* Numbers are big-endian bytes without leading zeros; 0 is no byte at all. */
void souk_rlp_append_u64 (GByteArray *out, uint64_t value);
void souk_rlp_append_u256 (GByteArray *out, SoukU256 value);
void souk_rlp_append_list (GByteArray *out, SoukSlice items);

/* Reads the next item; poisons the cursor when there is none or it is not in shortest form. */
SoukRlpItem souk_reader_rlp (SoukReader *reader);
/* Reads the next item as the kind that it must be; poisons the cursor when it is another. */
SoukSlice souk_reader_rlp_bytes (SoukReader *reader);
SoukU256 souk_reader_rlp_u256 (SoukReader *reader);
uint64_t souk_reader_rlp_u64 (SoukReader *reader);
/* Returns: a cursor over the list's items, poisoned when the next item is no list. */
SoukReader souk_reader_rlp_list (SoukReader *reader);
