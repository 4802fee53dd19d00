/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util.h"
#include "wallet/keystore.h"

/* A keystore with every part; each test replaces one text in it. */
static const char good[]
    = "{ \"version\": 3, \"id\": \"98d193c7-5174-4c7c-5345-c1daf95477b5\","
      " \"address\": \"460121576cc7df020759730751f92bd62fd78dd6\", \"crypto\": {"
      " \"cipher\": \"aes-128-ctr\","
      " \"cipherparams\": { \"iv\": \"681679cdb125bba9495d068b002816a4\" },"
      " \"ciphertext\": \"54ae683c6287fa3d58321f09d56e26d94e58a00d4f90bdd95782ae0e4aab618b\","
      " \"kdf\": \"scrypt\", \"kdfparams\": { \"dklen\": 32, \"n\": 8192, \"r\": 8, \"p\": 1,"
      " \"salt\": \"c3407f363fce02a6\" },"
      " \"mac\": \"dea6bdf22a2f522166ed82808c22a6311e84c355f4bbe100d4260483ff675a46\" },"
      " \"x-ethers\": { \"version\": \"0.1\","
      " \"mnemonicCounter\": \"70224accc00e35328a010a19fef51121\","
      " \"mnemonicCiphertext\": \"cf835e13e4f90b190052263dbd24b020\", \"locale\": \"en\" } }";

static char *
with (const char *from, const char *to)
{
  g_autoptr (GString) text = g_string_new (good);
  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  return g_strdup (text->str);
}

static SoukKeystore
assert_accepted (const char *text)
{
  g_autoptr (GError) error = NULL;
  SoukKeystore keystore;
  souk_keystore_parse (&keystore, souk_slice_from_text (text), &error);
  g_assert_no_error (error);
  return keystore;
}

static void
assert_refused (const char *from, const char *to, SoukWalletError code)
{
  g_autofree char *text = with (from, to);
  g_autoptr (GError) error = NULL;
  SoukKeystore keystore;
  g_assert_false (souk_keystore_parse (&keystore, souk_slice_from_text (text), &error));
  g_assert_error (error, SOUK_WALLET_ERROR, (int)code);
}

static void
test_good (void)
{
  SoukKeystore keystore = assert_accepted (good);
  g_assert_cmpuint (keystore.n, ==, 8192);
  g_assert_cmpuint (keystore.salt_len, ==, 8);
  g_assert_cmpuint (keystore.words_len, ==, 16);
  g_assert_cmpstr (keystore.words_path, ==, "m/44'/60'/0'/0/0");
}

static void
test_variants (void)
{
  g_autofree char *capital = with ("\"crypto\"", "\"Crypto\"");
  assert_accepted (capital);
  g_autofree char *prefixed = with ("\"4601", "\"0x4601");
  assert_accepted (prefixed);
  g_autofree char *nameless = with ("\"address\"", "\"addresses\"");
  g_assert_false (assert_accepted (nameless).has_address);
  g_autofree char *null = with ("\"460121576cc7df020759730751f92bd62fd78dd6\"", "null");
  g_assert_false (assert_accepted (null).has_address);
}

