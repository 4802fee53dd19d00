/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors of Ethereum nodes. GLIB. See errors.h.
 */
#include "eth/errors.h"

#include <string.h>

typedef struct {
  gint64 code;
  bool has_revert;
  SoukRevert revert;
} SoukEthErrorPrivate;

static void
souk_eth_error_private_init (SoukEthErrorPrivate *priv)
{
  *priv = (SoukEthErrorPrivate){ 0 };
}

static void
souk_eth_error_private_copy (const SoukEthErrorPrivate *from, SoukEthErrorPrivate *to)
{
  *to = *from;
}

static void
souk_eth_error_private_clear (SoukEthErrorPrivate *priv)
{
}

G_DEFINE_EXTENDED_ERROR (SoukEthError, souk_eth_error)

typedef struct {
  const char *part; /* of the message, in lower case */
  SoukEthError error;
} TextRow;

/* The first row that is found decides. */
static const TextRow texts[] = {
  { "nonce too low", SOUK_ETH_ERROR_NONCE_TOO_LOW },
  { "already known", SOUK_ETH_ERROR_ALREADY_KNOWN },
  { "already imported", SOUK_ETH_ERROR_ALREADY_KNOWN },
  { "known transaction", SOUK_ETH_ERROR_ALREADY_KNOWN },
  { "underpriced", SOUK_ETH_ERROR_UNDERPRICED },
  { "insufficient funds", SOUK_ETH_ERROR_INSUFFICIENT_FUNDS },
  { "less than block base fee", SOUK_ETH_ERROR_FEE_TOO_LOW },
  { "fee cap less than", SOUK_ETH_ERROR_FEE_TOO_LOW },
  { "intrinsic gas", SOUK_ETH_ERROR_GAS },
  { "exceeds block gas limit", SOUK_ETH_ERROR_GAS },
  { "gas required exceeds", SOUK_ETH_ERROR_GAS },
  { "invalid chain id", SOUK_ETH_ERROR_WRONG_CHAIN },
  { "unknown block", SOUK_ETH_ERROR_UNKNOWN_BLOCK },
  { "block not found", SOUK_ETH_ERROR_UNKNOWN_BLOCK },
  { "header not found", SOUK_ETH_ERROR_UNKNOWN_BLOCK },
  { "too many requests", SOUK_ETH_ERROR_RATE_LIMITED },
  { "rate limit", SOUK_ETH_ERROR_RATE_LIMITED },
  { "block range", SOUK_ETH_ERROR_TOO_LARGE },
  { "range is too", SOUK_ETH_ERROR_TOO_LARGE },
  { "returned more than", SOUK_ETH_ERROR_TOO_LARGE },
  { "more than 10000 results", SOUK_ETH_ERROR_TOO_LARGE },
  { "response size", SOUK_ETH_ERROR_TOO_LARGE },
  { "query timeout", SOUK_ETH_ERROR_TOO_LARGE },
  { "revert", SOUK_ETH_ERROR_REVERTED },
};

static SoukEthError
classify (gint64 code, const char *message)
{
  g_autofree char *lower = g_ascii_strdown (message, -1);

  if (code == 3)
    return SOUK_ETH_ERROR_REVERTED;
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strstr (lower, texts[i].part) != NULL)
      return texts[i].error;
  if (code == -32601)
    return SOUK_ETH_ERROR_UNKNOWN_METHOD;
  if (code == -32005)
    return SOUK_ETH_ERROR_TOO_LARGE;
  return SOUK_ETH_ERROR_REFUSED;
}

/* The revert's bytes: "data" itself, or "data" inside it, as nodes differ. */
static GBytes *
revert_data (JsonObject *error)
{
  JsonNode *node = json_object_get_member (error, "data");
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    node = json_object_get_member (json_node_get_object (node), "data");
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return souk_hex_decode (json_node_get_string (node));
}

GError *
souk_eth_error_from_json (JsonObject *error)
{
  gint64 code = json_object_get_int_member_with_default (error, "code", 0);
  const char *text = json_object_get_string_member_with_default (error, "message", "");
  const char *message = text != NULL ? text : ""; /* JSON's null is a member all the same */
  g_autofree char *valid
      = g_utf8_make_valid (message, (gssize)strnlen (message, SOUK_ETH_MESSAGE_MAX));
  SoukEthError kind = classify (code, valid);

  if (kind != SOUK_ETH_ERROR_REVERTED)
    {
      GError *made = g_error_new (SOUK_ETH_ERROR, (int)kind, "The chain's node answers: %s", valid);
      souk_eth_error_get_private (made)->code = code;
      return made;
    }
  g_autoptr (GBytes) data = revert_data (error);
  SoukRevert revert;
  souk_revert_decode (data != NULL ? souk_slice_from_bytes (data) : SOUK_SLICE_EMPTY, &revert);
  GError *made = g_error_new (SOUK_ETH_ERROR, (int)kind, "%s%s%s", revert.sentence,
                              revert.text[0] ? " " : "", revert.text);
  SoukEthErrorPrivate *priv = souk_eth_error_get_private (made);
  priv->code = code;
  priv->has_revert = true;
  priv->revert = revert;
  return made;
}

gint64
souk_eth_error_code (const GError *error)
{
  return error->domain == SOUK_ETH_ERROR ? souk_eth_error_get_private (error)->code : 0;
}

const SoukRevert *
souk_eth_error_revert (const GError *error)
{
  if (error->domain != SOUK_ETH_ERROR)
    return NULL;
  SoukEthErrorPrivate *priv = souk_eth_error_get_private (error);
  return priv->has_revert ? &priv->revert : NULL;
}

bool
souk_eth_error_is_endpoints_fault (const GError *error)
{
  return g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNREACHABLE)
         || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_PROTOCOL)
         || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_WRONG_CHAIN)
         || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_RATE_LIMITED);
}
