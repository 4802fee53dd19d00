/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log follower. PURE. See follower.h.
 *
 *   IDLE    -- head --> ANCHOR    nothing is known yet: ask the header below the first block
 *                       VERIFY    the head is more than `depth` above the tip: is the tip still there?
 *                       WALK      from the head down by parent hash to a block of the window
 *   VERIFY  -- same --> ANCHOR; other hash: undo that block and verify the one below
 *   ANCHOR  ----------> BACKFILL  the header of a range's last block is known: ask the range's logs
 *   BACKFILL ---------> ANCHOR    until head - depth is read, then WALK
 *   WALK    ----------> BLOCKS    undo above the ancestor, then read block by block -> IDLE
 *
 * The last block of each range is remembered by its hash, so that even a reorg below it is noticed.
 * Any failure leads to IDLE; what is applied stays right, and the next head begins again.
 */
#include "chain/follower.h"

#include <string.h>

typedef enum {
  PHASE_IDLE,
  PHASE_VERIFY,
  PHASE_ANCHOR,
  PHASE_BACKFILL,
  PHASE_WALK,
  PHASE_BLOCKS,
} Phase;

/* A block whose logs are applied and may be undone. */
typedef struct {
  uint64_t number;
  uint8_t hash[SOUK_HASH_SIZE];
  GPtrArray *logs; /* (element-type SoukChainLog), by log index */
} Block;

/* A queued event with what it owns. */
typedef struct {
  SoukFollowerEvent event;
  SoukChainLog *log;
} Queued;

struct SoukFollower {
  SoukFollowerConfig config;
  Phase phase;
  uint64_t final;    /* the last final block that is applied; start_block - 1 at first */
  GPtrArray *window; /* (element-type Block): none, or from `final` (its logs dropped) to the tip */
  GArray *path;      /* (element-type SoukChainHeader): WALK and BLOCKS, the head first */
  SoukChainHeader head;
  SoukChainHeader anchor; /* BACKFILL: the last block of the range */
  SoukChainHeader later;  /* a head that came while at work */
  bool has_later;
  uint64_t chunk;
  bool is_asked;
  SoukFollowerEvent asked;
  GQueue queue; /* (element-type Queued) */
  Queued *current;
};

static void begin (SoukFollower *self, const SoukChainHeader *head);
static void walk (SoukFollower *self);
static void proceed (SoukFollower *self);

/* ---- life ---- */

static void
block_free (Block *self)
{
  g_ptr_array_unref (self->logs);
  g_free (self);
}

static void
queued_free (Queued *self)
{
  if (self == NULL)
    return;
  souk_chain_log_free (self->log);
  g_free (self);
}

SoukFollower *
souk_follower_new (const SoukFollowerConfig *config)
{
  g_assert (config->depth >= 1 && config->depth <= SOUK_FOLLOWER_DEPTH_MAX);
  SoukFollower *self = g_new0 (SoukFollower, 1);
  self->config = *config;
  self->config.start_block = MAX (config->start_block, 1);
  self->final = self->config.start_block - 1;
  self->window = g_ptr_array_new_with_free_func ((GDestroyNotify)block_free);
  self->path = g_array_new (FALSE, FALSE, sizeof (SoukChainHeader));
  self->chunk = SOUK_FOLLOWER_CHUNK_START;
  g_queue_init (&self->queue);
  return self;
}

void
souk_follower_free (SoukFollower *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->window);
  g_array_unref (self->path);
  g_queue_clear_full (&self->queue, (GDestroyNotify)queued_free);
  queued_free (self->current);
  g_free (self);
}

/* ---- events ---- */

static void
emit (SoukFollower *self, SoukFollowerEvent event, SoukChainLog *log)
{
  Queued *queued = g_new0 (Queued, 1);
  queued->event = event;
  queued->event.log = log;
  queued->log = log;
  g_queue_push_tail (&self->queue, queued);
}

static void
ask (SoukFollower *self, SoukFollowerEvent question)
{
  self->is_asked = true;
  self->asked = question;
  emit (self, question, NULL);
}

