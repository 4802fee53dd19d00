/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log: fields to JSON, limits, sinks and the ring. GLIB, any thread. See log.h.
 *
 * One lock guards everything; followers (follow.c) have their own, taken inside this one and never
 * held over a callback.
 */
#include "log/log.h"

#include "log/file.h"
#include "log/follow.h"
#include "log/limit.h"

#include <string.h>
#include <unistd.h>

#define FILE_BYTES_DEFAULT (16 * 1024 * 1024)
#define FILES_KEPT_DEFAULT 3
#define RING_DEFAULT 2000
#define SWEEP_US (10 * G_USEC_PER_SEC)

struct SoukLog {
  GMutex lock;
  SoukLogLevel level;
  SoukLogLevel stderr_level;
  bool is_journal;
  int64_t (*mono_us) (void);
  uint64_t seq;        /* of the newest record */
  SoukLogEntry **ring; /* record n lies at (n - 1) % ring_size */
  unsigned ring_size;
  SoukLogFile *file; /* nullable */
  SoukLogLimit *limit;
  int64_t swept_us;
  SoukLogFollowers *followers;
  SoukMetrics *metrics;
  SoukMetric *records[SOUK_LOG_NONE];
  SoukMetric *suppressed;
  SoukMetric *write_errors;
};

SoukLog *
souk_log_new (const SoukLogConfig *config, GError **error)
{
  SoukLogFile *file = NULL;
  if (config->path != NULL)
    {
      file = souk_log_file_new (
          config->path, config->file_bytes_max != 0 ? config->file_bytes_max : FILE_BYTES_DEFAULT,
          config->files_kept != 0 ? config->files_kept : FILES_KEPT_DEFAULT, error);
      if (file == NULL)
        return NULL;
    }

  SoukLog *self = g_new0 (SoukLog, 1);
  g_mutex_init (&self->lock);
  self->file = file;
  self->level = config->level;
  self->stderr_level = config->stderr_level;
  self->is_journal
      = g_getenv ("JOURNAL_STREAM") != NULL && g_log_writer_is_journald (STDERR_FILENO);
  self->mono_us = config->mono_us != NULL ? config->mono_us : g_get_monotonic_time;
  self->ring_size = config->ring_size != 0 ? config->ring_size : RING_DEFAULT;
  self->ring = g_new0 (SoukLogEntry *, self->ring_size);
  self->limit = souk_log_limit_new ();
  self->swept_us = self->mono_us ();
  self->followers = souk_log_followers_new ();
  self->metrics = souk_metrics_new ();
  for (SoukLogLevel i = SOUK_LOG_DEBUG; i < SOUK_LOG_NONE; i++)
    self->records[i] = souk_metrics_counter (
        self->metrics, "souk_log_records", "Records of the log.", "level", souk_log_level_name (i));
  self->suppressed = souk_metrics_counter (self->metrics, "souk_log_suppressed",
                                           "Records held back by the limits.", NULL, NULL);
  self->write_errors = souk_metrics_counter (self->metrics, "souk_log_write_errors",
                                             "Lines that the disk refused.", NULL, NULL);
  return self;
}

/* ---- fields ---- */

static void
append_value (GString *out, const SoukLogField *field)
{
  g_autofree char *text = NULL;

  switch (field->kind)
    {
    case SOUK_LOG_KIND_INT:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, field->value.number);
      return;
    case SOUK_LOG_KIND_BOOL:
      g_string_append (out, field->value.truth ? "true" : "false");
      return;
    case SOUK_LOG_KIND_STATUS:
      souk_json_append_string (out, souk_status_name (field->value.status), SOUK_LOG_STRING_MAX);
      return;
    case SOUK_LOG_KIND_STRING:
    case SOUK_LOG_KIND_SOURCE:
      text = g_strndup (field->value.string != NULL ? field->value.string : "",
                        SOUK_LOG_STRING_MAX + 1);
      break;
    case SOUK_LOG_KIND_PEER:
      text = field->value.peer != NULL ? souk_peer_id_to_string (field->value.peer) : NULL;
      break;
    case SOUK_LOG_KIND_CID:
      text = field->value.cid != NULL ? souk_cid_to_string (field->value.cid) : NULL;
      break;
    case SOUK_LOG_KIND_ADDR:
      text = field->value.addr != NULL ? souk_multiaddr_to_string (field->value.addr) : NULL;
      break;
    case SOUK_LOG_KIND_END:
      g_assert_not_reached ();
    }
  if (field->value.string == NULL || text == NULL)
    g_string_append (out, "null");
  else
    souk_json_append_string (out, text, SOUK_LOG_STRING_MAX);
}

