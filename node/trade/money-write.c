/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes of the money: what the watchers make of an event becomes durable with it. GLIB, node thread.
 * See money.h.
 */
#include "trade/money-private.h"

typedef struct {
  SoukStoreDone done;
  gpointer user;
} Then;

SoukMoneyWrite *
souk_money_write_new (SoukMoney *self)
{
  SoukMoneyWrite *write = g_new0 (SoukMoneyWrite, 1);
  write->money = self;
  write->batch = souk_store_batch_new (self->config.store);
  write->thens = g_array_new (FALSE, FALSE, sizeof (Then));
  return write;
}

static void
write_free (SoukMoneyWrite *write)
{
  g_clear_pointer (&write->batch, souk_store_batch_free);
  g_array_unref (write->thens);
  g_free (write);
}

SoukStoreBatch *
souk_money_write_batch (SoukMoneyWrite *write)
{
  return write->batch;
}

void
souk_money_write_then (SoukMoneyWrite *write, SoukStoreDone done, gpointer user)
{
  Then then = { done, user };
  g_array_append_val (write->thens, then);
}

/* Owners first: the outbox sends only after whoever ordered it knows that it is stored. */
static void
on_durable (const GError *error, gpointer data)
{
  SoukMoneyWrite *write = data;
  SoukMoney *self = write->money;

  if (self != NULL)
    {
      g_hash_table_remove (self->writes, write);
      if (error != NULL)
        souk_log_record (self->config.log, SOUK_LOG_ERROR, "money.not-stored",
                         "What the chain says could not be written to the disk.",
                         souk_log_error ("reason", error));
      for (guint i = 0; i < write->thens->len; i++)
        {
          Then *then = &g_array_index (write->thens, Then, i);
          then->done (error, then->user);
        }
    }
  if (write->stored != NULL)
    write->stored (write->token, error);
  write_free (write);
}

void
souk_money_write_commit (SoukMoneyWrite *write)
{
  g_hash_table_add (write->money->writes, write);
  souk_store_commit (g_steal_pointer (&write->batch), on_durable, write);
}

void
souk_money_write_drop (SoukMoneyWrite *write)
{
  write_free (write);
}

void
souk_money_writes_orphan (SoukMoney *self)
{
  GHashTableIter iter;
  gpointer write;
  g_hash_table_iter_init (&iter, self->writes);
  while (g_hash_table_iter_next (&iter, &write, NULL))
    ((SoukMoneyWrite *)write)->money = NULL;
  g_hash_table_remove_all (self->writes);
}

/* ---- watchers ---- */

void
souk_money_watch (SoukMoney *self, const SoukMoneyWatch *watch, void *user)
{
  SoukMoneyWatcher watcher = { watch, user };
  g_array_append_val (self->watchers, watcher);
}

void
souk_money_tell_deal (SoukMoney *self, const SoukDealEvent *event, SoukMoneyWrite *write)
{
  for (guint i = 0; i < self->watchers->len; i++)
    {
      SoukMoneyWatcher *watcher = &g_array_index (self->watchers, SoukMoneyWatcher, i);
      if (watcher->watch->on_deal != NULL)
        watcher->watch->on_deal (event, write, watcher->user);
    }
}

void
souk_money_tell_tx (SoukMoney *self, const SoukTxOutcome *outcome, SoukMoneyWrite *write)
{
  for (guint i = 0; i < self->watchers->len; i++)
    {
      SoukMoneyWatcher *watcher = &g_array_index (self->watchers, SoukMoneyWatcher, i);
      if (watcher->watch->on_tx != NULL)
        watcher->watch->on_tx (outcome, write, watcher->user);
    }
}
