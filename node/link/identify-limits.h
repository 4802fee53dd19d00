/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of identify. PURE.
 */
#pragma once

/* One message; others refuse a longer one too. */
#define SOUK_IDENTIFY_MESSAGE_MAX 8192
/* An answer may come in parts that are merged; all of them together. */
#define SOUK_IDENTIFY_TOTAL_MAX (64 * 1024)
#define SOUK_IDENTIFY_PARTS_MAX 10
/* Kept of what a peer lists; the rest is dropped, since nobody has as much in earnest. */
#define SOUK_IDENTIFY_ADDRS_MAX 32
#define SOUK_IDENTIFY_PROTOCOLS_MAX 256
#define SOUK_IDENTIFY_PROTOCOL_SIZE_MAX 256
/* The agent and the protocol version, shown to people. */
#define SOUK_IDENTIFY_TEXT_MAX 128
/* An exchange from its start to its end. */
#define SOUK_IDENTIFY_TIMEOUT_MS 10000
/* Pushes of one peer: each costs a signature check. A burst, then one for each so many ms. */
#define SOUK_IDENTIFY_PUSH_BURST 16
#define SOUK_IDENTIFY_PUSH_EVERY_MS 1000