static GString *
fields_to_json (const SoukLogField *fields)
{
  GString *out = g_string_new ("{");
  for (unsigned i = 0; fields[i].kind != SOUK_LOG_KIND_END; i++)
    {
      g_assert (i < SOUK_LOG_FIELDS_MAX);
      g_string_append_printf (out, "%s\"%s\":", i > 0 ? "," : "", fields[i].key);
      append_value (out, &fields[i]);
    }
  g_string_append_c (out, '}');
  return out;
}

/* Whom the limits count a record against: its first peer or source. NULL: nobody.
 * Returns: (transfer full). */
static char *
who_of (const SoukLogField *fields)
{
  for (; fields->kind != SOUK_LOG_KIND_END; fields++)
    {
      if (fields->kind == SOUK_LOG_KIND_PEER && fields->value.peer != NULL)
        return souk_peer_id_to_string (fields->value.peer);
      if (fields->kind == SOUK_LOG_KIND_SOURCE && fields->value.string != NULL)
        return g_strndup (fields->value.string, SOUK_LOG_STRING_MAX);
    }
  return NULL;
}

static void
assert_event_name (const char *event)
{
  g_assert (event[0] != '\0');
  for (const char *at = event; *at != '\0'; at++)
    g_assert (g_ascii_islower (*at) || g_ascii_isdigit (*at) || *at == '.' || *at == '-');
}

/* ---- sinks ---- */

static GLogLevelFlags
glib_level (SoukLogLevel level)
{
  static const GLogLevelFlags flags[] = { G_LOG_LEVEL_DEBUG, G_LOG_LEVEL_INFO, G_LOG_LEVEL_MESSAGE,
                                          G_LOG_LEVEL_WARNING, G_LOG_LEVEL_CRITICAL };
  return flags[level];
}

/* syslog's numbers, as the journal's PRIORITY wants them. */
static const char *
syslog_priority (SoukLogLevel level)
{
  static const char *const numbers[] = { "7", "6", "5", "4", "3" };
  return numbers[level];
}

static void
write_stderr (SoukLog *self, const SoukLogEntry *entry)
{
  g_autofree char *fields = souk_log_entry_fields (entry);
  if (self->is_journal)
    {
      g_autofree char *text = g_strdup_printf ("%s %s", entry->message, fields);
      const GLogField parts[] = {
        { "MESSAGE", text, -1 },
        { "PRIORITY", syslog_priority (entry->level), -1 },
        { "SYSLOG_IDENTIFIER", "souk", -1 },
        { "SOUK_EVENT", entry->event, -1 },
        { "SOUK_AREA", entry->area, -1 },
        { "SOUK_FIELDS", fields, -1 },
      };
      if (g_log_writer_journald (glib_level (entry->level), parts, G_N_ELEMENTS (parts), NULL)
          == G_LOG_WRITER_HANDLED)
        return;
    }
  char time[SOUK_TIME_TEXT_SIZE];
  souk_time_format (entry->time, time);
  g_autofree char *line
      = g_strdup_printf ("%s %-7s %s: %s %s\n", time, souk_log_level_name (entry->level),
                         entry->event, entry->message, strcmp (fields, "{}") == 0 ? "" : fields);
  if (write (STDERR_FILENO, line, strlen (line)) < 0)
    souk_metric_add (self->write_errors, 1);
}

/* Gives the record its number and hands it to every sink. The lock is held. */
static void
emit_locked (SoukLog *self, SoukLogLevel level, const char *event, const char *sentence,
             const char *fields)
{
  SoukWall now = { g_get_real_time () };
  SoukLogEntry *entry = souk_log_entry_new (++self->seq, now, level, event, sentence, fields);
  SoukLogEntry **slot = &self->ring[(self->seq - 1) % self->ring_size];

  g_clear_pointer (slot, souk_log_entry_unref);
  *slot = entry;
  souk_metric_add (self->records[level], 1);
  if (self->file != NULL && !souk_log_file_write (self->file, entry->line))
    souk_metric_add (self->write_errors, 1);
  if (level >= self->stderr_level)
    write_stderr (self, entry);
  souk_log_followers_offer (self->followers, entry);
}

