/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows the contracts' logs. GLIB. See follow.h.
 *
 * The machine asks one question at a time; between two polls nothing is under way.
 */
#include "eth/follow.h"

#include <string.h>

struct SoukFollow {
  SoukEthClient *client;
  GMainContext *context;
  SoukFollower *follower;
  SoukFollowHooks hooks;
  gpointer user_data;
  SoukAddress *addresses;
  size_t n_addresses;
  uint8_t topics[SOUK_CHAIN_EVENT_COUNT][SOUK_HASH_SIZE];
  unsigned poll_ms;
  unsigned pause_ms;
  bool must_reset; /* told before anything else */
  bool is_polling;
  bool is_changed;    /* events since the last checkpoint */
  bool is_caught_up;  /* one of them was CAUGHT_UP */
  bool was_caught_up; /* told since the start or the last trouble: no block may come to say it */
  bool is_troubled;
  bool has_failed; /* a question of this poll had no answer */
  SoukChainHeader head;
  SoukFollowerEvent asked;
  GSource *timer;
};

static void pump (SoukFollow *self);

/* ---- pauses and troubles ---- */

static gboolean
on_timer (gpointer user_data)
{
  SoukFollow *self = user_data;
  g_clear_pointer (&self->timer, g_source_unref);
  souk_follow_poll (self);
  return G_SOURCE_REMOVE;
}

static void
drop_timer (SoukFollow *self)
{
  if (self->timer == NULL)
    return;
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
pause_polling (SoukFollow *self, unsigned delay_ms)
{
  self->is_polling = false;
  drop_timer (self);
  self->timer = g_timeout_source_new (delay_ms);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, self->context);
}

static void
tell_trouble (SoukFollow *self, const GError *error)
{
  if (error == NULL && !self->is_troubled)
    return;
  self->is_troubled = error != NULL;
  if (error != NULL)
    self->was_caught_up = false;
  self->pause_ms = error == NULL ? self->poll_ms
                                 : MIN (self->pause_ms * 2, (unsigned)SOUK_FOLLOW_PAUSE_MS_MAX);
  if (self->hooks.trouble != NULL)
    self->hooks.trouble (error, self->user_data);
}

/* ---- answers ---- */

/* A question without an answer. What is gone is no trouble: the chain moved. */
static void
answer_failed (SoukFollow *self, const GError *error)
{
  SoukFollowerFailure failure = SOUK_FOLLOWER_FAILED;
  if (error == NULL || g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_UNKNOWN_BLOCK))
    failure = SOUK_FOLLOWER_GONE;
  else if (g_error_matches (error, SOUK_ETH_ERROR, SOUK_ETH_ERROR_TOO_LARGE))
    failure = SOUK_FOLLOWER_TOO_LARGE;
  else
    {
      self->has_failed = true;
      tell_trouble (self, error);
    }
  souk_follower_failed (self->follower, failure);
  pump (self);
}

static void
on_header (const SoukChainHeader *header, const GError *error, gpointer user_data)
{
  SoukFollow *self = user_data;
  if (header == NULL)
    {
      answer_failed (self, error);
      return;
    }
  souk_follower_header (self->follower, header);
  pump (self);
}

static void
on_logs (GPtrArray *logs, const GError *error, gpointer user_data)
{
  SoukFollow *self = user_data;
  if (logs == NULL)
    {
      answer_failed (self, error);
      return;
    }
  souk_follower_logs (self->follower, self->asked.from, self->asked.to, logs);
  pump (self);
}

static void
ask_logs (SoukFollow *self, bool by_hash)
{
  SoukEthLogFilter filter = {
    .addresses = self->addresses,
    .n_addresses = self->n_addresses,
    .topics = (const uint8_t (*)[SOUK_HASH_SIZE])self->topics,
    .n_topics = SOUK_CHAIN_EVENT_COUNT,
    .block_hash = by_hash ? self->asked.hash : NULL,
    .from_block = self->asked.from,
    .to_block = self->asked.to,
  };
  souk_eth_logs (self->client, &filter, on_logs, self);
}

/* ---- the machine's events ---- */

/* Returns: true when the event is a question, which is now under way. */
static bool
handle (SoukFollow *self, const SoukFollowerEvent *event)
{
  switch (event->kind)
    {
    case SOUK_FOLLOWER_APPLY:
      self->is_changed = true;
      self->hooks.apply (event->log, self->user_data);
      return false;
    case SOUK_FOLLOWER_UNDO:
      self->is_changed = true;
      self->hooks.undo (event->log, self->user_data);
      return false;
    case SOUK_FOLLOWER_RESET:
      self->is_changed = true;
      self->hooks.reset (self->user_data);
      return false;
    case SOUK_FOLLOWER_CAUGHT_UP:
      self->is_changed = true;
      self->is_caught_up = true;
      return false;
    case SOUK_FOLLOWER_NEED_HEADER_NUMBER:
    case SOUK_FOLLOWER_NEED_HEADER_HASH:
    case SOUK_FOLLOWER_NEED_RANGE:
    case SOUK_FOLLOWER_NEED_BLOCK:
      self->asked = *event;
      return true;
    }
  g_assert_not_reached ();
}