static void
ask_header_number (SoukFollower *self, uint64_t number)
{
  ask (self, (SoukFollowerEvent){ .kind = SOUK_FOLLOWER_NEED_HEADER_NUMBER, .number = number });
}

bool
souk_follower_next (SoukFollower *self, SoukFollowerEvent *out)
{
  g_clear_pointer (&self->current, queued_free);
  /* A head that came while at work begins once all before it is pulled. */
  if (g_queue_is_empty (&self->queue) && self->phase == PHASE_IDLE && self->has_later)
    {
      self->has_later = false;
      begin (self, &self->later);
    }
  self->current = g_queue_pop_head (&self->queue);
  if (self->current == NULL)
    return false;
  *out = self->current->event;
  return true;
}

/* ---- the window ---- */

static Block *
window_last (const SoukFollower *self)
{
  return g_ptr_array_index (self->window, self->window->len - 1);
}

uint64_t
souk_follower_tip (const SoukFollower *self)
{
  return self->window->len > 0 ? window_last (self)->number : self->final;
}

uint64_t
souk_follower_final (const SoukFollower *self)
{
  return self->final;
}

bool
souk_follower_is_idle (const SoukFollower *self)
{
  return self->phase == PHASE_IDLE && !self->has_later && g_queue_is_empty ((GQueue *)&self->queue);
}

/* The window's block of a number that it holds. */
static Block *
window_at (const SoukFollower *self, uint64_t number)
{
  g_assert (self->window->len > 0 && number >= self->final && number <= souk_follower_tip (self));
  return g_ptr_array_index (self->window, number - self->final);
}

static void
window_push (SoukFollower *self, uint64_t number, const uint8_t hash[SOUK_HASH_SIZE],
             GPtrArray *logs)
{
  Block *block = g_new0 (Block, 1);
  block->number = number;
  memcpy (block->hash, hash, SOUK_HASH_SIZE);
  block->logs = logs;
  g_ptr_array_add (self->window, block);
  /* The oldest block is final once `depth` others stand above it. */
  while (self->window->len > self->config.depth + 1)
    g_ptr_array_remove_index (self->window, 0);
  Block *oldest = g_ptr_array_index (self->window, 0);
  g_ptr_array_set_size (oldest->logs, 0);
  self->final = oldest->number;
}

/* Takes the last block back, its newest log first. */
static void
window_undo_last (SoukFollower *self)
{
  Block *block = window_last (self);
  while (block->logs->len > 0)
    emit (self, (SoukFollowerEvent){ .kind = SOUK_FOLLOWER_UNDO },
          g_ptr_array_steal_index (block->logs, block->logs->len - 1));
  g_ptr_array_set_size (self->window, (int)self->window->len - 1);
}

/* ---- phases ---- */

static void
to_idle (SoukFollower *self)
{
  self->phase = PHASE_IDLE;
  self->is_asked = false;
  g_array_set_size (self->path, 0);
}

/* The chain differs below what can be undone: all that was applied is void. The head at hand may be of
 * a fork that is gone, so the new beginning waits for the next one. */
static void
reset (SoukFollower *self)
{
  g_ptr_array_set_size (self->window, 0);
  self->final = self->config.start_block - 1;
  emit (self, (SoukFollowerEvent){ .kind = SOUK_FOLLOWER_RESET }, NULL);
  to_idle (self);
}

/* The block under which everything is final, as seen from the head. */
static uint64_t
final_target (const SoukFollower *self)
{
  uint64_t depth = self->config.depth;
  uint64_t target = self->head.number > depth ? self->head.number - depth : 0;
  return MAX (target, self->config.start_block - 1);
}

/* The window begins anew with one final block. */
static void
window_restart (SoukFollower *self, const SoukChainHeader *anchor)
{
  g_ptr_array_set_size (self->window, 0);
  window_push (self, anchor->number, anchor->hash,
               g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free));
}

