/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calldata for the two contracts. PURE. See calls.h.
 *
 * A call is a selector, static words, and at most two trailing `bytes`. Its writer starts with the
 * signature, so that what is hashed stands beside what is written.
 */
#include "chain/calls.h"

#include "chain/terms-words.h"

#define HEAD_TYPES "address,address,address,address,uint256"
#define OFFER "(" HEAD_TYPES ",bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256)"
#define BID "(" HEAD_TYPES ",uint256,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256)"

static GByteArray *
call_start (const char *signature)
{
  uint8_t selector[SOUK_ABI_SELECTOR_SIZE];
  GByteArray *out = g_byte_array_new ();
  souk_abi_selector (signature, selector);
  g_byte_array_append (out, selector, sizeof selector);
  return out;
}

static GBytes *
call_finish (GByteArray *out)
{
  return g_byte_array_free_to_bytes (out);
}

static GByteArray *
offer_start (const char *signature, const SoukOfferTerms *terms)
{
  GByteArray *out = call_start (signature);
  souk_offer_append_words (terms, out);
  return out;
}

static GByteArray *
bid_start (const char *signature, const SoukBidTerms *terms)
{
  GByteArray *out = call_start (signature);
  souk_bid_append_words (terms, out);
  return out;
}

static size_t
padded (size_t len)
{
  return (len + SOUK_ABI_WORD - 1) / SOUK_ABI_WORD * SOUK_ABI_WORD;
}

/* Ends a call with `count` (1 or 2) arguments of type bytes: their offsets, then their contents. */
static GBytes *
finish_with_bytes (GByteArray *out, size_t count, SoukSlice first, SoukSlice second)
{
  static const uint8_t zeros[SOUK_ABI_WORD];
  const SoukSlice tails[2] = { first, second };
  size_t offset = out->len - SOUK_ABI_SELECTOR_SIZE + count * SOUK_ABI_WORD;

  for (size_t i = 0; i < count; i++)
    {
      souk_append_word_u64 (out, offset);
      offset += SOUK_ABI_WORD + padded (tails[i].len);
    }
  for (size_t i = 0; i < count; i++)
    {
      souk_append_word_u64 (out, tails[i].len);
      souk_append (out, tails[i]);
      souk_append (out, souk_slice (zeros, padded (tails[i].len) - tails[i].len));
    }
  return call_finish (out);
}

/* ---- PromptMarketplace ---- */

GBytes *
souk_call_buy (const SoukOfferTerms *terms, SoukSlice signature, SoukSlice permit)
{
  return finish_with_bytes (offer_start ("buy(" OFFER ",bytes,bytes)", terms), 2, signature,
                            permit);
}

GBytes *
souk_call_deliver (const SoukOfferTerms *terms, const uint8_t key[32])
{
  GByteArray *out = offer_start ("deliver(" OFFER ",bytes32)", terms);
  souk_append_word_bytes32 (out, key);
  return call_finish (out);
}

GBytes *
souk_call_offer_release (const SoukOfferTerms *terms)
{
  return call_finish (offer_start ("release(" OFFER ")", terms));
}

GBytes *
souk_call_offer_refund (const SoukOfferTerms *terms)
{
  return call_finish (offer_start ("refund(" OFFER ")", terms));
}

GBytes *
souk_call_offer_cancel (const SoukOfferTerms *terms)
{
  return call_finish (offer_start ("cancel(" OFFER ")", terms));
}

GBytes *
souk_call_offer_dispute (const SoukOfferTerms *terms, const uint8_t evidence[32])
{
  GByteArray *out = offer_start ("dispute(" OFFER ",bytes32)", terms);
  souk_append_word_bytes32 (out, evidence);
  return call_finish (out);
}

GBytes *
souk_call_offer_resolve (const SoukOfferTerms *terms, unsigned seller_bps, const uint8_t reason[32])
{
  GByteArray *out = offer_start ("resolve(" OFFER ",uint256,bytes32)", terms);
  souk_append_word_u64 (out, seller_bps);
  souk_append_word_bytes32 (out, reason);
  return call_finish (out);
}

GBytes *
souk_call_prove_mismatch (const SoukOfferTerms *terms, const uint8_t key[32],
                          const uint8_t capsule[32])
{
  GByteArray *out = offer_start ("proveMismatch(" OFFER ",bytes32,bytes32)", terms);
  souk_append_word_bytes32 (out, key);
  souk_append_word_bytes32 (out, capsule);
  return call_finish (out);
}

/* ---- ComputeRental ---- */

GBytes *
souk_call_accept (const SoukBidTerms *terms, SoukSlice signature, SoukSlice permit)
{
  return finish_with_bytes (bid_start ("accept(" BID ",bytes,bytes)", terms), 2, signature, permit);
}

GBytes *
souk_call_submit (const SoukBidTerms *terms, const uint8_t result_hash[32])
{
  GByteArray *out = bid_start ("submit(" BID ",bytes32)", terms);
  souk_append_word_bytes32 (out, result_hash);
  return call_finish (out);
}

GBytes *
souk_call_settle (const SoukBidTerms *terms, const SoukReceiptTerms *receipt,
                  SoukSlice requester_signature)
{
  GByteArray *out = bid_start ("settle(" BID ",bytes32,uint256,bytes)", terms);
  souk_append_word_bytes32 (out, receipt->result_hash);
  souk_append_word_u256 (out, receipt->amount);
  return finish_with_bytes (out, 1, requester_signature, SOUK_SLICE_EMPTY);
}

