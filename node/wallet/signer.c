/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds the key and signs. GLIB. See signer.h.
 */
#include "wallet/signer-private.h"

#include "wallet/secret.h"

struct SoukSigner {
  uint8_t *secret; /* of sodium_malloc; no access but in sign_digest and copy_secret */
  SoukAddress address;
};

SoukSigner *
souk_signer_new (const uint8_t secret[32])
{
  SoukAddress address;

  if (sodium_init () < 0)
    g_error ("libsodium does not start");
  if (!souk_address_from_secret (secret, &address))
    return NULL;
  SoukSigner *self = g_new0 (SoukSigner, 1);
  self->address = address;
  self->secret = sodium_malloc (32);
  if (self->secret == NULL)
    g_error ("no locked memory for a key");
  memcpy (self->secret, secret, 32);
  sodium_mprotect_noaccess (self->secret);
  return self;
}

void
souk_signer_free (SoukSigner *self)
{
  if (self == NULL)
    return;
  sodium_free (self->secret);
  g_free (self);
}

const SoukAddress *
souk_signer_address (const SoukSigner *self)
{
  return &self->address;
}

static void
sign_digest (SoukSigner *self, const uint8_t digest[SOUK_HASH_SIZE], uint8_t out[SOUK_ECDSA_SIZE])
{
  sodium_mprotect_readonly (self->secret);
  bool is_signed = souk_ecdsa_sign (self->secret, digest, out);
  sodium_mprotect_noaccess (self->secret);
  g_assert (is_signed);
}

void
souk_signer_copy_secret (SoukSigner *self, uint8_t out_secret[32])
{
  sodium_mprotect_readonly (self->secret);
  memcpy (out_secret, self->secret, 32);
  sodium_mprotect_noaccess (self->secret);
}

void
souk_signer_sign_tx (SoukSigner *self, const SoukTx *tx, uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_tx_digest (tx, digest);
  sign_digest (self, digest, out);
}

void
souk_signer_sign_offer (SoukSigner *self, const SoukDomain *domain, const SoukOfferTerms *terms,
                        uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_offer_digest (domain, terms, digest);
  sign_digest (self, digest, out);
}

void
souk_signer_sign_bid (SoukSigner *self, const SoukDomain *domain, const SoukBidTerms *terms,
                      uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_bid_digest (domain, terms, digest);
  sign_digest (self, digest, out);
}

void
souk_signer_sign_receipt (SoukSigner *self, const SoukDomain *domain, const SoukReceiptTerms *terms,
                          uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_receipt_digest (domain, terms, digest);
  sign_digest (self, digest, out);
}

void
souk_signer_sign_text (SoukSigner *self, SoukSlice text, uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_eip191_digest (digest, text);
  sign_digest (self, digest, out);
}

void
souk_signer_sign_typed (SoukSigner *self, const uint8_t domain_separator[SOUK_HASH_SIZE],
                        const uint8_t struct_hash[SOUK_HASH_SIZE], uint8_t out[SOUK_ECDSA_SIZE])
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_typed_digest (domain_separator, struct_hash, digest);
  sign_digest (self, digest, out);
}
