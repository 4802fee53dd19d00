/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unsigned varints of the multiformats specification (unsigned-varint): base 128, least
 * significant group first, shortest form, at most 9 bytes (63 bits). PURE.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

/* Ten bytes hold any uint64_t; what is read from a peer may have nine. */
#define SOUK_VARINT_SIZE_MAX 10

/* Writes `value` to `out`. Returns: how many bytes it took. */
size_t souk_varint_encode (uint64_t value, uint8_t out[SOUK_VARINT_SIZE_MAX]);

/* Reads one varint from the start of `in`.
 * Returns: OK and sets both; SHORT_READ when `in` ends inside it (more bytes may help);
 * BAD_VARINT when no further bytes can make it valid. */
SoukStatus souk_varint_decode (SoukSlice in, uint64_t *out_value, size_t *out_used);
