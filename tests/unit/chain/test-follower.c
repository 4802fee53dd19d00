/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The follower against a model chain: named cases, then random walks with reorgs, failing and lying
 * nodes, and restarts from the stored cursor.
 */
#include "base/rng.h"
#include "chain/follower.h"

#include <string.h>

/* ---- a chain that forks ---- */

typedef struct {
  SoukChainHeader header;
  GPtrArray *logs;
} ModelBlock;

typedef struct {
  GPtrArray *blocks;   /* the canonical chain, block i at i */
  GHashTable *by_hash; /* all blocks that ever were: hash text -> ModelBlock */
  uint64_t unique;
} Model;

static void
model_block_free (ModelBlock *block)
{
  g_ptr_array_unref (block->logs);
  g_free (block);
}

static char *
hash_key (const uint8_t hash[32])
{
  return souk_hex_encode (souk_slice (hash, 32));
}

static void
model_mine (Model *model, unsigned n_logs)
{
  ModelBlock *block = g_new0 (ModelBlock, 1);
  uint64_t number = model->blocks->len;
  uint64_t seed = ++model->unique;

  block->header.number = number;
  souk_keccak256 (block->header.hash, souk_slice (&seed, sizeof seed));
  if (number > 0)
    {
      const ModelBlock *parent = g_ptr_array_index (model->blocks, number - 1);
      memcpy (block->header.parent, parent->header.hash, 32);
    }
  block->logs = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  for (unsigned i = 0; i < n_logs; i++)
    {
      SoukChainLog *log = souk_chain_log_new ();
      log->block_number = number;
      memcpy (log->block_hash, block->header.hash, 32);
      log->log_index = i * 3;
      log->n_topics = 1;
      g_ptr_array_add (block->logs, log);
    }
  g_ptr_array_add (model->blocks, block);
  g_hash_table_insert (model->by_hash, hash_key (block->header.hash), block);
}

static void
model_init (Model *model, unsigned blocks, unsigned n_logs)
{
  model->blocks = g_ptr_array_new ();
  model->by_hash
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)model_block_free);
  model->unique = 0;
  for (unsigned i = 0; i < blocks; i++)
    model_mine (model, n_logs);
}

static void
model_done (Model *model)
{
  g_ptr_array_unref (model->blocks);
  g_hash_table_unref (model->by_hash);
}

static void
model_rewind (Model *model, unsigned depth)
{
  g_ptr_array_set_size (model->blocks, (int)model->blocks->len - (int)depth);
}

static const ModelBlock *
model_at (const Model *model, uint64_t number)
{
  return number < model->blocks->len ? g_ptr_array_index (model->blocks, number) : NULL;
}

static bool
model_is_canonical (const Model *model, const ModelBlock *block)
{
  return model_at (model, block->header.number) == block;
}

/* ---- the driver: answers, applies, undoes ---- */

typedef struct {
  Model *model;
  SoukFollower *follower;
  SoukFollowerConfig config;
  GPtrArray *applied; /* (element-type SoukChainLog), in order */
  unsigned resets;
  unsigned questions;
  unsigned range_limit; /* blocks of a range that the node bears; 0: any */
  SoukRng *faults;      /* NULL: none */
  SoukChainHeader caught_up;
} Driver;

static void
driver_init (Driver *driver, Model *model, uint64_t start, unsigned depth)
{
  *driver = (Driver){ .model = model, .config = { start, depth } };
  driver->follower = souk_follower_new (&driver->config);
  driver->applied = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
}

static void
driver_done (Driver *driver)
{
  souk_follower_free (driver->follower);
  g_ptr_array_unref (driver->applied);
}

static void
answer_header (Driver *driver, const ModelBlock *block)
{
  if (block == NULL || !model_is_canonical (driver->model, block))
    souk_follower_failed (driver->follower, SOUK_FOLLOWER_GONE);
  else
    souk_follower_header (driver->follower, &block->header);
}

