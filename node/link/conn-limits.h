/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of a whole connection. PURE; those of its parts are in their own files.
 */
#pragma once

/* From the first byte to UPGRADED: a socket that says nothing costs a slot no longer. */
#define SOUK_CONN_HANDSHAKE_MS 10000
/* Inbound streams whose protocol is not agreed yet; the newest above it are reset. */
#define SOUK_CONN_NEGOTIATING_MAX 512
/* Streams of identify, push and ping that one peer may have open to us at once. */
#define SOUK_CONN_SERVICES_MAX 16
/* Sealed bytes that wait for the socket; more is sealed only when these have gone. */
#define SOUK_CONN_SEALED_MAX (256 * 1024)
/* Names that one souk_conn_open() may offer. */
#define SOUK_CONN_OFFERS_MAX 16
