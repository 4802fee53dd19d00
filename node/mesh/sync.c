/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catalogue sync. PURE. How it works stands in sync.h.
 */
#include "mesh/sync-private.h"

#include <sodium.h>
#include <string.h>

/* A range with all that its head and body can take; a message ends before it could overflow. */
#define RANGE_SIZE_MAX (64 + 2 * SOUK_SYNC_LIST_MAX * SOUK_SYNC_SHORT_SIZE)

struct SoukSyncSet {
  size_t count;
  SoukSyncItem *items; /* sorted, no two the same */
};

/* A range that waits to be sent: items first to last - 1 are this side's in it. */
typedef struct {
  SoukSyncBound start, end;
  SoukSyncMode mode;
  uint32_t first, last;
  uint32_t pushed, bits; /* ANSWER; bit i for item i, of bits_count */
  uint32_t bits_count;
} Waiting;

struct SoukSync {
  SoukSyncSet *set;
  bool is_initiator;
  bool has_key, is_my_turn, is_done, peer_has_more;
  uint8_t key[SOUK_SYNC_KEY_SIZE];
  uint64_t *sums;      /* count + 1: sums[i] is of the items before i; NULL without a key */
  GArray *waiting;     /* Waiting */
  guint waiting_first; /* those before it are sent */
  GArray *owed;        /* uint32_t: items to be pushed */
  guint owed_first;
  uint8_t *is_owed; /* a bit for each item */
  uint64_t expected;
  unsigned messages;
};

G_STATIC_ASSERT (SOUK_SYNC_LIST_MAX <= 32);

/* ---- sets ---- */

static int
compare_items (const void *a, const void *b)
{
  const SoukSyncItem *x = a, *y = b;
  if (x->bucket != y->bucket)
    return x->bucket < y->bucket ? -1 : 1;
  return memcmp (x->id, y->id, sizeof x->id);
}

SoukSyncSet *
souk_sync_set_new (const SoukSyncItem *items, size_t count)
{
  g_assert (count <= SOUK_SYNC_ITEMS_MAX);
  SoukSyncSet *self = g_rc_box_new0 (SoukSyncSet);
  self->items = g_memdup2 (items, count * sizeof *items);
  if (count > 0)
    qsort (self->items, count, sizeof *items, compare_items);
  for (size_t i = 0; i < count; i++)
    {
      g_assert (self->items[i].bucket < UINT64_C (1) << 62);
      if (i == 0 || compare_items (&self->items[self->count - 1], &self->items[i]) != 0)
        self->items[self->count++] = self->items[i];
    }
  return self;
}

SoukSyncSet *
souk_sync_set_ref (SoukSyncSet *self)
{
  return g_rc_box_acquire (self);
}

static void
set_done (gpointer data)
{
  g_free (((SoukSyncSet *)data)->items);
}

void
souk_sync_set_unref (SoukSyncSet *self)
{
  g_rc_box_release_full (self, set_done);
}

size_t
souk_sync_set_size (const SoukSyncSet *self)
{
  return self->count;
}

/* ---- ranges of this side ---- */

