/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of the stream multiplexer, each with the reason for it. PURE.
 */
#pragma once
#include <stdint.h>

/* "Yamux is initially starts each stream with a 256KiB window size." */
#define SOUK_YAMUX_WINDOW_INITIAL (UINT32_C (256) * 1024)
/* A window grows by doubling up to here: 16 MiB fill 2.1 Gbit/s at 63 ms. */
#define SOUK_YAMUX_WINDOW_MAX (UINT32_C (16) * 1024 * 1024)
/* What all windows of one connection may have grown by, together: without it a peer with many
 * streams would make us promise 16 MiB for each. */
#define SOUK_YAMUX_GROWTH_MAX (UINT32_C (64) * 1024 * 1024)
/* Bytes that wait unread in all streams of one connection. A stream that would go over it is reset:
 * initial windows alone are a promise of 256 MiB, which nobody honest uses at once. */
#define SOUK_YAMUX_UNREAD_MAX (UINT32_C (96) * 1024 * 1024)
/* A window grows when it was used up within this many round trips. */
#define SOUK_YAMUX_GROW_ROUND_TRIPS 4

/* Streams alive at once, by who opened them. */
#define SOUK_YAMUX_INBOUND_MAX 1024
#define SOUK_YAMUX_OUTBOUND_MAX 1024
/* "SHOULD at most allow an ACK backlog of 256 streams": ours that the peer has not answered. */
#define SOUK_YAMUX_ACK_BACKLOG_MAX 256

/* Payload of one data frame that we send: with its header it fills one Noise message. */
#define SOUK_YAMUX_DATA_MAX 65507
/* Data waits for the socket up to here, then writes are refused until it drains. */
#define SOUK_YAMUX_OUT_MAX (512 * 1024)
/* Answers (pongs, resets, window updates) may go this far above it; a peer that makes us queue more
 * does not read what it asks for. */
#define SOUK_YAMUX_CONTROL_MAX (256 * 1024)

/* Keep-alive: a ping when nothing was heard for this long, and how long its answer may take. */
#define SOUK_YAMUX_KEEPALIVE_MS 30000
#define SOUK_YAMUX_PONG_TIMEOUT_MS 20000