static void
answer_logs (Driver *driver, const SoukFollowerEvent *event)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new ();
  if (driver->range_limit > 0 && event->to - event->from + 1 > driver->range_limit)
    {
      souk_follower_failed (driver->follower, SOUK_FOLLOWER_TOO_LARGE);
      return;
    }
  for (uint64_t n = event->to; n >= event->from; n--)
    {
      const ModelBlock *block = model_at (driver->model, n);
      if (block == NULL
          || (event->kind == SOUK_FOLLOWER_NEED_BLOCK
              && memcmp (block->header.hash, event->hash, 32) != 0))
        {
          souk_follower_failed (driver->follower, SOUK_FOLLOWER_GONE);
          return;
        }
      for (guint i = block->logs->len; i > 0; i--)
        {
          g_ptr_array_add (logs, g_ptr_array_index (block->logs, i - 1));
          if (i % 2 == 0) /* twice: it is idempotent */
            g_ptr_array_add (logs, g_ptr_array_index (block->logs, i - 1));
        }
    }
  souk_follower_logs (driver->follower, event->from, event->to, logs);
}

/* Nodes fail, and the chain moves between two questions. */
static bool
is_disturbed (Driver *driver)
{
  if (driver->faults == NULL)
    return false;
  if (souk_rng_below (driver->faults, 12) == 0)
    {
      souk_follower_failed (driver->follower, SOUK_FOLLOWER_FAILED);
      return true;
    }
  if (souk_rng_below (driver->faults, 12) == 0)
    {
      model_rewind (driver->model, 1);
      model_mine (driver->model, (unsigned)souk_rng_below (driver->faults, 3));
      model_mine (driver->model, (unsigned)souk_rng_below (driver->faults, 3));
    }
  return false;
}

static void
apply (Driver *driver, const SoukChainLog *log)
{
  if (driver->applied->len > 0)
    {
      const SoukChainLog *last = g_ptr_array_index (driver->applied, driver->applied->len - 1);
      g_assert_cmpint (souk_chain_log_compare (last, log), <, 0);
    }
  g_ptr_array_add (driver->applied, souk_chain_log_copy (log));
}

static void
undo (Driver *driver, const SoukChainLog *log)
{
  g_assert_cmpuint (driver->applied->len, >, 0);
  const SoukChainLog *last = g_ptr_array_index (driver->applied, driver->applied->len - 1);
  g_assert_cmpmem (last->block_hash, 32, log->block_hash, 32);
  g_assert_cmpuint (last->log_index, ==, log->log_index);
  g_ptr_array_set_size (driver->applied, (int)driver->applied->len - 1);
}

static void
handle (Driver *driver, const SoukFollowerEvent *event)
{
  switch (event->kind)
    {
    case SOUK_FOLLOWER_APPLY:
      apply (driver, event->log);
      break;
    case SOUK_FOLLOWER_UNDO:
      undo (driver, event->log);
      break;
    case SOUK_FOLLOWER_RESET:
      driver->resets++;
      g_ptr_array_set_size (driver->applied, 0);
      break;
    case SOUK_FOLLOWER_CAUGHT_UP:
      driver->caught_up.number = event->number;
      memcpy (driver->caught_up.hash, event->hash, 32);
      break;
    case SOUK_FOLLOWER_NEED_HEADER_NUMBER:
      case SOUK_FOLLOWER_NEED_HEADER_HASH: {
        g_autofree char *key = hash_key (event->hash);
        driver->questions++;
        if (!is_disturbed (driver))
          answer_header (driver, event->kind == SOUK_FOLLOWER_NEED_HEADER_NUMBER
                                     ? model_at (driver->model, event->number)
                                     : g_hash_table_lookup (driver->model->by_hash, key));
        break;
      }
    case SOUK_FOLLOWER_NEED_RANGE:
    case SOUK_FOLLOWER_NEED_BLOCK:
      driver->questions++;
      if (!is_disturbed (driver))
        answer_logs (driver, event);
      break;
    }
}

