/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/keccak.h"

#include "support.h"

static void
check_keccak (SoukSlice in, const char *want)
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_keccak256 (digest, in);
  souk_assert_hex (souk_slice (digest, sizeof digest), want);
}

static void
test_known (void)
{
  check_keccak (SOUK_SLICE_EMPTY,
                "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  check_keccak (SOUK_SLICE_LITERAL ("abc"),
                "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  check_keccak (SOUK_SLICE_LITERAL ("transfer(address,uint256)"),
                "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b");
}

/* Lengths around the rate of 136 bytes, where the padding goes to the next block. */
static const struct {
  size_t len;
  const char *digest;
} edges[] = {
  { 1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a" },
  { 134, "861e165162f806cd361c4421a48f205820ddf4deb02db9f041f48e179ddada97" },
  { 135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62" },
  { 136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e" },
  { 137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db" },
  { 271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3" },
  { 272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc" },
  { 273, "3f02f134370e4debb95140ef49ddd3aed8c65ff1ed83a43f1b269421f179c5f9" },
  { 1000, "af692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b" },
};

static void
test_edges (void)
{
  uint8_t bytes[1000];
  SoukTestStream stream;
  souk_test_stream_init (&stream, "mod251");
  souk_test_stream_fill (&stream, bytes, sizeof bytes);
  for (size_t i = 0; i < G_N_ELEMENTS (edges); i++)
    check_keccak (souk_slice (bytes, edges[i].len), edges[i].digest);
}

static void
test_pieces (void)
{
  uint8_t bytes[1000];
  uint8_t digest[SOUK_HASH_SIZE];
  SoukTestStream stream;
  souk_test_stream_init (&stream, "mod251");
  souk_test_stream_fill (&stream, bytes, sizeof bytes);
  for (size_t piece = 1; piece < 300; piece += 7)
    {
      SoukKeccak keccak;
      souk_keccak_init (&keccak);
      for (size_t at = 0; at < sizeof bytes; at += piece)
        souk_keccak_update (&keccak, souk_slice (bytes + at, MIN (piece, sizeof bytes - at)));
      souk_keccak_digest (&keccak, digest);
      souk_assert_hex (souk_slice (digest, sizeof digest), edges[G_N_ELEMENTS (edges) - 1].digest);
    }
}

static void
test_sha256 (void)
{
  uint8_t digest[SOUK_HASH_SIZE];
  souk_sha256 (digest, SOUK_SLICE_EMPTY);
  souk_assert_hex (souk_slice (digest, sizeof digest),
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  souk_sha256 (digest, SOUK_SLICE_LITERAL ("abc"));
  souk_assert_hex (souk_slice (digest, sizeof digest),
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/keccak/known-digests", test_known);
  g_test_add_func ("/base/keccak/lengths-around-a-block", test_edges);
  g_test_add_func ("/base/keccak/pieces-give-what-the-whole-gives", test_pieces);
  g_test_add_func ("/base/keccak/sha256-of-the-standard", test_sha256);
  return g_test_run ();
}
