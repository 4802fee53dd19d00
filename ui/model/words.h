/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times, sizes, ids and phases in words for people. GLIB, main thread.
 * Every function returns (transfer full) text that is never NULL.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* "14:02", "Tue 14:02", "12 Nov", "12 Nov 2025", by how long ago it is; "" for NULL. */
char *souk_words_time (GDateTime *time);

/* "14:02:07.250", for the log. */
char *souk_words_clock (GDateTime *time);

/* "in 12 s", "in 4 min", "in 2 h 5 min", "in 3 days"; "any moment now" when it is past. */
char *souk_words_until (GDateTime *time);

/* "350 ms", "12 s", "4 min". */
char *souk_words_duration (gint64 ms);

/* The beginning and the end of a long id: "12D3KooWFDr2…PXbx7". */
char *souk_words_short_id (const char *id);

/* A name of the node's tables as a phrase: "offer-requested" as "Offer requested". */
char *souk_words_phrase (const char *name);

/* What a program has printed, without what only a terminal understands: colours, bells. */
char *souk_words_printed (const char *text);

/* "Free", or the price with the coin's name. */
char *souk_words_price (const char *coins);

G_END_DECLS
