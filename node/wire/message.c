/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packing and unpacking with a memory limit. PURE. See message.h.
 */
#include "wire/message.h"

#include <stdlib.h>

/* How much one unpacking may still take. */
typedef struct {
  size_t left;
} Budget;

static void *
budget_alloc (void *data, size_t size)
{
  Budget *budget = data;
  if (size > budget->left)
    return NULL;
  budget->left -= size;
  return malloc (size);
}

static void
budget_free (void *data, void *pointer)
{
  free (pointer);
}

void *
souk_message_unpack (const ProtobufCMessageDescriptor *type, SoukSlice in)
{
  Budget budget = { SOUK_MESSAGE_MEMORY_MIN + in.len * SOUK_MESSAGE_GROWTH_MAX };
  ProtobufCAllocator allocator = { budget_alloc, budget_free, &budget };
  return protobuf_c_message_unpack (type, &allocator, in.len, in.data);
}

void
souk_message_free (void *message)
{
  /* The library's own allocator frees with free() too, so that no budget needs to outlive its
   * message. */
  if (message)
    protobuf_c_message_free_unpacked (message, NULL);
}

void
souk_message_clear (void *pointer)
{
  void **message = pointer;
  souk_message_free (*message);
  *message = NULL;
}

void
souk_append_message (GByteArray *out, const void *message)
{
  guint start = out->len;
  size_t size = protobuf_c_message_get_packed_size (message);
  g_assert (size <= G_MAXUINT - start);
  if (size == 0)
    return; /* an empty array has no bytes to point at */
  g_byte_array_set_size (out, start + (guint)size);
  protobuf_c_message_pack (message, out->data + start);
}

void
souk_append_varint_message (GByteArray *out, const void *message)
{
  souk_append_varint (out, protobuf_c_message_get_packed_size (message));
  souk_append_message (out, message);
}

GBytes *
souk_message_pack (const void *message)
{
  GByteArray *out = g_byte_array_new ();
  souk_append_message (out, message);
  return g_byte_array_free_to_bytes (out);
}
