/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue of bytes: appended at the end, looked at and consumed at the front. PURE.
 *
 * Every buffer of a connection is one of these. The bytes lie in one run, so that a view of all of
 * them costs nothing; an idle queue holds no large memory. It has no limit of its own: whoever
 * appends has checked one before.
 */
#pragma once
#include "base/bytes.h"

/* Zero-initialised is empty and valid. Bytes from head to tail are in the queue. */
typedef struct {
  uint8_t *data;
  size_t head; /* <= tail */
  size_t tail; /* <= size */
  size_t size;
} SoukByteQueue;

/* Frees the memory; the queue is empty and usable afterwards. */
void souk_byte_queue_done (SoukByteQueue *self);

static inline size_t
souk_byte_queue_len (const SoukByteQueue *self)
{
  return self->tail - self->head;
}

/* All bytes that wait; valid until the next append, reserve or consume. */
static inline SoukSlice
souk_byte_queue_peek (const SoukByteQueue *self)
{
  return self->data == NULL ? SOUK_SLICE_EMPTY
                            : souk_slice (self->data + self->head, self->tail - self->head);
}

/* Returns: room for `len` more bytes at the end, to be written and then committed. */
uint8_t *souk_byte_queue_reserve (SoukByteQueue *self, size_t len);
void souk_byte_queue_commit (SoukByteQueue *self, size_t len);
/* Copies the bytes to the end. */
void souk_byte_queue_append (SoukByteQueue *self, SoukSlice in);
/* Drops `len` bytes from the front; len <= souk_byte_queue_len(). */
void souk_byte_queue_consume (SoukByteQueue *self, size_t len);
