/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queries of the search index (FTS5). GLIB. See marks.h.
 */
#include "store/marks.h"

#define FREE_MARK "free0"

static char *
type_mark (SoukRecordType type)
{
  return g_strdup_printf ("t%d", (int)type);
}

static char *
hex_mark (char letter, SoukSlice bytes)
{
  g_autofree char *hex = souk_hex_encode (bytes);
  return g_strdup_printf ("%c%s", letter, hex);
}

char *
souk_marks_of (SoukRecordType type, const char *category, SoukSlice author, bool is_free)
{
  g_autofree char *type_word = type_mark (type);
  g_autofree char *category_word = hex_mark ('c', souk_slice_from_text (category));
  g_autofree char *author_word = hex_mark ('a', author);
  return g_strdup_printf ("%s %s %s%s", type_word, category_word, author_word,
                          is_free ? " " FREE_MARK : "");
}

/* Appends the letters and digits of `text` as quoted words. Nothing else of it reaches the query,
 * so no text has a meaning in the query's language. Returns: how many words. */
static unsigned
append_words (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  unsigned n_words = 0;
  bool in_word = false;
  glong last_len = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool is_letter = g_unichar_isalnum (c) || g_unichar_ismark (c);
      if (is_letter && !in_word)
        {
          if (n_words == SOUK_SEARCH_WORDS_MAX)
            break;
          g_string_append (out, n_words > 0 ? " \"" : "\"");
          n_words++;
          last_len = 0;
        }
      else if (!is_letter && in_word)
        g_string_append_c (out, '"');
      if (is_letter)
        g_string_append_unichar (out, c);
      last_len += is_letter;
      in_word = is_letter;
    }
  if (in_word)
    g_string_append (out, last_len >= 2 ? "\"*" : "\"");
  return n_words;
}

static void
append_mark (GString *out, char *mark)
{
  g_string_append_printf (out, " AND marks : \"%s\"", mark);
  g_free (mark);
}

char *
souk_marks_query (const char *text, SoukRecordType type, const char *category, SoukSlice author,
                  bool is_free)
{
  GString *query = g_string_new ("{title description tags category} : (");

  if (append_words (query, text) == 0)
    {
      g_string_free (query, TRUE);
      return NULL;
    }
  g_string_append_c (query, ')');
  if (type != SOUK_RECORD_ANY)
    append_mark (query, type_mark (type));
  if (category != NULL)
    append_mark (query, hex_mark ('c', souk_slice_from_text (category)));
  if (author.len > 0)
    append_mark (query, hex_mark ('a', author));
  if (is_free)
    append_mark (query, g_strdup (FREE_MARK));
  return g_string_free_and_steal (query);
}