GBytes *
souk_call_bid_release (const SoukBidTerms *terms)
{
  return call_finish (bid_start ("release(" BID ")", terms));
}

GBytes *
souk_call_bid_refund (const SoukBidTerms *terms)
{
  return call_finish (bid_start ("refund(" BID ")", terms));
}

GBytes *
souk_call_bid_cancel (const SoukBidTerms *terms)
{
  return call_finish (bid_start ("cancel(" BID ")", terms));
}

GBytes *
souk_call_bid_dispute (const SoukBidTerms *terms, const uint8_t evidence[32])
{
  GByteArray *out = bid_start ("dispute(" BID ",bytes32)", terms);
  souk_append_word_bytes32 (out, evidence);
  return call_finish (out);
}

GBytes *
souk_call_bid_resolve (const SoukBidTerms *terms, unsigned provider_bps, bool is_slashed,
                       const uint8_t reason[32])
{
  GByteArray *out = bid_start ("resolve(" BID ",uint256,bool,bytes32)", terms);
  souk_append_word_u64 (out, provider_bps);
  souk_append_word_u64 (out, is_slashed ? 1 : 0);
  souk_append_word_bytes32 (out, reason);
  return call_finish (out);
}

/* ---- both, and ERC-20 ---- */

/* A call with up to two addresses. */
static GByteArray *
addresses_start (const char *signature, const SoukAddress *first, const SoukAddress *second)
{
  GByteArray *out = call_start (signature);
  souk_append_word_address (out, first);
  if (second != NULL)
    souk_append_word_address (out, second);
  return out;
}

static GBytes *
call_of_id (const char *signature, const uint8_t id[32])
{
  GByteArray *out = call_start (signature);
  souk_append_word_bytes32 (out, id);
  return call_finish (out);
}

GBytes *
souk_call_withdraw (const SoukAddress *token, const SoukAddress *to)
{
  return call_finish (addresses_start ("withdraw(address,address)", token, to));
}

GBytes *
souk_call_deposit (const SoukAddress *token, SoukU256 amount, SoukSlice permit)
{
  GByteArray *out = addresses_start ("deposit(address,uint256,bytes)", token, NULL);
  souk_append_word_u256 (out, amount);
  return finish_with_bytes (out, 1, permit, SOUK_SLICE_EMPTY);
}

GBytes *
souk_call_bump_counter (void)
{
  return call_finish (call_start ("bumpCounter()"));
}

GBytes *
souk_call_state_of (const uint8_t id[32])
{
  return call_of_id ("stateOf(bytes32)", id);
}

GBytes *
souk_call_credit (const SoukAddress *token, const SoukAddress *who)
{
  return call_finish (addresses_start ("credit(address,address)", token, who));
}

GBytes *
souk_call_counter (const SoukAddress *signer)
{
  return call_finish (addresses_start ("counter(address)", signer, NULL));
}

GBytes *
souk_call_cancelled (const uint8_t id[32])
{
  return call_of_id ("cancelled(bytes32)", id);
}

GBytes *
souk_call_domain_separator (void)
{
  return call_finish (call_start ("domainSeparator()"));
}

GBytes *
souk_call_owner (void)
{
  return call_finish (call_start ("owner()"));
}

GBytes *
souk_call_erc20_balance_of (const SoukAddress *who)
{
  return call_finish (addresses_start ("balanceOf(address)", who, NULL));
}

GBytes *
souk_call_erc20_approve (const SoukAddress *spender, SoukU256 amount)
{
  GByteArray *out = addresses_start ("approve(address,uint256)", spender, NULL);
  souk_append_word_u256 (out, amount);
  return call_finish (out);
}

/* ---- answers ---- */

/* The one check at the end of each answer. */
static SoukStatus
answer_status (const SoukReader *reader, SoukSlice in, size_t words)
{
  if (in.len < words * SOUK_ABI_WORD)
    return SOUK_STATUS_SHORT_READ;
  return souk_reader_is_done (reader) ? SOUK_STATUS_OK : SOUK_STATUS_BAD_ENCODING;
}

SoukStatus
souk_answer_state_of (SoukSlice in, SoukEscrowState *out_state, uint64_t *out_deadline_s)
{
  SoukReader reader = souk_reader (in);
  uint64_t state = souk_reader_word_u64 (&reader);
  uint64_t deadline = souk_reader_word_u64 (&reader);

  SOUK_TRY (answer_status (&reader, in, 2));
  if (state >= SOUK_ESCROW_STATE_COUNT)
    return SOUK_STATUS_BAD_ENCODING;
  *out_state = (SoukEscrowState)state;
  *out_deadline_s = deadline;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_answer_u256 (SoukSlice in, SoukU256 *out)
{
  SoukReader reader = souk_reader (in);
  SoukU256 value = souk_reader_word_u256 (&reader);
  SOUK_TRY (answer_status (&reader, in, 1));
  *out = value;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_answer_bool (SoukSlice in, bool *out)
{
  SoukReader reader = souk_reader (in);
  uint64_t value = souk_reader_word_u64 (&reader);
  SOUK_TRY (answer_status (&reader, in, 1));
  if (value > 1)
    return SOUK_STATUS_BAD_ENCODING;
  *out = value == 1;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_answer_address (SoukSlice in, SoukAddress *out)
{
  SoukReader reader = souk_reader (in);
  SoukAddress address = souk_reader_word_address (&reader);
  SOUK_TRY (answer_status (&reader, in, 1));
  *out = address;
  return SOUK_STATUS_OK;
}
