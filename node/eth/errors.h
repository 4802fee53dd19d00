/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong between us and an Ethereum node, as a GError. GLIB.
 *
 * Nodes differ in code and text for one cause, so both are looked at. The error keeps the code and,
 * for a revert, what the contract said.
 */
#pragma once
#include "chain/revert.h"

#include <glib.h>
#include <json-glib/json-glib.h>

/* A node's own words are cut here. */
#define SOUK_ETH_MESSAGE_MAX 200

typedef enum {
  SOUK_ETH_ERROR_UNREACHABLE, /* no endpoint gave an answer */
  SOUK_ETH_ERROR_PROTOCOL,    /* the answer is not what the method gives */
  SOUK_ETH_ERROR_TOO_LARGE,   /* the answer, or what it would have been: ask for less */
  SOUK_ETH_ERROR_WRONG_CHAIN, /* the endpoint serves another chain */
  SOUK_ETH_ERROR_RATE_LIMITED,
  SOUK_ETH_ERROR_LIMIT,    /* too many calls wait here */
  SOUK_ETH_ERROR_REVERTED, /* a contract refused; souk_eth_error_revert says why */
  SOUK_ETH_ERROR_NONCE_TOO_LOW,
  SOUK_ETH_ERROR_ALREADY_KNOWN, /* the node has this very transaction */
  SOUK_ETH_ERROR_UNDERPRICED,   /* a replacement pays too little more */
  SOUK_ETH_ERROR_INSUFFICIENT_FUNDS,
  SOUK_ETH_ERROR_FEE_TOO_LOW, /* below the base fee */
  SOUK_ETH_ERROR_GAS,         /* the gas limit is too low or above a block's */
  SOUK_ETH_ERROR_UNKNOWN_BLOCK,
  SOUK_ETH_ERROR_UNKNOWN_METHOD,
  SOUK_ETH_ERROR_REFUSED, /* any other error of the node */
} SoukEthError;

#define SOUK_ETH_ERROR (souk_eth_error_quark ())
GQuark souk_eth_error_quark (void);

/* The error object of a JSON-RPC answer. Returns: (transfer full). */
GError *souk_eth_error_from_json (JsonObject *error);
/* The JSON-RPC code; 0 when there is none. */
gint64 souk_eth_error_code (const GError *error);
/* Returns: (nullable): what a contract said, for REVERTED; owned by the error. */
const SoukRevert *souk_eth_error_revert (const GError *error);
/* True when another endpoint may do better with the same request. */
bool souk_eth_error_is_endpoints_fault (const GError *error);