/* Towards the head, from a tip that is known to be in the chain. */
static void
proceed (SoukFollower *self)
{
  uint64_t target = final_target (self);
  uint64_t tip = souk_follower_tip (self);

  if (target <= tip)
    {
      g_array_set_size (self->path, 0);
      g_array_append_val (self->path, self->head);
      walk (self);
      return;
    }
  self->phase = PHASE_ANCHOR;
  ask_header_number (self, target - tip > self->chunk ? tip + self->chunk : target);
}

static void
begin (SoukFollower *self, const SoukChainHeader *head)
{
  self->head = *head;
  /* A node that lags, or one of several that does: the chain did not shrink. */
  if (head->number <= self->final)
    return;
  if (self->window->len == 0)
    {
      self->phase = PHASE_ANCHOR;
      ask_header_number (self, self->final);
      return;
    }
  uint64_t tip = souk_follower_tip (self);
  if (head->number <= tip
      && memcmp (window_at (self, head->number)->hash, head->hash, SOUK_HASH_SIZE) == 0)
    return;
  if (final_target (self) > tip)
    {
      self->phase = PHASE_VERIFY;
      ask_header_number (self, tip);
      return;
    }
  proceed (self);
}

/* Asks for the logs of the lowest block of the path, or is done. */
static void
next_block (SoukFollower *self)
{
  self->phase = PHASE_BLOCKS;
  if (self->path->len == 0)
    {
      const Block *tip = window_last (self);
      SoukFollowerEvent event = { .kind = SOUK_FOLLOWER_CAUGHT_UP, .number = tip->number };
      memcpy (event.hash, tip->hash, SOUK_HASH_SIZE);
      emit (self, event, NULL);
      to_idle (self);
      return;
    }
  const SoukChainHeader *header = &g_array_index (self->path, SoukChainHeader, self->path->len - 1);
  SoukFollowerEvent question
      = { .kind = SOUK_FOLLOWER_NEED_BLOCK, .from = header->number, .to = header->number };
  memcpy (question.hash, header->hash, SOUK_HASH_SIZE);
  ask (self, question);
}

/* Looks for the parent of the lowest header of the path in the window. */
static void
walk (SoukFollower *self)
{
  const SoukChainHeader *lowest = &g_array_index (self->path, SoukChainHeader, self->path->len - 1);
  uint64_t below = lowest->number - 1;

  self->phase = PHASE_WALK;
  if (below <= souk_follower_tip (self))
    {
      if (memcmp (window_at (self, below)->hash, lowest->parent, SOUK_HASH_SIZE) == 0)
        {
          while (souk_follower_tip (self) > below)
            window_undo_last (self);
          next_block (self);
          return;
        }
      if (below == self->final)
        {
          reset (self);
          return;
        }
    }
  SoukFollowerEvent question = { .kind = SOUK_FOLLOWER_NEED_HEADER_HASH, .number = below };
  memcpy (question.hash, lowest->parent, SOUK_HASH_SIZE);
  ask (self, question);
}

/* ---- inputs ---- */

void
souk_follower_head (SoukFollower *self, const SoukChainHeader *head)
{
  if (self->phase != PHASE_IDLE || !g_queue_is_empty (&self->queue))
    {
      self->later = *head;
      self->has_later = true;
      return;
    }
  begin (self, head);
}

/* The header of the tip as the chain has it now. */
static void
verified (SoukFollower *self, const SoukChainHeader *header)
{
  if (memcmp (window_last (self)->hash, header->hash, SOUK_HASH_SIZE) == 0)
    {
      /* The head is far above: all that is applied is final now. */
      window_restart (self, header);
      proceed (self);
    }
  else if (self->window->len == 1)
    reset (self);
  else
    {
      window_undo_last (self);
      ask_header_number (self, souk_follower_tip (self));
    }
}