static void
ask (SoukFollow *self)
{
  switch (self->asked.kind)
    {
    case SOUK_FOLLOWER_NEED_HEADER_NUMBER:
      souk_eth_block_by_number (self->client, self->asked.number, on_header, self);
      return;
    case SOUK_FOLLOWER_NEED_HEADER_HASH:
      souk_eth_block_by_hash (self->client, self->asked.hash, on_header, self);
      return;
    case SOUK_FOLLOWER_NEED_RANGE:
      ask_logs (self, false);
      return;
    case SOUK_FOLLOWER_NEED_BLOCK:
      ask_logs (self, true);
      return;
    case SOUK_FOLLOWER_APPLY:
    case SOUK_FOLLOWER_UNDO:
    case SOUK_FOLLOWER_RESET:
    case SOUK_FOLLOWER_CAUGHT_UP:
      break;
    }
  g_assert_not_reached ();
}

/* Effects, then their checkpoint, then the next question. */
static void
pump (SoukFollow *self)
{
  SoukFollowerEvent event;
  bool is_question = false;

  while (souk_follower_next (self->follower, &event))
    is_question = handle (self, &event) || is_question;
  if (!is_question && !self->was_caught_up && self->head.number > 0
      && souk_follower_tip (self->follower) == self->head.number)
    self->is_changed = self->is_caught_up = true;
  if (self->is_changed)
    {
      g_autoptr (GBytes) cursor = souk_follower_save (self->follower);
      bool is_caught_up = self->is_caught_up;
      self->was_caught_up = self->was_caught_up || is_caught_up;
      self->is_changed = false;
      self->is_caught_up = false;
      self->hooks.checkpoint (cursor, is_caught_up, self->user_data);
    }
  if (is_question)
    {
      ask (self);
      return;
    }
  if (!self->has_failed)
    tell_trouble (self, NULL);
  pause_polling (self, self->pause_ms);
}

static void
on_head (const SoukChainHeader *header, const GError *error, gpointer user_data)
{
  SoukFollow *self = user_data;
  if (header == NULL)
    {
      tell_trouble (self, error);
      pause_polling (self, self->pause_ms);
      return;
    }
  self->has_failed = false;
  self->head = *header;
  souk_follower_head (self->follower, header);
  pump (self);
}

void
souk_follow_poll (SoukFollow *self)
{
  if (self->is_polling)
    return;
  self->is_polling = true;
  drop_timer (self);
  if (self->must_reset)
    {
      self->must_reset = false;
      self->hooks.reset (self->user_data);
    }
  souk_eth_head (self->client, on_head, self);
}

/* ---- life ---- */

SoukFollow *
souk_follow_new (SoukEthRpc *rpc, const SoukFollowConfig *config, SoukSlice cursor,
                 const SoukFollowHooks *hooks, gpointer user_data)
{
  SoukFollow *self = g_new0 (SoukFollow, 1);
  SoukFollowerConfig machine = { config->start_block, config->depth };

  g_assert (config->n_addresses >= 1 && config->n_addresses <= SOUK_FOLLOW_ADDRESSES_MAX);
  g_assert (config->poll_ms > 0);
  self->client = souk_eth_client_new (rpc);
  self->context = g_main_context_ref_thread_default ();
  self->hooks = *hooks;
  self->user_data = user_data;
  self->addresses
      = g_memdup2 (config->addresses, config->n_addresses * sizeof config->addresses[0]);
  self->n_addresses = config->n_addresses;
  for (unsigned kind = 0; kind < SOUK_CHAIN_EVENT_COUNT; kind++)
    souk_chain_event_topic ((SoukChainEventKind)kind, self->topics[kind]);
  self->poll_ms = self->pause_ms = config->poll_ms;
  if (cursor.len > 0)
    self->follower = souk_follower_load (&machine, cursor);
  if (self->follower == NULL)
    {
      self->must_reset = cursor.len > 0;
      self->follower = souk_follower_new (&machine);
    }
  pause_polling (self, 0);
  return self;
}

void
souk_follow_free (SoukFollow *self)
{
  if (self == NULL)
    return;
  drop_timer (self);
  souk_eth_client_free (self->client);
  souk_follower_free (self->follower);
  g_main_context_unref (self->context);
  g_free (self->addresses);
  g_free (self);
}

const SoukChainHeader *
souk_follow_head (const SoukFollow *self)
{
  return &self->head;
}

guint64
souk_follow_tip (const SoukFollow *self)
{
  return souk_follower_tip (self->follower);
}
