/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One record of the log, immutable and counted, and how it is written as JSON. GLIB, any thread.
 *
 * The line is {"seq":…,"time":"2026-01-31T12:00:00.000Z","level":"info","area":…,"event":…,
 * "message":…,"fields":{…}} without a newline; no byte of it is a control character, so that a
 * stranger's text can neither forge a line nor steer a terminal.
 */
#pragma once
#include "base/bytes.h"
#include "base/time.h"

/* On disk by name; the numbers order them. */
typedef enum {
  SOUK_LOG_DEBUG = 0,   /* for whoever looks for a fault */
  SOUK_LOG_INFO = 1,    /* the ordinary course of things */
  SOUK_LOG_NOTICE = 2,  /* what an owner wants to have seen: a sale, a job, a new version */
  SOUK_LOG_WARNING = 3, /* something failed and the node goes on by itself */
  SOUK_LOG_ERROR = 4,   /* something failed and a person should act */
  SOUK_LOG_NONE = 5,    /* a threshold above all; no record has it */
} SoukLogLevel;

/* Returns: "debug", "info", "notice", "warning", "error" or "none". */
const char *souk_log_level_name (SoukLogLevel level);
/* False, and *out untouched, when `name` is none of them. */
bool souk_log_level_parse (const char *name, SoukLogLevel *out);

typedef struct {
  gatomicrefcount refs;
  uint64_t seq; /* 1 for the first record since the start; no gaps */
  SoukWall time;
  SoukLogLevel level;
  char *area;  /* the event's part before the dot */
  char *event; /* the whole name */
  char *message;
  char *line; /* the JSON text, as in the file */
  size_t fields_at;
} SoukLogEntry;

/* Takes `fields`, a JSON object's text. */
SoukLogEntry *souk_log_entry_new (uint64_t seq, SoukWall time, SoukLogLevel level,
                                  const char *event, const char *message, const char *fields);
SoukLogEntry *souk_log_entry_ref (SoukLogEntry *self);
void souk_log_entry_unref (SoukLogEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukLogEntry, souk_log_entry_unref)
/* Returns: (transfer full): the JSON text of the object of fields. */
char *souk_log_entry_fields (const SoukLogEntry *self);

/* "2026-01-31T12:00:00.000Z" and its final zero. */
#define SOUK_TIME_TEXT_SIZE 32
/* RFC 3339 in UTC with milliseconds, as the API and the log write every time. */
void souk_time_format (SoukWall time, char out[SOUK_TIME_TEXT_SIZE]);

/* Appends `text` as a JSON string with its quotes: cut at `text_max` bytes, invalid UTF-8 replaced,
 * control characters and those that turn the direction of writing escaped. */
void souk_json_append_string (GString *out, const char *text, size_t text_max);
