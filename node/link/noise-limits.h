/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sizes and limits of the secure channel. PURE.
 */
#pragma once

#define SOUK_NOISE_KEY_SIZE 32
#define SOUK_NOISE_TAG_SIZE 16
/* The two bytes in front of every message that say its length. */
#define SOUK_NOISE_PREFIX_SIZE 2
/* "a Noise Message [...] has a maximum length of 65535 bytes" */
#define SOUK_NOISE_MESSAGE_MAX 65535
#define SOUK_NOISE_PLAIN_MAX (SOUK_NOISE_MESSAGE_MAX - SOUK_NOISE_TAG_SIZE)
/* One handshake message: a 4096-bit RSA key and its signature take about 1,100 bytes; what is longer
 * is refused before it is buffered. */
#define SOUK_NOISE_HANDSHAKE_MAX 4096
/* Muxers that a peer's list may name. */
#define SOUK_NOISE_MUXERS_MAX 16
