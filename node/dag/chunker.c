/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chunker. PURE. See chunker.h.
 */
#include "dag/chunker.h"

#include "dag/dag-limits.h"

void
souk_chunker_init (SoukChunker *self, size_t chunk_size)
{
  g_assert (chunk_size > 0 && chunk_size <= SOUK_DAG_CHUNK_SIZE_MAX);
  *self = (SoukChunker){ .chunk_size = chunk_size };
}

void
souk_chunker_init_rabin (SoukChunker *self, SoukRabinOptions options)
{
  souk_chunker_init (self, options.max);
  self->rabin = souk_rabin_new (options);
}

void
souk_chunker_done (SoukChunker *self)
{
  g_clear_pointer (&self->rabin, souk_rabin_free);
  g_clear_pointer (&self->chunk, g_byte_array_unref);
}

size_t
souk_chunker_feed (SoukChunker *self, SoukSlice in)
{
  if (in.len == 0 || souk_chunker_is_full (self))
    return 0;
  /* A short input gets no more memory than it needs; after one full chunk more are likely. */
  if (!self->chunk)
    self->chunk = g_byte_array_sized_new (
        (guint)(self->is_long ? self->chunk_size : MIN (self->chunk_size, in.len)));
  size_t take = MIN (self->chunk_size - self->chunk->len, in.len);
  if (self->rabin)
    take = souk_rabin_scan (self->rabin, souk_slice (in.data, take), &self->is_cut);
  souk_append (self->chunk, souk_slice (in.data, take));
  return take;
}

bool
souk_chunker_is_full (const SoukChunker *self)
{
  return self->chunk && (self->is_cut || self->chunk->len == self->chunk_size);
}

bool
souk_chunker_is_empty (const SoukChunker *self)
{
  return !self->chunk;
}

GBytes *
souk_chunker_take (SoukChunker *self)
{
  if (!self->chunk)
    return g_bytes_new (NULL, 0);
  self->is_long = self->is_long || souk_chunker_is_full (self);
  self->is_cut = false;
  return g_byte_array_free_to_bytes (g_steal_pointer (&self->chunk));
}
