/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue of bytes. PURE. See byte-queue.h.
 */
#include "link/byte-queue.h"

#include <string.h>

/* A queue grows from here by doubling. */
#define FIRST_SIZE 512
/* An empty queue gives back a buffer larger than this: most connections are idle most of the time. */
#define KEEP_SIZE 4096

void
souk_byte_queue_done (SoukByteQueue *self)
{
  g_clear_pointer (&self->data, g_free);
  self->head = self->tail = self->size = 0;
}

uint8_t *
souk_byte_queue_reserve (SoukByteQueue *self, size_t len)
{
  if (self->size - self->tail >= len)
    return self->data + self->tail;

  size_t used = self->tail - self->head;
  /* Moving is cheap while little waits; else the queue grows, so that each byte is moved a
   * constant number of times. */
  if (self->size - used >= len && used <= self->size / 2)
    {
      memmove (self->data, self->data + self->head, used);
    }
  else
    {
      size_t size = MAX (self->size, FIRST_SIZE);
      while (size - used < len)
        size *= 2;
      uint8_t *data = g_malloc (size);
      if (used > 0)
        memcpy (data, self->data + self->head, used);
      g_free (self->data);
      self->data = data;
      self->size = size;
    }
  self->head = 0;
  self->tail = used;
  return self->data + used;
}

void
souk_byte_queue_commit (SoukByteQueue *self, size_t len)
{
  g_assert (len <= self->size - self->tail);
  self->tail += len;
}

void
souk_byte_queue_append (SoukByteQueue *self, SoukSlice in)
{
  if (in.len == 0)
    return;
  memcpy (souk_byte_queue_reserve (self, in.len), in.data, in.len);
  self->tail += in.len;
}

void
souk_byte_queue_consume (SoukByteQueue *self, size_t len)
{
  g_assert (len <= self->tail - self->head);
  self->head += len;
  if (self->head < self->tail)
    return;
  self->head = self->tail = 0;
  if (self->size > KEEP_SIZE)
    souk_byte_queue_done (self);
}
