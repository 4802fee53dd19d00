/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What nodes say, and what it means: anvil's and geth's words for the same causes.
 */
#include "eth/errors.h"

#include <string.h>

static GError *
error_of (const char *json)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);
  g_assert_nonnull (node);
  return souk_eth_error_from_json (json_node_get_object (node));
}

static void
the_words_of_several_nodes_are_understood (void)
{
  static const struct {
    const char *json;
    SoukEthError error;
  } rows[] = {
    { "{\"code\":-32003,\"message\":\"nonce too low\"}", SOUK_ETH_ERROR_NONCE_TOO_LOW },
    { "{\"code\":-32000,\"message\":\"nonce too low: next nonce 5, tx nonce 3\"}",
      SOUK_ETH_ERROR_NONCE_TOO_LOW },
    { "{\"code\":-32000,\"message\":\"already known\"}", SOUK_ETH_ERROR_ALREADY_KNOWN },
    { "{\"code\":-32003,\"message\":\"transaction already imported\"}",
      SOUK_ETH_ERROR_ALREADY_KNOWN },
    { "{\"code\":-32003,\"message\":\"replacement transaction underpriced\"}",
      SOUK_ETH_ERROR_UNDERPRICED },
    { "{\"code\":-32003,\"message\":\"Insufficient funds for gas * price + value\"}",
      SOUK_ETH_ERROR_INSUFFICIENT_FUNDS },
    { "{\"code\":-32003,\"message\":\"max fee per gas less than block base fee\"}",
      SOUK_ETH_ERROR_FEE_TOO_LOW },
    { "{\"code\":-32003,\"message\":\"invalid chain id for signer\"}", SOUK_ETH_ERROR_WRONG_CHAIN },
    { "{\"code\":-32000,\"message\":\"intrinsic gas too low\"}", SOUK_ETH_ERROR_GAS },
    { "{\"code\":-32601,\"message\":\"Method not found\"}", SOUK_ETH_ERROR_UNKNOWN_METHOD },
    { "{\"code\":-32000,\"message\":\"unknown block\"}", SOUK_ETH_ERROR_UNKNOWN_BLOCK },
    { "{\"code\":-32005,\"message\":\"query returned more than 10000 results\"}",
      SOUK_ETH_ERROR_TOO_LARGE },
    { "{\"code\":-32602,\"message\":\"block range is too wide\"}", SOUK_ETH_ERROR_TOO_LARGE },
    { "{\"code\":-32005,\"message\":\"limit exceeded\"}", SOUK_ETH_ERROR_TOO_LARGE },
    { "{\"code\":429,\"message\":\"Too Many Requests\"}", SOUK_ETH_ERROR_RATE_LIMITED },
    { "{\"code\":-32000,\"message\":\"execution reverted\"}", SOUK_ETH_ERROR_REVERTED },
    { "{\"code\":3,\"message\":\"x\",\"data\":{\"data\":\"0x00\"}}", SOUK_ETH_ERROR_REVERTED },
    { "{\"code\":-32602,\"message\":\"invalid argument\"}", SOUK_ETH_ERROR_REFUSED },
    { "{\"code\":null,\"message\":null}", SOUK_ETH_ERROR_REFUSED },
    { "{}", SOUK_ETH_ERROR_REFUSED },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = error_of (rows[i].json);
      g_assert_error (error, SOUK_ETH_ERROR, (int)rows[i].error);
    }
}

static void
a_revert_keeps_its_reason_through_a_copy (void)
{
  g_autoptr (GError) error = error_of ("{\"code\":3,\"message\":\"execution reverted\","
                                       "\"data\":\"0xc8ee2d1d\"}");
  g_autoptr (GError) copy = g_error_copy (error);
  g_clear_error (&error);
  g_assert_nonnull (souk_eth_error_revert (copy));
  g_assert_cmpstr (souk_eth_error_revert (copy)->name, ==, "NotParty");
}

static void
long_and_broken_words_are_cut_and_mended (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autofree char *json = g_strdup_printf ("{\"code\":1,\"message\":\"%s\"}", long_text);
  g_autoptr (GError) error = error_of (json);
  g_assert_cmpuint (strlen (error->message), <, SOUK_ETH_MESSAGE_MAX + 50);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eth/errors/the-words-of-several-nodes-are-understood",
                   the_words_of_several_nodes_are_understood);
  g_test_add_func ("/eth/errors/a-revert-keeps-its-reason-through-a-copy",
                   a_revert_keeps_its_reason_through_a_copy);
  g_test_add_func ("/eth/errors/long-and-broken-words-are-cut-and-mended",
                   long_and_broken_words_are_cut_and_mended);
  return g_test_run ();
}
