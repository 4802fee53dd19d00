/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranges and bounds on the wire of /souk/sync/1.0.0. PURE. The format stands in sync.h.
 */
#include "mesh/sync-private.h"

#include <string.h>

int
souk_sync_bound_compare (const SoukSyncBound *a, const SoukSyncBound *b)
{
  if (a->is_end || b->is_end)
    return (int)a->is_end - (int)b->is_end;
  if (a->bucket != b->bucket)
    return a->bucket < b->bucket ? -1 : 1;
  return memcmp (a->prefix, b->prefix, sizeof a->prefix);
}

int
souk_sync_item_compare (const SoukSyncItem *item, const SoukSyncBound *bound)
{
  if (bound->is_end)
    return -1;
  if (item->bucket != bound->bucket)
    return item->bucket < bound->bucket ? -1 : 1;
  return memcmp (item->id, bound->prefix, sizeof item->id);
}

SoukSyncBound
souk_sync_bound_between (const SoukSyncItem *before, const SoukSyncItem *after)
{
  SoukSyncBound bound = { .bucket = after->bucket };
  if (before->bucket != after->bucket)
    return bound;
  while (before->id[bound.len] == after->id[bound.len])
    bound.len++;
  bound.len++;
  memcpy (bound.prefix, after->id, bound.len);
  return bound;
}

static SoukStatus
read_bound (SoukReader *reader, const SoukSyncBound *start, SoukSyncBound *out)
{
  SoukSyncBound bound = { 0 };
  uint64_t step = souk_reader_varint (reader);
  if (step == 0)
    bound.is_end = true;
  else
    {
      bound.bucket = start->bucket + step - 1;
      bound.len = souk_reader_u8 (reader);
      if (bound.len > sizeof bound.prefix || bound.bucket < start->bucket)
        return SOUK_STATUS_BAD_SYNC;
      SoukSlice prefix = souk_reader_bytes (reader, bound.len);
      if (prefix.len > 0)
        memcpy (bound.prefix, prefix.data, prefix.len);
    }
  if (!souk_reader_ok (reader) || souk_sync_bound_compare (&bound, start) <= 0)
    return SOUK_STATUS_BAD_SYNC;
  *out = bound;
  return SOUK_STATUS_OK;
}

SoukStatus
souk_sync_read_range (SoukReader *reader, const SoukSyncBound *start, SoukSyncRange *out)
{
  SoukSyncRange range = { 0 };
  SOUK_TRY (read_bound (reader, start, &range.end));
  uint64_t mode = souk_reader_varint (reader);
  switch (mode)
    {
    case SOUK_SYNC_SKIP:
      break;
    case SOUK_SYNC_FINGERPRINT:
      range.count = souk_reader_varint (reader);
      range.sum = souk_reader_u64_be (reader);
      break;
    case SOUK_SYNC_LIST:
      range.count = souk_reader_varint (reader);
      if (range.count > SOUK_SYNC_LIST_MAX)
        return SOUK_STATUS_BAD_SYNC;
      range.body = souk_reader_bytes (reader, (size_t)range.count * SOUK_SYNC_SHORT_SIZE);
      break;
    case SOUK_SYNC_ANSWER:
      range.pushed = souk_reader_varint (reader);
      range.count = souk_reader_varint (reader);
      if (range.pushed > SOUK_SYNC_ITEMS_MAX || range.count > SOUK_SYNC_LIST_MAX)
        return SOUK_STATUS_BAD_SYNC;
      range.body = souk_reader_bytes (reader, (size_t)(range.count + 7) / 8);
      break;
    default:
      return SOUK_STATUS_BAD_SYNC;
    }
  if (!souk_reader_ok (reader))
    return SOUK_STATUS_BAD_SYNC;
  range.mode = (SoukSyncMode)mode;
  *out = range;
  return SOUK_STATUS_OK;
}

void
souk_append_sync_head (GByteArray *out, const SoukSyncBound *start, const SoukSyncBound *end,
                       SoukSyncMode mode)
{
  g_assert (souk_sync_bound_compare (start, end) < 0);
  if (end->is_end)
    souk_append_varint (out, 0);
  else
    {
      souk_append_varint (out, end->bucket - start->bucket + 1);
      souk_append_u8 (out, end->len);
      souk_append (out, souk_slice (end->prefix, end->len));
    }
  souk_append_varint (out, mode);
}

void
souk_append_sync_short (GByteArray *out, uint64_t hash)
{
  souk_append_u16_be (out, (uint16_t)(hash >> 32));
  souk_append_u32_be (out, (uint32_t)hash);
}

uint64_t
souk_reader_sync_short (SoukReader *reader)
{
  uint64_t high = souk_reader_u16_be (reader);
  return high << 32 | souk_reader_u32_be (reader);
}