static void
pump (Driver *driver)
{
  SoukFollowerEvent event;
  while (souk_follower_next (driver->follower, &event))
    handle (driver, &event);
}

static void
poll_head (Driver *driver)
{
  const ModelBlock *head = model_at (driver->model, driver->model->blocks->len - 1);
  souk_follower_head (driver->follower, &head->header);
  pump (driver);
}

/* Without faults, a few polls must bring it to exactly what the chain has. */
static void
assert_follows (Driver *driver)
{
  SoukRng *faults = driver->faults;
  guint at = 0;

  driver->faults = NULL;
  poll_head (driver);
  poll_head (driver);
  driver->faults = faults;
  g_assert_true (souk_follower_is_idle (driver->follower));
  g_assert_cmpuint (souk_follower_tip (driver->follower), ==, driver->model->blocks->len - 1);
  for (uint64_t n = MAX (driver->config.start_block, 1); n < driver->model->blocks->len; n++)
    {
      const ModelBlock *block = model_at (driver->model, n);
      for (guint i = 0; i < block->logs->len; i++, at++)
        {
          const SoukChainLog *expected = g_ptr_array_index (block->logs, i);
          g_assert_cmpuint (at, <, driver->applied->len);
          const SoukChainLog *actual = g_ptr_array_index (driver->applied, at);
          g_assert_cmpmem (actual->block_hash, 32, expected->block_hash, 32);
          g_assert_cmpuint (actual->log_index, ==, expected->log_index);
        }
    }
  g_assert_cmpuint (at, ==, driver->applied->len);
}

static void
restart (Driver *driver)
{
  g_autoptr (GBytes) cursor = souk_follower_save (driver->follower);
  souk_follower_free (driver->follower);
  driver->follower = souk_follower_load (&driver->config, souk_slice_from_bytes (cursor));
  g_assert_nonnull (driver->follower);
}

/* ---- named cases ---- */

static void
a_long_chain_is_read_in_ranges_then_block_by_block (void)
{
  Model model;
  Driver driver;
  model_init (&model, 30000, 0);
  model_mine (&model, 2);
  driver_init (&driver, &model, 1, 8);
  assert_follows (&driver);
  /* Seven or eight growing ranges, an anchor, seven headers and eight blocks. */
  g_assert_cmpuint (driver.questions, <, 30);
  driver_done (&driver);
  model_done (&model);
}

static void
a_range_that_is_too_large_is_halved_until_the_node_bears_it (void)
{
  Model model;
  Driver driver;
  model_init (&model, 500, 1);
  driver_init (&driver, &model, 10, 4);
  driver.range_limit = 7;
  assert_follows (&driver);
  driver_done (&driver);
  model_done (&model);
}

static void
a_reorg_undoes_in_reverse_and_applies_the_other_fork (void)
{
  Model model;
  Driver driver;
  model_init (&model, 20, 2);
  driver_init (&driver, &model, 1, 6);
  assert_follows (&driver);
  model_rewind (&model, 3);
  for (int i = 0; i < 5; i++)
    model_mine (&model, 1);
  assert_follows (&driver);
  g_assert_cmpuint (driver.resets, ==, 0);
  driver_done (&driver);
  model_done (&model);
}

static void
a_node_that_lags_undoes_nothing (void)
{
  Model model;
  Driver driver;
  model_init (&model, 20, 2);
  driver_init (&driver, &model, 1, 6);
  assert_follows (&driver);
  guint before = driver.applied->len;
  unsigned questions = driver.questions;
  souk_follower_head (driver.follower, &model_at (&model, 17)->header);
  pump (&driver);
  souk_follower_head (driver.follower, &model_at (&model, 3)->header);
  pump (&driver);
  g_assert_cmpuint (driver.applied->len, ==, before);
  g_assert_cmpuint (driver.questions, ==, questions);
  driver_done (&driver);
  model_done (&model);
}

