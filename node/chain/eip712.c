/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * EIP-712 typed data. PURE. See eip712.h.
 *
 * "encode(domainSeparator, message) = "\x19\x01" ‖ domainSeparator ‖ hashStruct(message)", where
 * "hashStruct(s) = keccak256(typeHash ‖ encodeData(s))".
 */
#include "chain/eip712.h"

#include "chain/terms-words.h"

#include <string.h>

#define DOMAIN_TYPE                                                                                \
  "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
#define OFFER_TYPE                                                                                 \
  "Offer(address seller,address buyer,address token,address arbiter,uint256 price,"                \
  "bytes32 contentHash,bytes32 keyHash,bytes32 cipherHash,uint256 deliverWithin,"                  \
  "uint256 confirmWindow,uint256 validUntil,uint256 counter,uint256 salt)"
#define BID_TYPE                                                                                   \
  "Bid(address provider,address requester,address token,address arbiter,uint256 price,"            \
  "uint256 bond,bytes32 jobHash,bytes32 peerId,uint256 submitWithin,uint256 confirmWindow,"        \
  "uint256 validUntil,uint256 counter,uint256 salt)"
#define RECEIPT_TYPE "Receipt(bytes32 id,bytes32 resultHash,uint256 amount)"
#define VERSION "1"

static void
append_hash_of (GByteArray *out, const char *text)
{
  uint8_t hash[SOUK_HASH_SIZE];
  souk_keccak256 (hash, souk_slice_from_text (text));
  g_byte_array_append (out, hash, sizeof hash);
}

/* ---- our contracts ---- */

void
souk_domain_separator (const SoukDomain *domain, SoukEscrowMarket market,
                       uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  append_hash_of (words, DOMAIN_TYPE);
  append_hash_of (words,
                  market == SOUK_ESCROW_MARKET_PROMPT ? "PromptMarketplace" : "ComputeRental");
  append_hash_of (words, VERSION);
  souk_append_word_u64 (words, domain->chain_id);
  souk_append_word_address (words, &domain->contract);
  souk_keccak256 (out, souk_slice_from_array (words));
}

/* The digest of a struct whose type hash and members stand in `words`. */
static void
digest_words (const SoukDomain *domain, SoukEscrowMarket market, GByteArray *words,
              uint8_t out[SOUK_HASH_SIZE])
{
  uint8_t separator[SOUK_HASH_SIZE];
  uint8_t hash[SOUK_HASH_SIZE];
  souk_domain_separator (domain, market, separator);
  souk_keccak256 (hash, souk_slice_from_array (words));
  souk_typed_digest (separator, hash, out);
}

void
souk_offer_digest (const SoukDomain *domain, const SoukOfferTerms *terms,
                   uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  append_hash_of (words, OFFER_TYPE);
  souk_offer_append_words (terms, words);
  digest_words (domain, SOUK_ESCROW_MARKET_PROMPT, words, out);
}

void
souk_bid_digest (const SoukDomain *domain, const SoukBidTerms *terms, uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  append_hash_of (words, BID_TYPE);
  souk_bid_append_words (terms, words);
  digest_words (domain, SOUK_ESCROW_MARKET_COMPUTE, words, out);
}

void
souk_receipt_digest (const SoukDomain *domain, const SoukReceiptTerms *terms,
                     uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GByteArray) words = g_byte_array_new ();
  append_hash_of (words, RECEIPT_TYPE);
  souk_receipt_append_words (terms, words);
  digest_words (domain, SOUK_ESCROW_MARKET_COMPUTE, words, out);
}

void
souk_typed_digest (const uint8_t domain_separator[SOUK_HASH_SIZE],
                   const uint8_t struct_hash[SOUK_HASH_SIZE], uint8_t out[SOUK_HASH_SIZE])
{
  SoukKeccak keccak;
  souk_keccak_init (&keccak);
  souk_keccak_update (&keccak, souk_slice ("\x19\x01", 2));
  souk_keccak_update (&keccak, souk_slice (domain_separator, SOUK_HASH_SIZE));
  souk_keccak_update (&keccak, souk_slice (struct_hash, SOUK_HASH_SIZE));
  souk_keccak_digest (&keccak, out);
}

/* ---- typed data of any shape ---- */

/* The struct of a name of length `len`, or NULL. */
static const SoukTypedStruct *
find_struct (const SoukTypedTable *table, const char *name, size_t len)
{
  for (size_t i = 0; i < table->n_structs; i++)
    if (strlen (table->structs[i].name) == len && memcmp (table->structs[i].name, name, len) == 0)
      return &table->structs[i];
  return NULL;
}

/* Adds `from` and all structs that it reaches to `found`, each once. */
static void
collect_structs (const SoukTypedTable *table, const SoukTypedStruct *from, GPtrArray *found)
{
  g_ptr_array_add (found, (gpointer)from);
  /* `found` grows while it is walked: what was added is visited too. */
  for (guint next = found->len - 1; next < found->len; next++)
    {
      const SoukTypedStruct *self = g_ptr_array_index (found, next);
      for (size_t i = 0; i < self->n_members; i++)
        {
          const char *type = self->members[i].type;
          const SoukTypedStruct *other = find_struct (table, type, strcspn (type, "["));
          if (other != NULL && !g_ptr_array_find (found, other, NULL))
            g_ptr_array_add (found, (gpointer)other);
        }
    }
}

static int
compare_struct_names (gconstpointer a, gconstpointer b)
{
  return strcmp (((const SoukTypedStruct *)a)->name, ((const SoukTypedStruct *)b)->name);
}

