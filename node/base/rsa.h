/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verifying RSA signatures (PKCS #1 v1.5 with SHA-256): older peers of the IPFS network have such
 * keys. PURE.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

/* Others refuse smaller keys as weak; larger ones would make a signature dear to check. */
#define SOUK_RSA_BITS_MIN 2048
#define SOUK_RSA_BITS_MAX 4096

/* `key` is a DER SubjectPublicKeyInfo.
 * Returns: OK, BAD_SIGNATURE, BAD_ENCODING, or UNSUPPORTED for a size that is not accepted. */
SoukStatus souk_rsa_verify (SoukSlice key, SoukSlice message, SoukSlice signature);