/* The index of the first item that is not before the bound. */
static uint32_t
find (const SoukSync *self, const SoukSyncBound *bound)
{
  size_t low = 0, high = self->set->count;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      if (souk_sync_item_compare (&self->set->items[middle], bound) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return (uint32_t)low;
}

static void
take_key (SoukSync *self)
{
  uint8_t hash[crypto_shorthash_BYTES];
  self->has_key = true;
  self->sums = g_new (uint64_t, self->set->count + 1);
  self->sums[0] = 0;
  for (size_t i = 0; i < self->set->count; i++)
    {
      uint64_t value;
      G_STATIC_ASSERT (sizeof hash == sizeof value);
      crypto_shorthash (hash, self->set->items[i].id, sizeof self->set->items[i].id, self->key);
      memcpy (&value, hash, sizeof value);
      self->sums[i + 1] = self->sums[i] + GUINT64_FROM_LE (value);
    }
}

static uint64_t
short_of (const SoukSync *self, uint32_t item)
{
  return (self->sums[item + 1] - self->sums[item]) & SOUK_SYNC_SHORT_MASK;
}

static SoukStatus
wait_to_send (SoukSync *self, Waiting waiting)
{
  if (self->waiting->len - self->waiting_first >= SOUK_SYNC_RANGES_MAX)
    return SOUK_STATUS_LIMIT;
  g_array_append_val (self->waiting, waiting);
  return SOUK_STATUS_OK;
}

static void
owe (SoukSync *self, uint32_t item)
{
  uint8_t mask = (uint8_t)(1 << item % 8);
  if (self->is_owed[item / 8] & mask)
    return;
  self->is_owed[item / 8] |= mask;
  g_array_append_val (self->owed, item);
}

/* The other side has something else in this range: lists it, or its parts' fingerprints. */
static SoukStatus
divide (SoukSync *self, const SoukSyncBound *start, const SoukSyncBound *end, uint32_t first,
        uint32_t last)
{
  uint32_t count = last - first;
  if (count <= SOUK_SYNC_LIST_MAX)
    return wait_to_send (
        self,
        (Waiting){
            .start = *start, .end = *end, .mode = SOUK_SYNC_LIST, .first = first, .last = last });
  uint32_t parts = MIN (SOUK_SYNC_PARTS_MAX, count / SOUK_SYNC_PART_ITEMS);
  SoukSyncBound from = *start;
  for (uint32_t i = 0; i < parts; i++)
    {
      uint32_t low = first + (uint32_t)((uint64_t)count * i / parts);
      uint32_t high = first + (uint32_t)((uint64_t)count * (i + 1) / parts);
      SoukSyncBound to = i + 1 == parts ? *end
                                        : souk_sync_bound_between (&self->set->items[high - 1],
                                                                   &self->set->items[high]);
      SOUK_TRY (wait_to_send (self, (Waiting){ .start = from,
                                               .end = to,
                                               .mode = SOUK_SYNC_FINGERPRINT,
                                               .first = low,
                                               .last = high }));
      from = to;
    }
  return SOUK_STATUS_OK;
}

/* ---- life ---- */

static SoukSync *
sync_new (SoukSyncSet *set)
{
  SoukSync *self = g_new0 (SoukSync, 1);
  self->set = souk_sync_set_ref (set);
  self->waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  self->owed = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->is_owed = g_malloc0 (set->count / 8 + 1);
  return self;
}

SoukSync *
souk_sync_new_initiator (SoukSyncSet *set, SoukRng *rng)
{
  SoukSync *self = sync_new (set);
  self->is_initiator = self->is_my_turn = true;
  souk_rng_fill (rng, self->key, sizeof self->key);
  take_key (self);
  Waiting all
      = { .end = { .is_end = true }, .mode = SOUK_SYNC_FINGERPRINT, .last = (uint32_t)set->count };
  g_array_append_val (self->waiting, all);
  return self;
}

SoukSync *
souk_sync_new_responder (SoukSyncSet *set)
{
  return sync_new (set);
}

void
souk_sync_free (SoukSync *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->waiting);
  g_array_unref (self->owed);
  g_free (self->is_owed);
  g_free (self->sums);
  souk_sync_set_unref (self->set);
  g_free (self);
}

/* ---- receiving ---- */

static SoukStatus
recv_fingerprint (SoukSync *self, const SoukSyncBound *start, const SoukSyncRange *range,
                  uint32_t first, uint32_t last)
{
  uint32_t count = last - first;
  if (range->count == count && range->sum == self->sums[last] - self->sums[first])
    return SOUK_STATUS_OK;
  if (range->count > 0)
    return divide (self, start, &range->end, first, last);
  /* It has nothing there: nothing is to be compared. */
  for (uint32_t i = first; i < last; i++)
    owe (self, i);
  return wait_to_send (
      self,
      (Waiting){ .start = *start, .end = range->end, .mode = SOUK_SYNC_ANSWER, .pushed = count });
}

