/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times, sizes, ids and phases in words. See words.h.
 */
#include "ui/model/words.h"

#include "ui/model/amount.h"

#include <glib/gi18n.h>
#include <string.h>

#define SHORT_ID_BYTES 20
#define SHORT_ID_HEAD 10
#define SHORT_ID_TAIL 6

char *
souk_words_time (GDateTime *time)
{
  if (time == NULL)
    return g_strdup ("");
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  GTimeSpan ago = g_date_time_difference (now, time);
  if (ago < G_TIME_SPAN_DAY
      && g_date_time_get_day_of_month (now) == g_date_time_get_day_of_month (time))
    return g_date_time_format (time, "%H:%M");
  if (ago >= 0 && ago < 6 * G_TIME_SPAN_DAY)
    return g_date_time_format (time, "%a %H:%M");
  if (g_date_time_get_year (now) == g_date_time_get_year (time))
    return g_date_time_format (time, "%-d %b");
  return g_date_time_format (time, "%-d %b %Y");
}

char *
souk_words_clock (GDateTime *time)
{
  if (time == NULL)
    return g_strdup ("");
  g_autofree char *seconds = g_date_time_format (time, "%H:%M:%S");
  return g_strdup_printf ("%s.%03d", seconds, g_date_time_get_microsecond (time) / 1000);
}

char *
souk_words_until (GDateTime *time)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  gint64 seconds = g_date_time_difference (time, now) / G_TIME_SPAN_SECOND;
  if (seconds <= 0)
    return g_strdup (_ ("any moment now"));
  if (seconds < 90)
    return g_strdup_printf (_ ("in %d s"), (int)seconds);
  if (seconds < 3600)
    return g_strdup_printf (_ ("in %d min"), (int)(seconds / 60));
  if (seconds < 2 * 86400)
    return g_strdup_printf (_ ("in %d h %d min"), (int)(seconds / 3600),
                            (int)(seconds % 3600 / 60));
  int days = (int)MIN (seconds / 86400, 36500);
  return g_strdup_printf (ngettext ("in %d day", "in %d days", (gulong)days), days);
}

char *
souk_words_duration (gint64 ms)
{
  if (ms < 1000)
    return g_strdup_printf (_ ("%d ms"), (int)ms);
  if (ms < 90 * 1000)
    return g_strdup_printf (_ ("%d s"), (int)(ms / 1000));
  return g_strdup_printf (_ ("%d min"), (int)MIN (ms / 60000, G_MAXINT));
}

char *
souk_words_short_id (const char *id)
{
  size_t len = strlen (id);
  if (len <= SHORT_ID_BYTES || !g_str_is_ascii (id))
    return g_strdup (id);
  return g_strdup_printf ("%.*s…%s", SHORT_ID_HEAD, id, id + len - SHORT_ID_TAIL);
}

char *
souk_words_phrase (const char *name)
{
  char *phrase = g_strdelimit (g_strdup (name), "-._", ' ');
  phrase[0] = g_ascii_toupper (phrase[0]);
  return phrase;
}

/* Returns: the byte after the escape sequence that begins at `at`. */
static const char *
skip_escape (const char *at)
{
  at++;
  if (*at != '[')
    return *at >= 0x30 && *at < 0x7f ? at + 1 : at;
  for (at++; *at >= 0x20 && *at < 0x40; at++)
    ;
  return *at >= 0x40 && *at < 0x7f ? at + 1 : at;
}

char *
souk_words_printed (const char *text)
{
  g_autoptr (GString) plain = g_string_sized_new (strlen (text));
  const char *at = text;
  while (*at != '\0')
    if (*at == 0x1b)
      at = skip_escape (at);
    else
      {
        if (!g_ascii_iscntrl (*at) || *at == '\n' || *at == '\t')
          g_string_append_c (plain, *at);
        at++;
      }
  return g_string_free_and_steal (g_steal_pointer (&plain));
}

char *
souk_words_price (const char *coins)
{
  return souk_amount_is_zero (coins) ? g_strdup (C_ ("price", "Free")) : souk_amount_shown (coins);
}