/* The header of a range's last block, or of the block below the first. */
static void
anchored (SoukFollower *self, const SoukChainHeader *header)
{
  if (self->window->len == 0)
    {
      window_restart (self, header);
      proceed (self);
      return;
    }
  SoukFollowerEvent question = { .kind = SOUK_FOLLOWER_NEED_RANGE,
                                 .from = souk_follower_tip (self) + 1,
                                 .to = header->number };
  memcpy (question.hash, header->hash, SOUK_HASH_SIZE);
  self->anchor = *header;
  self->phase = PHASE_BACKFILL;
  ask (self, question);
}

static bool
header_answers (const SoukFollower *self, const SoukChainHeader *header)
{
  if (!self->is_asked || header->number != self->asked.number)
    return false;
  if (self->asked.kind == SOUK_FOLLOWER_NEED_HEADER_NUMBER)
    return true;
  return self->asked.kind == SOUK_FOLLOWER_NEED_HEADER_HASH
         && memcmp (header->hash, self->asked.hash, SOUK_HASH_SIZE) == 0;
}

void
souk_follower_header (SoukFollower *self, const SoukChainHeader *header)
{
  if (!header_answers (self, header))
    return;
  self->is_asked = false;
  switch (self->phase)
    {
    case PHASE_VERIFY:
      verified (self, header);
      return;
    case PHASE_ANCHOR:
      anchored (self, header);
      return;
    case PHASE_WALK:
      g_array_append_vals (self->path, header, 1);
      walk (self);
      return;
    case PHASE_IDLE:
    case PHASE_BACKFILL:
    case PHASE_BLOCKS:
      break;
    }
  g_assert_not_reached ();
}

/* Sorts and drops duplicates. False when a log is outside of the question, or the answer is of two
 * forks: two blocks have one number, or the last block is not the one that was meant. */
static bool
check_logs (const SoukFollowerEvent *asked, GPtrArray *logs)
{
  g_ptr_array_sort_values (logs, souk_chain_log_compare);
  for (guint i = 0; i < logs->len; i++)
    {
      const SoukChainLog *log = g_ptr_array_index (logs, i);
      if (log->block_number < asked->from || log->block_number > asked->to
          || g_bytes_get_size (log->data) > SOUK_CHAIN_LOG_DATA_MAX)
        return false;
      if (log->block_number == asked->to
          && memcmp (log->block_hash, asked->hash, SOUK_HASH_SIZE) != 0)
        return false;
      if (i == 0)
        continue;
      const SoukChainLog *before = g_ptr_array_index (logs, i - 1);
      if (before->block_number != log->block_number)
        continue;
      if (memcmp (before->block_hash, log->block_hash, SOUK_HASH_SIZE) != 0)
        return false;
      if (before->log_index == log->log_index)
        g_ptr_array_remove_index (logs, i--);
    }
  return true;
}

static void
apply_logs (SoukFollower *self, GPtrArray *logs)
{
  for (guint i = 0; i < logs->len; i++)
    emit (self, (SoukFollowerEvent){ .kind = SOUK_FOLLOWER_APPLY },
          souk_chain_log_copy (g_ptr_array_index (logs, i)));
}

/* A private, owned copy of the caller's list. */
static GPtrArray *
copy_logs (GPtrArray *logs)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  for (guint i = 0; i < logs->len; i++)
    g_ptr_array_add (copy, souk_chain_log_copy (g_ptr_array_index (logs, i)));
  return copy;
}

void
souk_follower_logs (SoukFollower *self, uint64_t from, uint64_t to, GPtrArray *logs)
{
  const SoukFollowerEvent *asked = &self->asked;

  if (!self->is_asked || asked->from != from || asked->to != to
      || (asked->kind != SOUK_FOLLOWER_NEED_RANGE && asked->kind != SOUK_FOLLOWER_NEED_BLOCK))
    return;
  if (logs->len > (from < to ? SOUK_FOLLOWER_RANGE_LOGS_MAX : SOUK_FOLLOWER_BLOCK_LOGS_MAX))
    {
      souk_follower_failed (self, SOUK_FOLLOWER_TOO_LARGE);
      return;
    }
  g_autoptr (GPtrArray) own = copy_logs (logs);
  if (!check_logs (asked, own))
    {
      souk_follower_failed (self, SOUK_FOLLOWER_FAILED);
      return;
    }
  self->is_asked = false;
  apply_logs (self, own);
  if (asked->kind == SOUK_FOLLOWER_NEED_RANGE)
    {
      window_restart (self, &self->anchor);
      self->chunk = MIN (self->chunk + self->chunk / 2 + 1, SOUK_FOLLOWER_CHUNK_MAX);
      proceed (self);
      return;
    }
  g_array_set_size (self->path, self->path->len - 1);
  window_push (self, to, asked->hash, g_steal_pointer (&own));
  next_block (self);
}

