/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * BIP-32, "Child key derivation (CKD) functions", private parent to private child. GLIB. See hd.h.
 *
 * Public points come from a context of this file's own, blinded once with random bytes, since a
 * parent's secret is multiplied with it.
 */
#include "wallet/hd.h"

#include <nettle/hmac.h>
#include <secp256k1.h>
#include <sodium.h>
#include <string.h>

#define COMPRESSED_SIZE 33

static gpointer
make_context (gpointer unused)
{
  uint8_t blind[32];
  secp256k1_context *context = secp256k1_context_create (SECP256K1_CONTEXT_NONE);
  randombytes_buf (blind, sizeof blind);
  g_assert (secp256k1_context_randomize (context, blind));
  sodium_memzero (blind, sizeof blind);
  return context;
}

static const secp256k1_context *
public_context (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_context, NULL);
}

/* I = HMAC-SHA512 (Key = key, Data = data) */
static void
hmac_sha512 (uint8_t out[SHA512_DIGEST_SIZE], SoukSlice key, SoukSlice data)
{
  struct hmac_sha512_ctx hmac;
  hmac_sha512_set_key (&hmac, key.len, key.data);
  hmac_sha512_update (&hmac, data.len, data.data);
  hmac_sha512_digest (&hmac, SHA512_DIGEST_SIZE, out);
  sodium_memzero (&hmac, sizeof hmac);
}

bool
souk_hd_master (SoukHdNode *out, SoukSlice seed)
{
  uint8_t both[SHA512_DIGEST_SIZE];
  bool is_key;

  if (seed.len < 16 || seed.len > 64)
    return false;
  hmac_sha512 (both, SOUK_SLICE_LITERAL ("Bitcoin seed"), seed);
  is_key = secp256k1_ec_seckey_verify (secp256k1_context_static, both);
  if (is_key)
    {
      memcpy (out->secret, both, sizeof out->secret);
      memcpy (out->chain_code, both + 32, sizeof out->chain_code);
    }
  sodium_memzero (both, sizeof both);
  return is_key;
}

/* serP (point (kpar)) */
static bool
compressed_point (uint8_t out[COMPRESSED_SIZE], const uint8_t secret[32])
{
  secp256k1_pubkey point;
  size_t len = COMPRESSED_SIZE;
  return secp256k1_ec_pubkey_create (public_context (), &point, secret)
         && secp256k1_ec_pubkey_serialize (secp256k1_context_static, out, &len, &point,
                                           SECP256K1_EC_COMPRESSED);
}

bool
souk_hd_step (SoukHdNode *self, uint32_t number)
{
  /* Hardened: 0x00 || ser256 (kpar) || ser32 (i); else serP (point (kpar)) || ser32 (i). */
  uint8_t data[COMPRESSED_SIZE + 4] = { 0 };
  uint8_t both[SHA512_DIGEST_SIZE];
  uint8_t child[32];
  bool is_key = true;

  if (number & SOUK_HD_HARDENED)
    memcpy (data + 1, self->secret, sizeof self->secret);
  else
    is_key = compressed_point (data, self->secret);
  for (int i = 0; i < 4; i++)
    data[COMPRESSED_SIZE + i] = (uint8_t)(number >> (24 - 8 * i));
  hmac_sha512 (both, souk_slice (self->chain_code, sizeof self->chain_code),
               souk_slice (data, sizeof data));
  memcpy (child, self->secret, sizeof child);
  is_key = is_key && secp256k1_ec_seckey_tweak_add (secp256k1_context_static, child, both);
  if (is_key)
    {
      memcpy (self->secret, child, sizeof self->secret);
      memcpy (self->chain_code, both + 32, sizeof self->chain_code);
    }
  sodium_memzero (data, sizeof data);
  sodium_memzero (both, sizeof both);
  sodium_memzero (child, sizeof child);
  return is_key;
}

/* Reads "/44'" or "/0" and moves on; false when there is no such step. */
static bool
read_step (const char **at, uint32_t *out_number)
{
  uint64_t number = 0;
  const char *digits = *at + 1;
  const char *end = digits;

  if (**at != '/')
    return false;
  for (; g_ascii_isdigit (*end) && end - digits < 10; end++)
    number = number * 10 + (uint64_t)(*end - '0');
  if (end == digits || number >= SOUK_HD_HARDENED)
    return false;
  if (*end == '\'')
    {
      number |= SOUK_HD_HARDENED;
      end++;
    }
  *at = end;
  *out_number = (uint32_t)number;
  return true;
}

bool
souk_hd_follow (SoukHdNode *self, const char *path)
{
  const char *at = path + 1;
  if (path[0] != 'm')
    return false;
  for (unsigned depth = 0; *at != '\0'; depth++)
    {
      uint32_t number;
      if (depth == SOUK_HD_DEPTH_MAX || !read_step (&at, &number) || !souk_hd_step (self, number))
        return false;
    }
  return true;
}
