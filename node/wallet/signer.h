/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place that holds a private key while the node runs, and signs with it. GLIB, one thread.
 *
 * The key lies in memory of its own (guard pages, locked, never dumped), unreadable but for the moment of
 * a signature. It never leaves: who wants a signature hands over what is to be signed, in a form whose
 * meaning is known here, never a bare hash.
 */
#pragma once
#include "chain/eip712.h"
#include "chain/tx.h"

typedef struct SoukSigner SoukSigner;

/* Copies the key. Returns: (nullable): NULL when the 32 bytes are no key. */
SoukSigner *souk_signer_new (const uint8_t secret[32]);
/* Clears the key. */
void souk_signer_free (SoukSigner *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukSigner, souk_signer_free)

const SoukAddress *souk_signer_address (const SoukSigner *self);

/* Each writes r || s || v; v is 27 or 28. */
void souk_signer_sign_tx (SoukSigner *self, const SoukTx *tx, uint8_t out[SOUK_ECDSA_SIZE]);
void souk_signer_sign_offer (SoukSigner *self, const SoukDomain *domain,
                             const SoukOfferTerms *terms, uint8_t out[SOUK_ECDSA_SIZE]);
void souk_signer_sign_bid (SoukSigner *self, const SoukDomain *domain, const SoukBidTerms *terms,
                           uint8_t out[SOUK_ECDSA_SIZE]);
void souk_signer_sign_receipt (SoukSigner *self, const SoukDomain *domain,
                               const SoukReceiptTerms *terms, uint8_t out[SOUK_ECDSA_SIZE]);
/* EIP-191, "personal_sign": a text for people. */
void souk_signer_sign_text (SoukSigner *self, SoukSlice text, uint8_t out[SOUK_ECDSA_SIZE]);
/* Other typed data (EIP-712), which the caller has shown to a person. */
void souk_signer_sign_typed (SoukSigner *self, const uint8_t domain_separator[SOUK_HASH_SIZE],
                             const uint8_t struct_hash[SOUK_HASH_SIZE],
                             uint8_t out[SOUK_ECDSA_SIZE]);