static void
test_damaged (void)
{
  assert_refused ("{ \"version\"", "[ \"version\"", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"crypto\"", "\"krypto\"", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"4601", "\"460", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"4601", "\"460g", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"6816", "\"68", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"54ae", "\"54ae00", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"dea6", "\"", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"c340", "\"c34", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"dklen\": 32", "\"dklen\": 31", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("8192", "8191", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("8192", "1", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("8192", "-8192", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("8192", "\"8192\"", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("8192", "8192.5", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"r\": 8", "\"r\": 0", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"p\": 1", "\"q\": 1", SOUK_WALLET_ERROR_DAMAGED);
  assert_refused ("\"mac\"", "\"mac\": {}, \"MAC\"", SOUK_WALLET_ERROR_DAMAGED);
}

static void
test_unsupported (void)
{
  assert_refused ("\"version\": 3", "\"version\": 1", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"version\": 3", "\"version\": \"3\"", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("aes-128-ctr", "aes-128-cbc", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"scrypt\"", "\"argon2id\"", SOUK_WALLET_ERROR_UNSUPPORTED);
  assert_refused ("\"scrypt\"", "\"pbkdf2\"", SOUK_WALLET_ERROR_UNSUPPORTED);
}

/* A file must not make the node take all memory or hang, however the product is spread. */
static void
test_bombs (void)
{
  static const char *const scrypt[] = {
    "\"n\": 4611686018427387904, \"r\": 8, \"p\": 1",
    "\"n\": 1048576, \"r\": 8, \"p\": 1",
    "\"n\": 2, \"r\": 4611686018427387904, \"p\": 1",
    "\"n\": 2, \"r\": 8, \"p\": 4611686018427387904",
    "\"n\": 2, \"r\": 4194304, \"p\": 2",
    "\"n\": 8388608, \"r\": 1, \"p\": 1",
    "\"n\": 262144, \"r\": 8, \"p\": 5",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (scrypt); i++)
    assert_refused ("\"n\": 8192, \"r\": 8, \"p\": 1", scrypt[i], SOUK_WALLET_ERROR_EXPENSIVE);
  assert_refused ("\"scrypt\", \"kdfparams\": {",
                  "\"pbkdf2\", \"kdfparams\": { \"prf\": \"hmac-sha256\", \"c\": 4194305,",
                  SOUK_WALLET_ERROR_EXPENSIVE);
  g_autofree char *geth = with ("8192", "262144");
  assert_accepted (geth);
}

static void
test_words_that_cannot_be_read (void)
{
  static const char *const changes[][2] = {
    { "\"0.1\"", "\"0.2\"" },
    { "\"en\"", "\"ja\"" },
    { "\"7022", "\"70" },
    { "\"cf83", "\"" },
    { "\"x-ethers\"", "\"x-others\"" },
    { "\"x-ethers\": {", "\"x-ethers\": [], \"x-others\": {" },
    { "\"locale\"",
      "\"path\": \"m/00000000000000000000000000000000000000000000000000000000000000000000\","
      " \"locale\"" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *text = with (changes[i][0], changes[i][1]);
      g_assert_cmpuint (assert_accepted (text).words_len, ==, 0);
    }
}

static void
test_any_cut (void)
{
  SoukKeystore keystore;
  for (size_t len = 0; len + 1 < sizeof good; len++)
    g_assert_false (souk_keystore_parse (&keystore, souk_slice (good, len), NULL));
  /* With a zero inside, invalid UTF-8, and too long. */
  g_assert_false (souk_keystore_parse (&keystore, souk_slice (good, sizeof good), NULL));
  g_autofree char *latin = with ("98d1", "\xff");
  g_assert_false (souk_keystore_parse (&keystore, souk_slice_from_text (latin), NULL));
  g_autofree char *spaces = g_strnfill (SOUK_KEYSTORE_SIZE_MAX, ' ');
  g_autofree char *padded = g_strconcat (good, spaces, NULL);
  g_assert_false (souk_keystore_parse (&keystore, souk_slice_from_text (padded), NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wallet/keystore-codec/a-whole-file-is-read", test_good);
  g_test_add_func ("/wallet/keystore-codec/what-other-programs-vary-is-read", test_variants);
  g_test_add_func ("/wallet/keystore-codec/a-damaged-file-is-refused", test_damaged);
  g_test_add_func ("/wallet/keystore-codec/another-kind-of-file-is-unsupported", test_unsupported);
  g_test_add_func ("/wallet/keystore-codec/memory-and-time-bombs-are-refused", test_bombs);
  g_test_add_func ("/wallet/keystore-codec/words-that-cannot-be-read-leave-the-key",
                   test_words_that_cannot_be_read);
  g_test_add_func ("/wallet/keystore-codec/a-file-cut-anywhere-is-refused", test_any_cut);
  return g_test_run ();
}
