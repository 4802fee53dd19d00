/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verifying RSA signatures. PURE. See rsa.h.
 */
#include "base/rsa.h"

#include <nettle/asn1.h>
#include <nettle/bignum.h>
#include <nettle/rsa.h>
#include <string.h>

/* rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017, appendix C). */
static const uint8_t rsa_encryption[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };

/* SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, BIT STRING } */
static bool
open_key (SoukSlice key, struct rsa_public_key *out)
{
  struct asn1_der_iterator at, algorithm;
  return asn1_der_iterator_first (&at, key.len, key.data) == ASN1_ITERATOR_CONSTRUCTED
         && at.type == ASN1_SEQUENCE
         && asn1_der_decode_constructed_last (&at) == ASN1_ITERATOR_CONSTRUCTED
         && at.type == ASN1_SEQUENCE
         && asn1_der_decode_constructed (&at, &algorithm) == ASN1_ITERATOR_PRIMITIVE
         && algorithm.type == ASN1_IDENTIFIER && algorithm.length == sizeof rsa_encryption
         && memcmp (algorithm.data, rsa_encryption, sizeof rsa_encryption) == 0
         && asn1_der_iterator_next (&algorithm) == ASN1_ITERATOR_PRIMITIVE
         && algorithm.type == ASN1_NULL && algorithm.length == 0
         && asn1_der_iterator_next (&algorithm) == ASN1_ITERATOR_END
         && asn1_der_iterator_next (&at) == ASN1_ITERATOR_PRIMITIVE && at.type == ASN1_BITSTRING
         && asn1_der_decode_bitstring_last (&at) == ASN1_ITERATOR_CONSTRUCTED
         && rsa_public_key_from_der_iterator (out, SOUK_RSA_BITS_MAX, &at);
}

SoukStatus
souk_rsa_verify (SoukSlice key, SoukSlice message, SoukSlice signature)
{
  struct rsa_public_key parsed;
  struct sha256_ctx sha;
  SoukStatus status = SOUK_STATUS_BAD_ENCODING;
  rsa_public_key_init (&parsed);
  if (open_key (key, &parsed))
    {
      mpz_t number;
      sha256_init (&sha);
      sha256_update (&sha, message.len, message.data);
      nettle_mpz_init_set_str_256_u (number, signature.len, signature.data);
      status = parsed.size * 8 < SOUK_RSA_BITS_MIN ? SOUK_STATUS_UNSUPPORTED
               : signature.len == parsed.size && rsa_sha256_verify (&parsed, &sha, number)
                   ? SOUK_STATUS_OK
                   : SOUK_STATUS_BAD_SIGNATURE;
      mpz_clear (number);
    }
  rsa_public_key_clear (&parsed);
  return status;
}