static void
a_reorg_while_away_is_found_on_return (void)
{
  Model model;
  Driver driver;
  model_init (&model, 20, 2);
  driver_init (&driver, &model, 1, 6);
  assert_follows (&driver);
  restart (&driver);
  model_rewind (&model, 4);
  for (int i = 0; i < 400; i++)
    model_mine (&model, 1);
  assert_follows (&driver);
  g_assert_cmpuint (driver.resets, ==, 0);
  driver_done (&driver);
  model_done (&model);
}

static void
a_reorg_below_the_window_begins_again (void)
{
  Model model;
  Driver driver;
  model_init (&model, 20, 2);
  driver_init (&driver, &model, 1, 3);
  assert_follows (&driver);
  model_rewind (&model, 10);
  for (int i = 0; i < 11; i++)
    model_mine (&model, 1);
  assert_follows (&driver);
  g_assert_cmpuint (driver.resets, ==, 1);
  driver_done (&driver);
  model_done (&model);
}

static void
logs_of_two_forks_in_one_answer_are_refused (void)
{
  SoukFollowerConfig config = { 1, 2 };
  g_autoptr (SoukFollower) follower = souk_follower_new (&config);
  SoukChainHeader head = { .number = 50 };
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  SoukFollowerEvent event;

  souk_follower_head (follower, &head);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (souk_follower_next (follower, &event));
      g_assert_cmpint (event.kind, ==, SOUK_FOLLOWER_NEED_HEADER_NUMBER);
      SoukChainHeader header = { .number = event.number };
      souk_follower_header (follower, &header);
    }
  g_assert_true (souk_follower_next (follower, &event));
  g_assert_cmpint (event.kind, ==, SOUK_FOLLOWER_NEED_RANGE);
  for (unsigned i = 0; i < 2; i++)
    {
      SoukChainLog *log = souk_chain_log_new ();
      log->block_number = 5;
      log->block_hash[0] = (uint8_t)i;
      log->log_index = i;
      g_ptr_array_add (logs, log);
    }
  souk_follower_logs (follower, event.from, event.to, logs);
  g_assert_false (souk_follower_next (follower, &event));
  g_assert_cmpuint (souk_follower_tip (follower), ==, 0);
}

static void
a_cursor_of_another_start_or_of_noise_is_not_taken (void)
{
  Model model;
  Driver driver;
  model_init (&model, 20, 2);
  driver_init (&driver, &model, 1, 3);
  assert_follows (&driver);
  g_autoptr (GBytes) cursor = souk_follower_save (driver.follower);
  SoukSlice whole = souk_slice_from_bytes (cursor);
  SoukFollowerConfig other = { 2, 3 };
  g_assert_null (souk_follower_load (&other, whole));
  for (size_t len = 0; len < whole.len; len++)
    g_assert_null (souk_follower_load (&driver.config, souk_slice (whole.data, len)));
  driver_done (&driver);
  model_done (&model);
}

/* A head that comes while the machine works waits for the end of that work. */
static void
a_head_that_comes_at_work_is_not_forgotten (void)
{
  Model model;
  Driver driver;
  SoukFollowerEvent event;
  model_init (&model, 20, 1);
  driver_init (&driver, &model, 1, 6);
  souk_follower_head (driver.follower, &model_at (&model, 19)->header);
  g_assert_true (souk_follower_next (driver.follower, &event));
  model_mine (&model, 1);
  souk_follower_head (driver.follower, &model_at (&model, 20)->header);
  g_assert_false (souk_follower_is_idle (driver.follower));
  handle (&driver, &event);
  pump (&driver);
  g_assert_cmpuint (souk_follower_tip (driver.follower), ==, 20);
  g_assert_cmpuint (driver.caught_up.number, ==, 20);
  driver_done (&driver);
  model_done (&model);
}