/* Records what the limits held back and nobody has told of yet. The lock is held. */
static void
tell_suppressed_locked (SoukLog *self, int64_t now_us, bool all)
{
  char *event = NULL;
  unsigned peers;
  uint64_t count;

  self->swept_us = now_us;
  while (souk_log_limit_take (self->limit, now_us, all, &event, &peers, &count))
    {
      g_autofree char *fields = g_strdup_printf (
          "{\"of\":\"%s\",\"suppressed\":%" G_GUINT64_FORMAT ",\"peers\":%u}", event, count, peers);
      emit_locked (self, SOUK_LOG_NOTICE, "log.suppressed",
                   "Records of one event came too often and were held back.", fields);
      g_free (event);
    }
}

void
souk_log_write (SoukLog *self, SoukLogLevel level, const char *event, const char *sentence,
                const SoukLogField *fields)
{
  assert_event_name (event);
  g_assert (level < SOUK_LOG_NONE);
  if (self == NULL || level < __atomic_load_n (&self->level, __ATOMIC_RELAXED))
    return;

  g_autofree char *who = who_of (fields);
  int64_t now_us = self->mono_us ();
  uint64_t held = 0;

  g_mutex_lock (&self->lock);
  if (now_us - self->swept_us >= SWEEP_US)
    tell_suppressed_locked (self, now_us, false);
  if (who != NULL && !souk_log_limit_admit (self->limit, event, who, now_us, &held))
    {
      souk_metric_add (self->suppressed, 1);
      g_mutex_unlock (&self->lock);
      return;
    }
  GString *json = fields_to_json (fields);
  if (held > 0)
    {
      g_string_truncate (json, json->len - 1);
      g_string_append_printf (json, "%s\"suppressed\":%" G_GUINT64_FORMAT "}",
                              json->len > 1 ? "," : "", held);
    }
  emit_locked (self, level, event, sentence, json->str);
  g_mutex_unlock (&self->lock);
  g_string_free (json, TRUE);
}

/* ---- readers ---- */

GPtrArray *
souk_log_query (SoukLog *self, const SoukLogFilter *filter)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_log_entry_unref);

  g_mutex_lock (&self->lock);
  uint64_t oldest = self->seq >= self->ring_size ? self->seq - self->ring_size + 1 : 1;
  uint64_t first = MAX (oldest, filter->since + 1);
  unsigned limit = filter->limit != 0 ? filter->limit : self->ring_size;
  bool is_back = filter->since == 0;
  for (uint64_t i = first; i <= self->seq && found->len < limit; i++)
    {
      uint64_t seq = is_back ? self->seq - (i - first) : i;
      SoukLogEntry *entry = self->ring[(seq - 1) % self->ring_size];
      if (souk_log_filter_matches (filter, entry))
        g_ptr_array_add (found, souk_log_entry_ref (entry));
    }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; is_back && i < found->len / 2; i++)
    {
      gpointer swap = found->pdata[i];
      found->pdata[i] = found->pdata[found->len - 1 - i];
      found->pdata[found->len - 1 - i] = swap;
    }
  return found;
}

unsigned
souk_log_follow (SoukLog *self, const SoukLogFilter *filter, GMainContext *context,
                 SoukLogFollow follow, gpointer user, GDestroyNotify destroy)
{
  return souk_log_followers_add (self->followers, filter, context, follow, user, destroy);
}

void
souk_log_unfollow (SoukLog *self, unsigned number)
{
  souk_log_followers_remove (self->followers, number);
}

void
souk_log_set_level (SoukLog *self, SoukLogLevel level)
{
  __atomic_store_n (&self->level, level, __ATOMIC_RELAXED);
}

SoukMetrics *
souk_log_metrics (SoukLog *self)
{
  return self->metrics;
}

void
souk_log_free (SoukLog *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  tell_suppressed_locked (self, self->mono_us (), true);
  g_mutex_unlock (&self->lock);
  souk_log_followers_free (self->followers);
  for (unsigned i = 0; i < self->ring_size; i++)
    g_clear_pointer (&self->ring[i], souk_log_entry_unref);
  g_free (self->ring);
  souk_log_limit_free (self->limit);
  souk_log_file_free (self->file);
  souk_metrics_free (self->metrics);
  g_mutex_clear (&self->lock);
  g_free (self);
}