static SoukStatus
recv_list (SoukSync *self, const SoukSyncBound *start, const SoukSyncRange *range, uint32_t first,
           uint32_t last)
{
  uint64_t theirs[SOUK_SYNC_LIST_MAX];
  uint32_t count = (uint32_t)range->count, found = 0, pushed = 0;
  SoukReader reader = souk_reader (range->body);
  for (uint32_t i = 0; i < count; i++)
    theirs[i] = souk_reader_sync_short (&reader);

  for (uint32_t item = first; item < last; item++)
    {
      uint64_t ours = short_of (self, item);
      uint32_t i = 0;
      while (i < count && theirs[i] != ours)
        i++;
      if (i < count)
        found |= UINT32_C (1) << i;
      else
        {
          owe (self, item);
          pushed++;
        }
    }
  uint32_t all = count == 32 ? UINT32_MAX : (UINT32_C (1) << count) - 1;
  uint32_t lacking = all & ~found;
  self->expected += (uint64_t)__builtin_popcount (lacking);
  if (lacking == 0 && pushed == 0)
    return SOUK_STATUS_OK;
  return wait_to_send (self, (Waiting){ .start = *start,
                                        .end = range->end,
                                        .mode = SOUK_SYNC_ANSWER,
                                        .pushed = pushed,
                                        .bits = lacking,
                                        .bits_count = lacking != 0 ? count : 0 });
}

static SoukStatus
recv_answer (SoukSync *self, const SoukSyncRange *range, uint32_t first, uint32_t last)
{
  self->expected += range->pushed;
  if (range->count == 0)
    return SOUK_STATUS_OK;
  if (range->count != last - first)
    return SOUK_STATUS_BAD_SYNC;
  for (uint32_t i = 0; i < range->count; i++)
    if (range->body.data[i / 8] >> i % 8 & 1)
      owe (self, first + i);
  return SOUK_STATUS_OK;
}

static SoukStatus
recv_ranges (SoukSync *self, SoukReader *reader)
{
  SoukSyncBound start = { 0 };
  uint32_t first = 0;
  while (reader->left > 0)
    {
      SoukSyncRange range;
      if (start.is_end)
        return SOUK_STATUS_BAD_SYNC;
      SOUK_TRY (souk_sync_read_range (reader, &start, &range));
      uint32_t last = find (self, &range.end);
      switch (range.mode)
        {
        case SOUK_SYNC_SKIP:
          break;
        case SOUK_SYNC_FINGERPRINT:
          SOUK_TRY (recv_fingerprint (self, &start, &range, first, last));
          break;
        case SOUK_SYNC_LIST:
          SOUK_TRY (recv_list (self, &start, &range, first, last));
          break;
        case SOUK_SYNC_ANSWER:
          SOUK_TRY (recv_answer (self, &range, first, last));
          break;
        }
      start = range.end;
      first = last;
    }
  return SOUK_STATUS_OK;
}

SoukStatus
souk_sync_recv (SoukSync *self, SoukSlice message)
{
  if (message.len > SOUK_SYNC_MESSAGE_SIZE_MAX)
    return SOUK_STATUS_TOO_LARGE;
  if (self->is_my_turn || self->is_done)
    return SOUK_STATUS_BAD_SYNC;
  if (++self->messages > SOUK_SYNC_MESSAGES_MAX)
    return SOUK_STATUS_LIMIT;

  SoukReader reader = souk_reader (message);
  if (!self->has_key)
    {
      uint8_t version = souk_reader_u8 (&reader);
      SoukSlice key = souk_reader_bytes (&reader, SOUK_SYNC_KEY_SIZE);
      if (!souk_reader_ok (&reader) || version != SOUK_SYNC_VERSION)
        return SOUK_STATUS_BAD_SYNC;
      memcpy (self->key, key.data, sizeof self->key);
      take_key (self);
    }
  uint8_t flags = souk_reader_u8 (&reader);
  if (!souk_reader_ok (&reader))
    return SOUK_STATUS_BAD_SYNC;
  SOUK_TRY (recv_ranges (self, &reader));

  self->peer_has_more = flags & SOUK_SYNC_MORE;
  bool has_waiting = self->waiting->len > self->waiting_first;
  if (has_waiting || flags & (SOUK_SYNC_OPEN | SOUK_SYNC_MORE))
    self->is_my_turn = true;
  else
    self->is_done = true;
  return SOUK_STATUS_OK;
}