/* ---- random walks ---- */

static void
random_walk (uint64_t seed)
{
  SoukSeededRng seeded;
  Model model;
  Driver driver;
  unsigned depth;

  souk_seeded_rng_init_number (&seeded, seed);
  SoukRng *rng = &seeded.rng;
  depth = 1 + (unsigned)souk_rng_below (rng, 12);
  model_init (&model, 1 + (unsigned)souk_rng_below (rng, 60), 2);
  driver_init (&driver, &model, souk_rng_below (rng, 20), depth);
  driver.faults = rng;
  for (int step = 0; step < 60; step++)
    {
      unsigned back = (unsigned)souk_rng_below (rng, depth + 1);
      bool is_deep = souk_rng_below (rng, 40) == 0;
      if (is_deep)
        back += depth;
      if (souk_rng_below (rng, 3) == 0 && back + 1 < model.blocks->len)
        model_rewind (&model, back);
      for (uint64_t i = souk_rng_below (rng, souk_rng_below (rng, 8) == 0 ? 60 : 4); i > 0; i--)
        model_mine (&model, (unsigned)souk_rng_below (rng, 4));
      driver.range_limit = (unsigned)souk_rng_below (rng, 9);
      poll_head (&driver);
      if (souk_rng_below (rng, 6) == 0)
        restart (&driver);
      if (souk_rng_below (rng, 4) == 0
          && model.blocks->len > souk_follower_tip (driver.follower) + 1)
        assert_follows (&driver);
    }
  /* A chain that has become shorter shows its fork once it grows past the tip. */
  while (model.blocks->len <= souk_follower_tip (driver.follower) + 1)
    model_mine (&model, 1);
  assert_follows (&driver);
  driver_done (&driver);
  model_done (&model);
}

static void
random_walks_end_where_the_chain_is (void)
{
  const char *fixed = g_getenv ("SOUK_TEST_SEED");
  if (fixed != NULL)
    {
      random_walk (g_ascii_strtoull (fixed, NULL, 10));
      return;
    }
  for (uint64_t seed = 1; seed <= 400; seed++)
    {
      g_test_message ("SOUK_TEST_SEED=%" G_GUINT64_FORMAT, seed);
      random_walk (seed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/follower/a-long-chain-is-read-in-ranges-then-block-by-block",
                   a_long_chain_is_read_in_ranges_then_block_by_block);
  g_test_add_func ("/chain/follower/a-range-that-is-too-large-is-halved-until-the-node-bears-it",
                   a_range_that_is_too_large_is_halved_until_the_node_bears_it);
  g_test_add_func ("/chain/follower/a-reorg-undoes-in-reverse-and-applies-the-other-fork",
                   a_reorg_undoes_in_reverse_and_applies_the_other_fork);
  g_test_add_func ("/chain/follower/a-node-that-lags-undoes-nothing",
                   a_node_that_lags_undoes_nothing);
  g_test_add_func ("/chain/follower/a-reorg-while-away-is-found-on-return",
                   a_reorg_while_away_is_found_on_return);
  g_test_add_func ("/chain/follower/a-reorg-below-the-window-begins-again",
                   a_reorg_below_the_window_begins_again);
  g_test_add_func ("/chain/follower/logs-of-two-forks-in-one-answer-are-refused",
                   logs_of_two_forks_in_one_answer_are_refused);
  g_test_add_func ("/chain/follower/a-cursor-of-another-start-or-of-noise-is-not-taken",
                   a_cursor_of_another_start_or_of_noise_is_not_taken);
  g_test_add_func ("/chain/follower/a-head-that-comes-at-work-is-not-forgotten",
                   a_head_that_comes_at_work_is_not_forgotten);
  g_test_add_func ("/chain/follower/random-walks-end-where-the-chain-is",
                   random_walks_end_where_the_chain_is);
  return g_test_run ();
}
