/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ping (libp2p specs, ping): 32 random bytes go, the same 32 come back. PURE.
 */
#pragma once
#include "base/rng.h"
#include "base/status.h"
#include "base/time.h"
#include "link/byte-queue.h"

#define SOUK_PING_PROTOCOL "/ipfs/ping/1.0.0"
#define SOUK_PING_SIZE 32
/* An answer may take this long; a stream that pings us may be silent for as long as the second. */
#define SOUK_PING_TIMEOUT_MS 10000
#define SOUK_PING_IDLE_MS 60000

/* The asking side; one question. */
typedef struct {
  uint8_t payload[SOUK_PING_SIZE];
  SoukMono sent_at;
} SoukPing;

/* Draws the question, which the caller sends. */
void souk_ping_ask (SoukPing *self, SoukRng *rng, SoukMono now);
/* Looks at what has come. Returns: SHORT_READ while the answer is not whole; OK and the round trip in
 * microseconds; BAD_ENCODING when the answer is another one or more than an answer. */
SoukStatus souk_ping_recv (const SoukPing *self, SoukSlice in, SoukMono now, int64_t *out_us);
/* The answering side: how many bytes at the start of `in` are whole questions, to be sent back. */
size_t souk_ping_echo_len (SoukSlice in);
