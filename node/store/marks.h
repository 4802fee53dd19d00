/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words of the search index that stand for filters, and people's words made safe for it. GLIB.
 *
 * A record's `marks` say its type, category, author and whether it is free as words that nobody types, so that a search
 * with filters is one intersection inside the index instead of a look at each hit.
 */
#pragma once
#include "store/records.h"

/* Words of a search that are looked at; the rest is ignored. */
#define SOUK_SEARCH_WORDS_MAX 16

/* Returns: (transfer full): "t1 c6172 a0024… free0". */
char *souk_marks_of (SoukRecordType type, const char *category, SoukSlice author, bool is_free);

/* The index's query for a search: people's words, all of which must occur (the last one as a
 * beginning, so that it finds while one types), and the filters that are not empty.
 * Returns: (transfer full) (nullable): NULL when there is no word to search for. */
char *souk_marks_query (const char *text, SoukRecordType type, const char *category,
                        SoukSlice author, bool is_free);
