/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The status table's look-ups. PURE.
 */
#include "base/status.h"

#include <glib.h>

typedef struct {
  const char *name;
  const char *sentence;
  SoukFault fault;
  int penalty;
} StatusRow;

static const StatusRow rows[SOUK_STATUS_COUNT] = {
#define SOUK_STATUS_ROW(symbol, name, fault, penalty, sentence)                                    \
  [SOUK_STATUS_##symbol] = { name, sentence, SOUK_FAULT_##fault, penalty },
  SOUK_STATUS_TABLE (SOUK_STATUS_ROW)
#undef SOUK_STATUS_ROW
};

static const StatusRow *
row_of (SoukStatus status)
{
  g_assert ((unsigned)status < SOUK_STATUS_COUNT);
  return &rows[status];
}

const char *
souk_status_name (SoukStatus status)
{
  return row_of (status)->name;
}

const char *
souk_status_sentence (SoukStatus status)
{
  return row_of (status)->sentence;
}

SoukFault
souk_status_fault (SoukStatus status)
{
  return row_of (status)->fault;
}

int
souk_status_penalty (SoukStatus status)
{
  return row_of (status)->penalty;
}
