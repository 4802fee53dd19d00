/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching the catalogue. GLIB. See search.h.
 *
 * The text of a query is put together from constants only; every value is bound by its name.
 */
#include "store/search.h"

#include "store/internal.h"
#include "store/marks.h"

/* Title before tags before category before description; the marks do not count. */
#define RANK "bm25 (records_text, 8.0, 1.0, 4.0, 2.0, 0.0)"

void
souk_search_result_free (SoukSearchResult *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_free (self);
}

static bool
is_zero (const uint8_t price[32])
{
  for (int i = 0; i < 32; i++)
    if (price[i] != 0)
      return false;
  return true;
}

typedef struct {
  const SoukSearch *search;
  char *match;    /* nullable: the index's query */
  GBytes *author; /* nullable */
} Query;

static const char *
order_of (const SoukSearch *search, bool has_words)
{
  switch (search->order)
    {
    case SOUK_SEARCH_BEST:
      return has_words ? "hit_rank, r.created_s DESC" : "r.created_s DESC";
    case SOUK_SEARCH_NEWEST:
      return "r.created_s DESC";
    case SOUK_SEARCH_CHEAPEST:
      return "r.price, r.created_s DESC";
    case SOUK_SEARCH_DEAREST:
      return "r.price DESC, r.created_s DESC";
    }
  g_assert_not_reached ();
}

/* What a row must be, beyond what the index's query has sorted out already. */
static void
append_conditions (GString *sql, const Query *query)
{
  const SoukSearch *search = query->search;

  g_string_append (sql, " r.withdrawn = 0 AND r.expires_s > :now");
  if (search->price_max != NULL)
    g_string_append (sql, " AND r.price <= :price");
  if (query->match != NULL)
    return;
  if (search->type != SOUK_RECORD_ANY)
    g_string_append (sql, " AND r.type = :type");
  if (search->category != NULL)
    g_string_append (sql, " AND r.category = :category");
  if (query->author != NULL)
    g_string_append (sql, " AND r.author = :author");
}

static void
bind_blob (sqlite3_stmt *statement, const char *name, SoukSlice value)
{
  int index = sqlite3_bind_parameter_index (statement, name);
  if (index > 0)
    souk_db_bind_blob (statement, index, value);
}

static void
bind_int (sqlite3_stmt *statement, const char *name, int64_t value)
{
  int index = sqlite3_bind_parameter_index (statement, name);
  if (index > 0)
    souk_db_bind_int (statement, index, value);
}

static void
bind_text (sqlite3_stmt *statement, const char *name, const char *value)
{
  int index = sqlite3_bind_parameter_index (statement, name);
  if (index > 0 && value != NULL)
    souk_db_bind_text (statement, index, value);
}

/* Prepares and binds; names that the text does not have are passed over. */
static sqlite3_stmt *
prepare (SoukStore *store, const char *sql, const Query *query)
{
  const SoukSearch *search = query->search;
  sqlite3_stmt *statement = souk_db_prepare (store->reader, sql);

  bind_text (statement, ":match", query->match);
  bind_int (statement, ":now", search->now_s);
  bind_int (statement, ":type", search->type);
  bind_text (statement, ":category", search->category);
  if (query->author != NULL)
    bind_blob (statement, ":author", souk_slice_from_bytes (query->author));
  if (search->price_max != NULL)
    bind_blob (statement, ":price", souk_slice (search->price_max, 32));
  bind_int (statement, ":limit", MIN (search->limit, SOUK_SEARCH_PAGE_MAX));
  bind_int (statement, ":offset", search->offset);
  return statement;
}

/* The hits of the words, newest first, cut at `n`. CROSS JOIN keeps the index on the outside. */
static void
append_hits (GString *sql, const Query *query, const char *columns, int n)
{
  g_string_append_printf (sql,
                          "SELECT %s FROM records_text CROSS JOIN records AS r"
                          " ON r.id = records_text.rowid WHERE records_text MATCH :match AND",
                          columns);
  append_conditions (sql, query);
  g_string_append_printf (sql, " ORDER BY records_text.rowid DESC LIMIT %d", n);
}

/* With words, the page and the number of hits come from one look at the index.
 * Out: the number of hits, or -1 when it is not known yet. */
static void
read_page (SoukStore *store, const Query *query, GPtrArray *rows, int64_t *out_count)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  bool has_words = query->match != NULL;

  if (has_words)
    {
      g_string_append (sql, "WITH hits (hit, hit_rank) AS MATERIALIZED (");
      append_hits (sql, query, query->search->order == SOUK_SEARCH_BEST ? "r.id, " RANK : "r.id, 0",
                   SOUK_SEARCH_HITS_MAX + 1);
      g_string_append (sql, ") SELECT " SOUK_RECORD_COLUMNS ", (SELECT count(*) FROM hits)"
                            " FROM hits CROSS JOIN records AS r ON r.id = hit");
    }
  else
    {
      g_string_append (sql, "SELECT " SOUK_RECORD_COLUMNS " FROM records AS r WHERE");
      append_conditions (sql, query);
    }
  g_string_append_printf (sql, " ORDER BY %s LIMIT :limit OFFSET :offset",
                          order_of (query->search, has_words));

  sqlite3_stmt *statement = prepare (store, sql->str, query);
  *out_count = -1;
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      g_ptr_array_add (rows, souk_record_row_read (statement));
      if (has_words)
        *out_count = sqlite3_column_int64 (statement, SOUK_RECORD_COLUMNS_COUNT);
    }
  sqlite3_finalize (statement);
}

static int64_t
count_hits (SoukStore *store, const Query *query)
{
  g_autoptr (GString) sql = g_string_new ("SELECT count(*) FROM (");

  if (query->match != NULL)
    append_hits (sql, query, "1", SOUK_SEARCH_HITS_MAX + 1);
  else
    {
      g_string_append (sql, "SELECT 1 FROM records AS r WHERE");
      append_conditions (sql, query);
      g_string_append_printf (sql, " LIMIT %d", SOUK_SEARCH_HITS_MAX + 1);
    }
  g_string_append_c (sql, ')');

  sqlite3_stmt *statement = prepare (store, sql->str, query);
  int64_t count = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);
  return count;
}

SoukSearchResult *
souk_records_search (SoukStore *store, const SoukSearch *search)
{
  SoukSearchResult *result = g_new0 (SoukSearchResult, 1);
  Query query = { .search = search };
  g_autoptr (GBytes) author
      = search->author != NULL ? souk_peer_id_to_bytes (search->author) : NULL;
  g_autofree char *match
      = search->text != NULL
            ? souk_marks_query (search->text, search->type, search->category,
                                author != NULL ? souk_slice_from_bytes (author) : SOUK_SLICE_EMPTY,
                                search->price_max != NULL && is_zero (search->price_max))
            : NULL;

  query.author = author;
  query.match = match;
  result->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)souk_record_row_free);
  int64_t count;
  read_page (store, &query, result->rows, &count);
  if (count < 0)
    count = count_hits (store, &query);
  result->total = MIN (count, SOUK_SEARCH_HITS_MAX);
  result->has_more = count > SOUK_SEARCH_HITS_MAX;
  return result;
}
