/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of multistream-select. PURE.
 */
#pragma once

/* One message with its newline. Other implementations stop here too; more would let a peer make us
 * buffer before it has said what it wants. */
#define SOUK_MULTISTREAM_MESSAGE_MAX 1024
/* Offers and listings that a listener answers before it gives up: a dialler with more asks for
 * nothing in earnest. */
#define SOUK_MULTISTREAM_ROUNDS_MAX 32
/* What we list at most as answer to "ls", so that the answer stays small next to its question. */
#define SOUK_MULTISTREAM_LIST_MAX 8192
/* From the first byte of a negotiation to its end. */
#define SOUK_MULTISTREAM_TIMEOUT_MS 10000
