/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packing and unpacking of generated messages, with a memory limit. PURE.
 *
 * A few bytes on the wire can cost hundreds in memory: a repeated message that is empty takes two
 * bytes there and a struct here. So nobody calls the generated _unpack functions on what a peer
 * sent; everyone comes here, where the whole tree has a budget.
 *
 * Text fields: the generated code neither checks UTF-8 nor keeps what follows a zero byte. Whoever
 * shows or stores a text of a peer's checks it with g_utf8_validate.
 */
#pragma once
#include "base/bytes.h"
#include "base/status.h"

#include <protobuf-c/protobuf-c.h>

/* What a message may cost in memory: so much for each byte that it has on the wire, and so much in
 * any case. The latter lets a node with a thousand short numbers in it pass (the unpacker notes
 * some 80 bytes for each field); honest large messages stay below 6 for a byte. */
#define SOUK_MESSAGE_GROWTH_MAX 16
#define SOUK_MESSAGE_MEMORY_MIN (256 * 1024)

/* Unpacks a message that a stranger sent.
 * Returns: (transfer full) (nullable): free with souk_message_free; NULL when the bytes are no such
 * message or would cost more memory than the limits above allow. */
void *souk_message_unpack (const ProtobufCMessageDescriptor *type, SoukSlice in);
/* Frees what souk_message_unpack gave; NULL is nothing. */
void souk_message_free (void *message);

/* Appends the packed form; with the length as a varint in front in the second. `message` is any
 * generated struct. */
void souk_append_message (GByteArray *out, const void *message);
void souk_append_varint_message (GByteArray *out, const void *message);
/* Returns: (transfer full): the packed form. */
GBytes *souk_message_pack (const void *message);

/* For SOUK_AUTO_MESSAGE: `pointer` is the address of a pointer to a message. */
void souk_message_clear (void *pointer);
/* SOUK_AUTO_MESSAGE Souk__Record *record = souk_message_unpack (&souk__record__descriptor, in);
 * is freed when the block ends. */
#define SOUK_AUTO_MESSAGE __attribute__ ((cleanup (souk_message_clear)))

/* A view of a bytes field, and a bytes field that borrows a view (the packer only reads it). */
static inline SoukSlice
souk_slice_from_field (ProtobufCBinaryData field)
{
  return souk_slice (field.data, field.len);
}
static inline ProtobufCBinaryData
souk_field_from_slice (SoukSlice slice)
{
  return (ProtobufCBinaryData){ slice.len, (uint8_t *)slice.data };
}
