/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calldata for the two contracts, and what their views answer. PURE.
 *
 * Each function returns the whole calldata, (transfer full): the selector and the arguments. The
 * meaning of each step, and who may take it when, is in escrow.h and in the contracts' interfaces.
 */
#pragma once
#include "chain/escrow.h"
#include "wire/terms.h"

/* ---- PromptMarketplace ---- */
/* Value sent along: the price, when the token is zero. `permit` is empty, or an ERC-2612 permit. */
GBytes *souk_call_buy (const SoukOfferTerms *terms, SoukSlice signature, SoukSlice permit);
GBytes *souk_call_deliver (const SoukOfferTerms *terms, const uint8_t key[32]);
GBytes *souk_call_offer_release (const SoukOfferTerms *terms);
GBytes *souk_call_offer_refund (const SoukOfferTerms *terms);
GBytes *souk_call_offer_cancel (const SoukOfferTerms *terms);
GBytes *souk_call_offer_dispute (const SoukOfferTerms *terms, const uint8_t evidence[32]);
GBytes *souk_call_offer_resolve (const SoukOfferTerms *terms, unsigned seller_bps,
                                 const uint8_t reason[32]);
GBytes *souk_call_prove_mismatch (const SoukOfferTerms *terms, const uint8_t key[32],
                                  const uint8_t capsule[32]);

/* ---- ComputeRental ---- */
GBytes *souk_call_accept (const SoukBidTerms *terms, SoukSlice signature, SoukSlice permit);
GBytes *souk_call_submit (const SoukBidTerms *terms, const uint8_t result_hash[32]);
GBytes *souk_call_settle (const SoukBidTerms *terms, const SoukReceiptTerms *receipt,
                          SoukSlice requester_signature);
GBytes *souk_call_bid_release (const SoukBidTerms *terms);
GBytes *souk_call_bid_refund (const SoukBidTerms *terms);
GBytes *souk_call_bid_cancel (const SoukBidTerms *terms);
GBytes *souk_call_bid_dispute (const SoukBidTerms *terms, const uint8_t evidence[32]);
GBytes *souk_call_bid_resolve (const SoukBidTerms *terms, unsigned provider_bps, bool is_slashed,
                               const uint8_t reason[32]);

/* ---- both ---- */
GBytes *souk_call_withdraw (const SoukAddress *token, const SoukAddress *to);
GBytes *souk_call_deposit (const SoukAddress *token, SoukU256 amount, SoukSlice permit);
GBytes *souk_call_bump_counter (void);
/* Views, for eth_call. */
GBytes *souk_call_state_of (const uint8_t id[32]);
GBytes *souk_call_credit (const SoukAddress *token, const SoukAddress *who);
GBytes *souk_call_counter (const SoukAddress *signer);
GBytes *souk_call_cancelled (const uint8_t id[32]);
GBytes *souk_call_domain_separator (void);
GBytes *souk_call_owner (void);

/* ERC-20. */
GBytes *souk_call_erc20_balance_of (const SoukAddress *who);
GBytes *souk_call_erc20_approve (const SoukAddress *spender, SoukU256 amount);

/* Answers of the views above. SHORT_READ or BAD_ENCODING when they are not what the contract gives. */
SoukStatus souk_answer_state_of (SoukSlice in, SoukEscrowState *out_state,
                                 uint64_t *out_deadline_s);
SoukStatus souk_answer_u256 (SoukSlice in, SoukU256 *out);
SoukStatus souk_answer_bool (SoukSlice in, bool *out);
SoukStatus souk_answer_address (SoukSlice in, SoukAddress *out);