void
souk_follower_failed (SoukFollower *self, SoukFollowerFailure failure)
{
  if (!self->is_asked)
    return;
  if (failure == SOUK_FOLLOWER_TOO_LARGE && self->phase == PHASE_BACKFILL
      && self->asked.to > self->asked.from)
    {
      /* Half of what was asked, which may have been less than a chunk. */
      self->chunk = (self->asked.to - self->asked.from + 1) / 2;
      self->is_asked = false;
      proceed (self);
      return;
    }
  to_idle (self);
}

/* ---- on disk ---- */

/* On disk: do not reorder. The version is the first byte. */
#define CURSOR_VERSION 1

GBytes *
souk_follower_save (const SoukFollower *self)
{
  GByteArray *out = g_byte_array_new ();

  g_assert (g_queue_is_empty ((GQueue *)&self->queue));
  souk_append_u8 (out, CURSOR_VERSION);
  souk_append_u64_be (out, self->config.start_block);
  souk_append_u64_be (out, self->final);
  souk_append_u32_be (out, self->window->len);
  for (guint i = 0; i < self->window->len; i++)
    {
      const Block *block = g_ptr_array_index (self->window, i);
      souk_append (out, souk_slice (block->hash, SOUK_HASH_SIZE));
      souk_append_u32_be (out, block->logs->len);
      for (guint k = 0; k < block->logs->len; k++)
        souk_chain_log_append (g_ptr_array_index (block->logs, k), out);
    }
  return g_byte_array_free_to_bytes (out);
}

/* Reads one block of the window; numbers follow from the place. */
static void
load_block (SoukFollower *self, SoukReader *reader, uint64_t number)
{
  SoukSlice hash = souk_reader_bytes (reader, SOUK_HASH_SIZE);
  uint32_t count = souk_reader_u32_be (reader);
  Block *block = g_new0 (Block, 1);

  block->number = number;
  if (hash.len == SOUK_HASH_SIZE)
    memcpy (block->hash, hash.data, SOUK_HASH_SIZE);
  block->logs = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  g_ptr_array_add (self->window, block);
  for (uint32_t i = 0; i < count && souk_reader_ok (reader); i++)
    {
      SoukChainLog *log = souk_chain_log_read (reader);
      if (log != NULL)
        g_ptr_array_add (block->logs, log);
    }
}

SoukFollower *
souk_follower_load (const SoukFollowerConfig *config, SoukSlice cursor)
{
  g_autoptr (SoukFollower) self = souk_follower_new (config);
  SoukReader reader = souk_reader (cursor);

  if (cursor.len > SOUK_FOLLOWER_CURSOR_MAX || souk_reader_u8 (&reader) != CURSOR_VERSION
      || souk_reader_u64_be (&reader) != self->config.start_block)
    return NULL;
  uint64_t final = souk_reader_u64_be (&reader);
  uint32_t count = souk_reader_u32_be (&reader);
  if (!souk_reader_ok (&reader) || final < self->final || count > SOUK_FOLLOWER_DEPTH_MAX + 1
      || final > UINT64_MAX - count)
    return NULL;
  self->final = final;
  for (uint32_t i = 0; i < count && souk_reader_ok (&reader); i++)
    load_block (self, &reader, final + i);
  if (!souk_reader_is_done (&reader))
    return NULL;
  return g_steal_pointer (&self);
}
