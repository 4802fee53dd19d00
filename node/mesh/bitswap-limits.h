/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bitswap's parameters and the maximum of everything that a stranger can make grow. PURE.
 */
#pragma once

/* "All protocol messages MUST be less than or equal to 4MiB in size." */
#define SOUK_BITSWAP_MESSAGE_SIZE_MAX (4 * 1024 * 1024)
/* The largest block that fits into such a message with its envelope, as js-libp2p counts it. */
#define SOUK_BITSWAP_BLOCK_SIZE_MAX 4193648
/* Blocks are put together into one message up to this size: other programs queue few messages of a
 * peer (Helia: ten) and drop the rest without a word. */
#define SOUK_BITSWAP_MESSAGE_SIZE_TARGET (2 * 1024 * 1024)
/* A block this small is sent where only its presence was asked for. */
#define SOUK_BITSWAP_HAVE_SIZE_MAX 1024

#define SOUK_BITSWAP_PEERS_MAX 512

/* ---- what this node wants ---- */
#define SOUK_BITSWAP_WANTS_MAX 16384
/* Blocks asked of one peer and not here yet, by the size its blocks have had (1 MiB before the
 * first); more would overflow what the other side queues. */
#define SOUK_BITSWAP_WINDOW_BYTES (32 * 1024 * 1024)
#define SOUK_BITSWAP_WINDOW_BLOCKS_MAX 512
#define SOUK_BITSWAP_BLOCK_SIZE_GUESS (1024 * 1024)
#define SOUK_BITSWAP_BLOCK_SIZE_GUESS_MIN (16 * 1024)
/* A peer that was asked for a block and has neither sent nor denied it gets this long. Helia does
 * not send a block again within 5 s. */
#define SOUK_BITSWAP_ASK_MS 5000
/* Everybody is asked again this often while nobody has the block. */
#define SOUK_BITSWAP_SEEK_MS 10000
/* How many peers are asked whether they have a block. */
#define SOUK_BITSWAP_SEEK_PEERS_MAX 64
#define SOUK_BITSWAP_TICK_MS 500

/* ---- what peers want ---- */
/* Open wants kept of one peer; Helia's number. */
#define SOUK_BITSWAP_LEDGER_MAX 1024
/* A want for a block that is not here is kept this long. */
#define SOUK_BITSWAP_LEDGER_MS (10 * 60 * 1000)
/* Answers ready for one peer: no further block is fetched from the store above it. */
#define SOUK_BITSWAP_QUEUE_BYTES (4 * 1024 * 1024)
/* Blocks of one peer that the store is asked for at a time. */
#define SOUK_BITSWAP_NEEDS_MAX 16
/* Presences ready for one peer; more are left out. */
#define SOUK_BITSWAP_PRESENCES_BYTES_MAX (256 * 1024)