/* "the set of referenced struct types is collected, sorted by name and appended to the encoding". */
static void
hash_type (const SoukTypedTable *table, const SoukTypedStruct *self, uint8_t out[SOUK_HASH_SIZE])
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);

  collect_structs (table, self, found);
  g_ptr_array_remove_index (found, 0);
  g_ptr_array_sort_values (found, compare_struct_names);
  g_ptr_array_insert (found, 0, (gpointer)self);
  for (guint i = 0; i < found->len; i++)
    {
      const SoukTypedStruct *each = g_ptr_array_index (found, i);
      g_string_append_printf (text, "%s(", each->name);
      for (size_t k = 0; k < each->n_members; k++)
        g_string_append_printf (text, "%s%s %s", k > 0 ? "," : "", each->members[k].type,
                                each->members[k].name);
      g_string_append_c (text, ')');
    }
  souk_keccak256 (out, souk_slice (text->str, text->len));
}

static SoukStatus hash_struct (const SoukTypedTable *table, const SoukTypedStruct *self,
                               const SoukAbiValue *value, unsigned depth,
                               uint8_t out[SOUK_HASH_SIZE]);
static SoukStatus encode_member (const SoukTypedTable *table, const char *type, size_t len,
                                 const SoukAbiValue *value, unsigned depth,
                                 uint8_t out[SOUK_ABI_WORD]);

/* "array values are encoded as the keccak256 hash of the concatenated encodeData of their contents". */
static SoukStatus
encode_array (const SoukTypedTable *table, const char *type, size_t len, const SoukAbiValue *value,
              unsigned depth, uint8_t out[SOUK_ABI_WORD])
{
  const char *open = g_strrstr_len (type, (gssize)len, "[");
  SoukKeccak keccak;

  if (open == NULL || value->items == NULL)
    return SOUK_STATUS_BAD_ENCODING;
  if (open[1] != ']' && g_ascii_strtoull (open + 1, NULL, 10) != value->items->len)
    return SOUK_STATUS_BAD_ENCODING;
  souk_keccak_init (&keccak);
  for (guint i = 0; i < value->items->len; i++)
    {
      uint8_t word[SOUK_ABI_WORD];
      SOUK_TRY (encode_member (table, type, (size_t)(open - type),
                               g_ptr_array_index (value->items, i), depth + 1, word));
      souk_keccak_update (&keccak, souk_slice (word, sizeof word));
    }
  souk_keccak_digest (&keccak, out);
  return SOUK_STATUS_OK;
}

static SoukStatus
encode_member (const SoukTypedTable *table, const char *type, size_t len, const SoukAbiValue *value,
               unsigned depth, uint8_t out[SOUK_ABI_WORD])
{
  const SoukTypedStruct *other = find_struct (table, type, len);
  g_autofree char *text = g_strndup (type, len);
  g_autoptr (SoukAbiType) elementary = NULL;

  if (depth > SOUK_TYPED_DEPTH_MAX)
    return SOUK_STATUS_LIMIT;
  if (len > 0 && type[len - 1] == ']')
    return encode_array (table, type, len, value, depth, out);
  if (other != NULL)
    return hash_struct (table, other, value, depth + 1, out);

  SOUK_TRY (souk_abi_type_parse (text, &elementary));
  if (elementary->kind == SOUK_ABI_BYTES || elementary->kind == SOUK_ABI_STRING)
    {
      if (value->bytes == NULL)
        return SOUK_STATUS_BAD_ENCODING;
      souk_keccak256 (out, souk_slice_from_bytes (value->bytes));
      return SOUK_STATUS_OK;
    }
  if (elementary->items != NULL || value->bytes != NULL || value->items != NULL)
    return SOUK_STATUS_BAD_ENCODING;
  memcpy (out, value->word, SOUK_ABI_WORD);
  return SOUK_STATUS_OK;
}

static SoukStatus
hash_struct (const SoukTypedTable *table, const SoukTypedStruct *self, const SoukAbiValue *value,
             unsigned depth, uint8_t out[SOUK_HASH_SIZE])
{
  uint8_t word[SOUK_ABI_WORD];
  SoukKeccak keccak;

  if (value->items == NULL || value->items->len != self->n_members)
    return SOUK_STATUS_BAD_ENCODING;
  souk_keccak_init (&keccak);
  hash_type (table, self, word);
  souk_keccak_update (&keccak, souk_slice (word, sizeof word));
  for (size_t i = 0; i < self->n_members; i++)
    {
      const char *type = self->members[i].type;
      SOUK_TRY (encode_member (table, type, strlen (type), g_ptr_array_index (value->items, i),
                               depth + 1, word));
      souk_keccak_update (&keccak, souk_slice (word, sizeof word));
    }
  souk_keccak_digest (&keccak, out);
  return SOUK_STATUS_OK;
}

SoukStatus
souk_typed_hash_struct (const SoukTypedTable *table, const char *name, const SoukAbiValue *value,
                        uint8_t out[SOUK_HASH_SIZE])
{
  const SoukTypedStruct *self = find_struct (table, name, strlen (name));

  if (self == NULL)
    return SOUK_STATUS_BAD_ENCODING;
  if (table->n_structs > SOUK_TYPED_STRUCTS_MAX)
    return SOUK_STATUS_LIMIT;
  for (size_t i = 0; i < table->n_structs; i++)
    if (table->structs[i].n_members > SOUK_TYPED_MEMBERS_MAX)
      return SOUK_STATUS_LIMIT;
  return hash_struct (table, self, value, 0, out);
}
