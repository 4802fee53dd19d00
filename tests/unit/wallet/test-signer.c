/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each kind of signature is by the signer's account, over the right digest; and the key is not readable.
 */
#include "wallet/signer-private.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t secret[32] = { 5, 6, 7 };

static void
assert_by (const SoukSigner *signer, const uint8_t digest[32], const uint8_t signature[65])
{
  SoukAddress who;
  g_assert_cmpint (souk_ecdsa_recover (digest, signature, &who), ==, SOUK_STATUS_OK);
  g_assert_true (souk_address_is_equal (&who, souk_signer_address (signer)));
}

static void
each_kind_is_signed_by_the_account (void)
{
  g_autoptr (SoukSigner) signer = souk_signer_new (secret);
  SoukDomain domain = { 31337, { { 1 } } };
  SoukOfferTerms offer = { .price = souk_u256_from_u64 (1) };
  SoukBidTerms bid = { .price = souk_u256_from_u64 (2) };
  SoukReceiptTerms receipt = { .amount = souk_u256_from_u64 (3) };
  SoukTx tx = { .chain_id = 31337, .is_creation = true };
  SoukSlice text = SOUK_SLICE_LITERAL ("souk: this wallet is paid for peer 12D3");
  uint8_t signature[65];
  uint8_t digest[32];

  souk_signer_sign_offer (signer, &domain, &offer, signature);
  souk_offer_digest (&domain, &offer, digest);
  assert_by (signer, digest, signature);
  souk_signer_sign_bid (signer, &domain, &bid, signature);
  souk_bid_digest (&domain, &bid, digest);
  assert_by (signer, digest, signature);
  souk_signer_sign_receipt (signer, &domain, &receipt, signature);
  souk_receipt_digest (&domain, &receipt, digest);
  assert_by (signer, digest, signature);
  souk_signer_sign_tx (signer, &tx, signature);
  souk_tx_digest (&tx, digest);
  assert_by (signer, digest, signature);
  souk_signer_sign_text (signer, text, signature);
  souk_eip191_digest (digest, text);
  assert_by (signer, digest, signature);
  souk_signer_sign_typed (signer, secret, secret, signature);
  souk_typed_digest (secret, secret, digest);
  assert_by (signer, digest, signature);
}

static void
what_is_no_key_makes_no_signer (void)
{
  uint8_t none[32] = { 0 };
  g_assert_null (souk_signer_new (none));
  memset (none, 0xff, sizeof none);
  g_assert_null (souk_signer_new (none));
}

static void
the_key_comes_out_for_an_export_only (void)
{
  g_autoptr (SoukSigner) signer = souk_signer_new (secret);
  uint8_t copy[32];
  souk_signer_copy_secret (signer, copy);
  g_assert_cmpmem (copy, 32, secret, 32);
}

/* Whoever reads the key's memory between two signatures dies of it. */
static void
reading_the_keys_memory_is_fatal (void)
{
  g_autoptr (SoukSigner) signer = souk_signer_new (secret);
  pid_t pid = fork ();
  int status = 0;
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      const uint8_t *key = *(uint8_t *const *)(const void *)signer;
      signal (SIGSEGV, SIG_DFL);
      _exit (((const volatile uint8_t *)key)[0] == secret[0] ? 1 : 2);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  /* A sanitizer turns the signal into a status of its own; 1 and 2 would mean that it was read. */
  g_assert_true (WIFSIGNALED (status) || WEXITSTATUS (status) > 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/signer/each-kind-is-signed-by-the-account",
                   each_kind_is_signed_by_the_account);
  g_test_add_func ("/wallet/signer/what-is-no-key-makes-no-signer", what_is_no_key_makes_no_signer);
  g_test_add_func ("/wallet/signer/the-key-comes-out-for-an-export-only",
                   the_key_comes_out_for_an_export_only);
  g_test_add_func ("/wallet/signer/reading-the-keys-memory-is-fatal",
                   reading_the_keys_memory_is_fatal);
  return g_test_run ();
}