/* ---- sending ---- */

static void
append_body (SoukSync *self, GByteArray *out, const Waiting *waiting)
{
  switch (waiting->mode)
    {
    case SOUK_SYNC_SKIP:
      break;
    case SOUK_SYNC_FINGERPRINT:
      souk_append_varint (out, waiting->last - waiting->first);
      souk_append_u64_be (out, self->sums[waiting->last] - self->sums[waiting->first]);
      break;
    case SOUK_SYNC_LIST:
      souk_append_varint (out, waiting->last - waiting->first);
      for (uint32_t i = waiting->first; i < waiting->last; i++)
        souk_append_sync_short (out, short_of (self, i));
      break;
    case SOUK_SYNC_ANSWER:
      souk_append_varint (out, waiting->pushed);
      souk_append_varint (out, waiting->bits_count);
      for (uint32_t i = 0; i < waiting->bits_count; i += 8)
        souk_append_u8 (out, (uint8_t)(waiting->bits >> i));
      break;
    }
}

/* Moves waiting ranges into the message. Returns: its flags. */
static uint8_t
append_ranges (SoukSync *self, GByteArray *out)
{
  uint8_t flags = 0;
  SoukSyncBound at = { 0 };
  while (self->waiting_first < self->waiting->len)
    {
      Waiting *waiting = &g_array_index (self->waiting, Waiting, self->waiting_first);
      if (out->len + RANGE_SIZE_MAX > SOUK_SYNC_MESSAGE_SIZE_MAX)
        return flags | SOUK_SYNC_MORE;
      /* A later message's first range may lie before this one's. */
      if (souk_sync_bound_compare (&waiting->start, &at) < 0)
        return flags | SOUK_SYNC_MORE;
      if (souk_sync_bound_compare (&at, &waiting->start) < 0)
        souk_append_sync_head (out, &at, &waiting->start, SOUK_SYNC_SKIP);
      souk_append_sync_head (out, &waiting->start, &waiting->end, waiting->mode);
      append_body (self, out, waiting);
      if (waiting->mode == SOUK_SYNC_FINGERPRINT || waiting->mode == SOUK_SYNC_LIST)
        flags |= SOUK_SYNC_OPEN;
      at = waiting->end;
      self->waiting_first++;
    }
  g_array_set_size (self->waiting, 0);
  self->waiting_first = 0;
  return flags;
}

GBytes *
souk_sync_take_message (SoukSync *self)
{
  if (!self->is_my_turn)
    return NULL;
  GByteArray *out = g_byte_array_new ();
  if (self->is_initiator && self->messages == 0)
    {
      souk_append_u8 (out, SOUK_SYNC_VERSION);
      souk_append (out, souk_slice (self->key, sizeof self->key));
    }
  guint flags_at = out->len;
  souk_append_u8 (out, 0);
  uint8_t flags = append_ranges (self, out);
  out->data[flags_at] = flags;
  self->messages++;
  self->is_my_turn = false;
  if (flags == 0 && !self->peer_has_more)
    self->is_done = true;
  return g_byte_array_free_to_bytes (out);
}

bool
souk_sync_next_owed (SoukSync *self, SoukSyncItem *out)
{
  if (self->owed_first == self->owed->len)
    return false;
  *out = self->set->items[g_array_index (self->owed, uint32_t, self->owed_first)];
  self->owed_first++;
  return true;
}

uint64_t
souk_sync_expected (const SoukSync *self)
{
  return self->expected;
}

bool
souk_sync_is_done (const SoukSync *self)
{
  return self->is_done;
}
