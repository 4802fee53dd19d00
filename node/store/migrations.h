/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables, as a list of steps that is only ever appended to. GLIB.
 */
#pragma once
#include "store/db.h"

/* Brings the database to this program's version: each missing step in a transaction of its own
 * together with its number (PRAGMA user_version), so that a kill leaves a whole number of steps.
 * TOO_NEW when the file has steps that this program does not know. */
bool souk_migrations_apply (SoukDb *db, GError **error);
/* How many steps there are. */
int souk_migrations_count (void);
