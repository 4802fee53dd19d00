/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values as replies and events carry them: times, amounts, ids. GLIB, any thread.
 */
#pragma once
#include "base/address.h"
#include "base/cid.h"
#include "base/peer-id.h"
#include "base/time.h"
#include "base/u256.h"

#include <json-glib/json-glib.h>

/* RFC 3339, UTC, milliseconds. */
void souk_json_set_time (JsonObject *object, const char *name, SoukWall time);
/* The decimal digits of the smallest unit. */
void souk_json_set_wei (JsonObject *object, const char *name, SoukWei amount);
/* The coin's decimal form, exact: "9.7". */
void souk_json_set_coins (JsonObject *object, const char *name, SoukWei amount);
void souk_json_set_peer (JsonObject *object, const char *name, const SoukPeerId *peer);
void souk_json_set_cid (JsonObject *object, const char *name, const SoukCid *cid);
void souk_json_set_address (JsonObject *object, const char *name, const SoukAddress *address);
/* "0x" and hexadecimal digits: hashes of the chain. */
void souk_json_set_hash (JsonObject *object, const char *name, const uint8_t hash[32]);
void souk_json_set_strings (JsonObject *object, const char *name, const char *const *strings);
/* Wraps an object; takes it over. */
JsonNode *souk_json_object_node (JsonObject *object);
