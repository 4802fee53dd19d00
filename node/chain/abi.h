/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The contract ABI (Solidity's "Contract ABI Specification"): types, values, encoding. PURE.
 *
 * A type is parsed from its canonical text; a value is a tree of the same shape. The coder is for
 * what comes from outside and has any shape: revert reasons, answers, a test's vectors. The calls
 * and events of our own contracts are straight lists of words (calls.h, events.h).
 *
 * Limits stop an answer that is small on the wire and huge in memory: dynamic offsets may overlap,
 * so a few words can stand for exponentially many values.
 */
#pragma once
#include "base/address.h"
#include "base/u256.h"

#define SOUK_ABI_WORD 32
#define SOUK_ABI_SELECTOR_SIZE 4
/* Nested arrays and tuples in one type: the coder is recursive. */
#define SOUK_ABI_DEPTH_MAX 16
/* Nodes of one type. */
#define SOUK_ABI_TYPE_NODES_MAX 1024
/* Values of one decoded tree, and the bytes that its dynamic members hold together. */
#define SOUK_ABI_VALUES_MAX 65536
#define SOUK_ABI_BYTES_MAX (16u << 20)

typedef enum {
  SOUK_ABI_UINT, /* size: bits */
  SOUK_ABI_INT,  /* size: bits */
  SOUK_ABI_ADDRESS,
  SOUK_ABI_BOOL,
  SOUK_ABI_FIXED_BYTES, /* size: bytes, 1 to 32 */
  SOUK_ABI_BYTES,
  SOUK_ABI_STRING,
  SOUK_ABI_ARRAY, /* items[0] is the type of an element */
  SOUK_ABI_TUPLE, /* items are the types of the members */
} SoukAbiKind;

typedef struct SoukAbiType SoukAbiType;
struct SoukAbiType {
  SoukAbiKind kind;
  unsigned size;
  bool is_open;      /* an array whose length is in the data */
  uint64_t length;   /* of an array that is not open */
  bool is_dynamic;   /* coded behind an offset */
  size_t head_bytes; /* what it takes in the head of what holds it */
  GPtrArray *items;  /* (element-type SoukAbiType), NULL for an elementary type */
};

/* A value: `word` for an elementary static type, `bytes` for bytes and string, `items` for the rest. */
typedef struct SoukAbiValue SoukAbiValue;
struct SoukAbiValue {
  uint8_t word[SOUK_ABI_WORD];
  GBytes *bytes;
  GPtrArray *items;
};

/* Parses "uint256", "bytes", "(address,uint8[2][])"; "uint" and "int" mean 256 bits. No spaces, no names.
 * Returns: BAD_ENCODING when it is no type, LIMIT when it is too deep or has too many nodes. */
SoukStatus souk_abi_type_parse (const char *text, SoukAbiType **out);
void souk_abi_type_free (SoukAbiType *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukAbiType, souk_abi_type_free)

/* Values; those that take a view copy it. */
SoukAbiValue *souk_abi_value_new_word (const uint8_t word[SOUK_ABI_WORD]);
SoukAbiValue *souk_abi_value_new_u256 (SoukU256 number);
SoukAbiValue *souk_abi_value_new_address (const SoukAddress *address);
SoukAbiValue *souk_abi_value_new_bytes (SoukSlice bytes);
/* An array or a tuple; add its members with _add, which takes `item`. */
SoukAbiValue *souk_abi_value_new_list (void);
void souk_abi_value_add (SoukAbiValue *self, SoukAbiValue *item);
void souk_abi_value_free (SoukAbiValue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukAbiValue, souk_abi_value_free)

/* Appends the coding of `value`, a tuple that has the shape of `type`, a tuple (g_assert: shapes are
 * the program's own): the arguments of a call, or what a function returns. */
void souk_abi_encode (const SoukAbiType *type, const SoukAbiValue *value, GByteArray *out);

/* Decodes the coding of a tuple. Words out of their type's range are refused, since two readers would
 * read them differently; what follows the last value is not looked at.
 * Returns: SHORT_READ, BAD_ENCODING, or LIMIT; *out is written only on OK. */
SoukStatus souk_abi_decode (const SoukAbiType *type, SoukSlice in, SoukAbiValue **out);

/* The first four bytes of the hash of "name(type,…)". */
void souk_abi_selector (const char *signature, uint8_t out[SOUK_ABI_SELECTOR_SIZE]);
