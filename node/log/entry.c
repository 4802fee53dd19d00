/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records of the log as values and as JSON text. GLIB. See entry.h.
 */
#include "log/entry.h"

#include <string.h>
#include <time.h>

static const char *const level_names[] = {
  [SOUK_LOG_DEBUG] = "debug",     [SOUK_LOG_INFO] = "info",   [SOUK_LOG_NOTICE] = "notice",
  [SOUK_LOG_WARNING] = "warning", [SOUK_LOG_ERROR] = "error", [SOUK_LOG_NONE] = "none",
};

const char *
souk_log_level_name (SoukLogLevel level)
{
  g_assert ((unsigned)level < G_N_ELEMENTS (level_names));
  return level_names[level];
}

bool
souk_log_level_parse (const char *name, SoukLogLevel *out)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (level_names); i++)
    if (strcmp (name, level_names[i]) == 0)
      {
        *out = (SoukLogLevel)i;
        return true;
      }
  return false;
}

void
souk_time_format (SoukWall time, char out[SOUK_TIME_TEXT_SIZE])
{
  int64_t seconds = souk_wall_seconds (time);
  int ms = (int)((time.us - seconds * SOUK_US_PER_S) / SOUK_US_PER_MS);
  struct tm parts = { 0 };
  time_t at = (time_t)seconds;

  if (gmtime_r (&at, &parts) == NULL || parts.tm_year + 1900 > 9999 || parts.tm_year + 1900 < 0)
    {
      /* RFC 3339 has four digits of year; the far ends of the type have no text in it. */
      g_strlcpy (out, "9999-12-31T23:59:59.999Z", SOUK_TIME_TEXT_SIZE);
      return;
    }
  char head[24];
  strftime (head, sizeof head, "%Y-%m-%dT%H:%M:%S", &parts);
  g_snprintf (out, SOUK_TIME_TEXT_SIZE, "%s.%03dZ", head, ms);
}

/* True for what must not reach a terminal or a page as it is: controls, and the marks that change
 * the direction of writing, with which a text can be made to read as another. */
static bool
is_unsafe (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200e && c <= 0x200f)
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void
souk_json_append_string (GString *out, const char *text, size_t text_max)
{
  size_t len = strnlen (text, text_max + 1);
  bool is_cut = len > text_max;
  g_autofree char *valid = g_utf8_make_valid (text, (gssize)MIN (len, text_max));

  g_string_append_c (out, '"');
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", (char)c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (is_unsafe (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_len (out, at, g_utf8_next_char (at) - at);
    }
  if (is_cut)
    g_string_append (out, "…");
  g_string_append_c (out, '"');
}

SoukLogEntry *
souk_log_entry_new (uint64_t seq, SoukWall time, SoukLogLevel level, const char *event,
                    const char *message, const char *fields)
{
  SoukLogEntry *self = g_new0 (SoukLogEntry, 1);
  const char *dot = strchr (event, '.');
  char text[SOUK_TIME_TEXT_SIZE];

  g_atomic_ref_count_init (&self->refs);
  self->seq = seq;
  self->time = time;
  self->level = level;
  self->area = dot != NULL ? g_strndup (event, (gsize)(dot - event)) : g_strdup ("node");
  self->event = g_strdup (event);
  self->message = g_strdup (message);

  souk_time_format (time, text);
  GString *line = g_string_sized_new (256);
  g_string_append_printf (
      line, "{\"seq\":%" G_GUINT64_FORMAT ",\"time\":\"%s\",\"level\":\"%s\",\"area\":", seq, text,
      souk_log_level_name (level));
  souk_json_append_string (line, self->area, SIZE_MAX - 1);
  g_string_append (line, ",\"event\":");
  souk_json_append_string (line, event, SIZE_MAX - 1);
  g_string_append (line, ",\"message\":");
  souk_json_append_string (line, message, SIZE_MAX - 1);
  g_string_append (line, ",\"fields\":");
  self->fields_at = line->len;
  g_string_append (line, fields);
  g_string_append_c (line, '}');
  self->line = g_string_free_and_steal (line);
  return self;
}

SoukLogEntry *
souk_log_entry_ref (SoukLogEntry *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
souk_log_entry_unref (SoukLogEntry *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->area);
  g_free (self->event);
  g_free (self->message);
  g_free (self->line);
  g_free (self);
}

char *
souk_log_entry_fields (const SoukLogEntry *self)
{
  const char *fields = self->line + self->fields_at;
  return g_strndup (fields, strlen (fields) - 1);
}
