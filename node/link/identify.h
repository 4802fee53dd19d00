/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading an Identify answer or push: length-delimited messages until the sender's end. PURE.
 *
 * Most peers send one message; some split theirs, and the parts are merged by putting one behind
 * the other. Writing needs no machine (identify-codec.h).
 */
#pragma once
#include "link/identify-codec.h"

#define SOUK_IDENTIFY_PROTOCOL "/ipfs/id/1.0.0"
#define SOUK_IDENTIFY_PUSH_PROTOCOL "/ipfs/id/push/1.0.0"

typedef struct {
  GByteArray *merged; /* NULL before the first whole message */
  unsigned n_parts;
} SoukIdentify;

void souk_identify_done (SoukIdentify *self);
/* Takes what has come so far; whole messages only are used.
 * Out: how many bytes of `in` were. Returns: OK, TOO_LARGE, BAD_VARINT. */
SoukStatus souk_identify_recv (SoukIdentify *self, SoukSlice in, size_t *out_used);
/* At the sender's end: decodes. Returns: as souk_identify_decode; SHORT_READ when nothing came. */
SoukStatus souk_identify_finish (SoukIdentify *self, const SoukPeerId *peer,
                                 SoukIdentifyInfo **out);
