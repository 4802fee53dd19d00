/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MurmurHash3, the x64 variant of 128 bits with seed 0, of which split folders use the first half
 * (multicodec murmur3-x64-64). PURE. It spreads names over shards; it protects nothing.
 */
#pragma once
#include "base/bytes.h"

/* Returns: the first 64 bits; their most significant byte is the first of the written form. */
uint64_t souk_murmur3_x64_64 (SoukSlice in);
