/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Agreeing on a protocol: multistream-select 1.0 (libp2p specs, connections). PURE.
 *
 * One machine for one negotiation, as dialler or as listener; a value inside its channel's struct,
 * without memory of its own. The dialler sends the header and its first offer at once, and what
 * follows may be sent without waiting when there is only one offer: a refusal then ends the channel
 * anyway. Time limits are the caller's (SOUK_MULTISTREAM_TIMEOUT_MS).
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

typedef struct {
  bool is_dialler;
  bool has_header; /* the other side's header has come */
  bool is_done;
  uint8_t rounds; /* dialler: index of the offer on the wire; listener: questions answered */
  size_t chosen;  /* index into `protocols` once is_done */
} SoukMultistream;

/* Starts as dialler: appends the header and protocols[0] to `out`; at least one protocol. */
void souk_multistream_dial (SoukMultistream *self, const char *const *protocols, GByteArray *out);
/* Starts as listener: says nothing until the dialler has. */
void souk_multistream_listen (SoukMultistream *self);

/* Takes bytes. `protocols` is a NULL-terminated list: the dialler's offers in order (the same on
 * every call), or what the listener serves now.
 * Out: `out_used` bytes of `in` belong to the negotiation, what is behind them to the protocol (it
 * is set on failure too, to 0); answers are appended to `out`.
 * Returns: OK (see is_done), PROTOCOL_REFUSED when every offer was refused, BAD_MULTISTREAM,
 * TOO_LARGE or BAD_VARINT. */
SoukStatus souk_multistream_recv (SoukMultistream *self, const char *const *protocols, SoukSlice in,
                                  size_t *out_used, GByteArray *out);
