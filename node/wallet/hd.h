/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tree of private keys from one seed (BIP-32, private derivation only). GLIB, any thread.
 *
 * A node is a secret: the caller zeroes it with sodium_memzero.
 */
#pragma once
#include "base/bytes.h"

/* Steps of a path; BIP-44 has five. BIP-32's depth is one byte, so that 255 would be possible. */
#define SOUK_HD_DEPTH_MAX 16
#define SOUK_HD_HARDENED 0x80000000u

typedef struct {
  uint8_t secret[32];
  uint8_t chain_code[32];
} SoukHdNode;

/* The master key of a seed of 16 to 64 bytes.
 * Returns: false for another length, or when the seed has no key (once in 2^127). */
bool souk_hd_master (SoukHdNode *out, SoukSlice seed);
/* Replaces the node by its child; numbers from SOUK_HD_HARDENED on are hardened.
 * Returns: false when that child does not exist (once in 2^127); `self` is unchanged then. */
bool souk_hd_step (SoukHdNode *self, uint32_t number);
/* Follows a path of the form "m/44'/60'/0'/0/0" from the master key.
 * Returns: false when the path is malformed or too deep, or a child does not exist; the node's
 * content is of no use then. */
bool souk_hd_follow (SoukHdNode *self, const char *path);
