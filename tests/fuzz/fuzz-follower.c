/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The follower under a node that says anything: each byte is a step. Whatever comes, UNDO takes back what
 * was applied last, positions rise, and a stored cursor can be read.
 */
#include "chain/follower.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct {
  SoukFollower *follower;
  SoukFollowerConfig config;
  GPtrArray *applied;
  SoukFollowerEvent asked;
} Run;

static void
pull (Run *run)
{
  SoukFollowerEvent event;
  while (souk_follower_next (run->follower, &event))
    switch (event.kind)
      {
      case SOUK_FOLLOWER_APPLY:
        if (run->applied->len > 0)
          g_assert (souk_chain_log_compare (g_ptr_array_index (run->applied, run->applied->len - 1),
                                            event.log)
                    < 0);
        g_ptr_array_add (run->applied, souk_chain_log_copy (event.log));
        break;
      case SOUK_FOLLOWER_UNDO:
        g_assert (run->applied->len > 0);
        g_assert (souk_chain_log_compare (g_ptr_array_index (run->applied, run->applied->len - 1),
                                          event.log)
                  == 0);
        g_ptr_array_set_size (run->applied, (int)run->applied->len - 1);
        break;
      case SOUK_FOLLOWER_RESET:
        g_ptr_array_set_size (run->applied, 0);
        break;
      case SOUK_FOLLOWER_CAUGHT_UP:
        g_assert (event.number == souk_follower_tip (run->follower));
        break;
      case SOUK_FOLLOWER_NEED_HEADER_NUMBER:
      case SOUK_FOLLOWER_NEED_HEADER_HASH:
      case SOUK_FOLLOWER_NEED_RANGE:
      case SOUK_FOLLOWER_NEED_BLOCK:
        run->asked = event;
        break;
      }
}

/* A block of fork `fork`: its parent is of the fork, or of the one below. */
static SoukChainHeader
header_of (uint64_t number, uint8_t fork, bool is_crossing)
{
  SoukChainHeader header = { .number = number };
  memcpy (header.hash, &number, sizeof number);
  header.hash[31] = fork;
  number--;
  memcpy (header.parent, &number, sizeof number);
  header.parent[31] = is_crossing ? (uint8_t)(fork ^ 1) : fork;
  return header;
}

static void
answer_logs (Run *run, uint8_t byte)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  for (unsigned i = 0; i < (byte & 3u); i++)
    {
      SoukChainLog *log = souk_chain_log_new ();
      log->block_number = run->asked.to - (byte >> 5 & 1u) * i;
      memcpy (log->block_hash, run->asked.hash, SOUK_HASH_SIZE);
      if (log->block_number != run->asked.to)
        log->block_hash[30] ^= (uint8_t)(byte >> 6);
      log->log_index = byte >> 2 & (i + 3);
      g_ptr_array_add (logs, log);
    }
  souk_follower_logs (run->follower, run->asked.from, run->asked.to, logs);
}

static void
restart (Run *run)
{
  g_autoptr (GBytes) cursor = souk_follower_save (run->follower);
  souk_follower_free (run->follower);
  run->follower = souk_follower_load (&run->config, souk_slice_from_bytes (cursor));
  g_assert (run->follower != NULL);
  memset (&run->asked, 0, sizeof run->asked);
}

static void
step (Run *run, uint8_t op, uint8_t byte)
{
  SoukChainHeader header;
  switch (op % 8)
    {
    case 0:
    case 1:
      header = header_of (1 + byte, op >> 3 & 1, op >> 4 & 1);
      souk_follower_head (run->follower, &header);
      break;
    case 2:
    case 3:
      header = header_of (run->asked.number, byte & 1, byte >> 1 & 1);
      if (run->asked.kind == SOUK_FOLLOWER_NEED_HEADER_HASH)
        memcpy (header.hash, run->asked.hash, SOUK_HASH_SIZE);
      souk_follower_header (run->follower, &header);
      break;
    case 4:
    case 5:
      answer_logs (run, byte);
      break;
    case 6:
      souk_follower_failed (run->follower, (SoukFollowerFailure)(byte % 3));
      break;
    default:
      restart (run);
      break;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Run run = { .config = { 1, 3 } };
  run.follower = souk_follower_load (&run.config, souk_slice (data, size));
  if (run.follower != NULL)
    {
      souk_follower_free (run.follower);
      return 0;
    }
  run.follower = souk_follower_new (&run.config);
  run.applied = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_chain_log_free);
  for (size_t i = 0; i + 1 < size; i += 2)
    {
      step (&run, data[i], data[i + 1]);
      pull (&run);
    }
  souk_follower_free (run.follower);
  g_ptr_array_unref (run.applied);
  return 0;
}
