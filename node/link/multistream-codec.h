/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages of multistream-select 1.0: a varint length, a text, a newline. PURE.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

/* Appends one message. The text has at most SOUK_MULTISTREAM_MESSAGE_MAX - 1 bytes. */
void souk_multistream_append (GByteArray *out, const char *text);
/* Appends the answer to "ls": one message that holds a message for each protocol, and a newline. */
void souk_multistream_append_list (GByteArray *out, const char *const *protocols);
/* Reads one message from the start of `in`.
 * Out: the text without its newline, which points into `in`, and how many bytes it took.
 * Returns: OK, SHORT_READ when more bytes are needed, TOO_LARGE, or BAD_MULTISTREAM. */
SoukStatus souk_multistream_read (SoukSlice in, SoukSlice *out_text, size_t *out_used);
