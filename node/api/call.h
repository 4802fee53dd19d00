/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running a command: its checked arguments, its one answer, and the events of the node. GLIB.
 *
 * A dispatch lives on the node's thread. A view (REST, the window's submit, …) hands it a name and
 * arguments; the arguments are checked against the table; the bound handler answers now or later,
 * exactly once. Events are JSON objects with at least "event" and "time"; every subscriber gets
 * each, in order.
 */
#pragma once
#include "api/command.h"

#include <json-glib/json-glib.h>

/* ---- what goes wrong ---- */

/* An RFC 9457 problem document. */
typedef struct {
  int status;   /* as HTTP's: 400 bad arguments, 403, 404, 409 wrong state, 422, 502, 503, 504 */
  char *code;   /* stable, such as "no-such-listing" */
  char *detail; /* a sentence that says what to do */
} SoukProblem;

SoukProblem *souk_problem_new (int status, const char *code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
SoukProblem *souk_problem_copy (const SoukProblem *problem);
void souk_problem_free (SoukProblem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukProblem, souk_problem_free)

/* ---- one call ---- */

typedef struct SoukCall SoukCall;
typedef struct SoukDispatch SoukDispatch;

/* Runs on the node's thread. Takes over `call`, and answers it with one souk_call_* end. */
typedef void (*SoukHandler) (SoukCall *call, gpointer user_data);

/* The end of a call. Exactly one of `reply`, `bytes` and `problem` is set; all are borrowed. */
typedef void (*SoukCallDone) (JsonNode *reply, GBytes *bytes, const SoukProblem *problem,
                              gpointer user_data);

const SoukCommand *souk_call_command (const SoukCall *call);
/* True when the caller gave the argument. */
bool souk_call_has (const SoukCall *call, const char *name);
/* Returns: (nullable): borrowed from the call; `fallback` when absent. */
const char *souk_call_string (const SoukCall *call, const char *name, const char *fallback);
gint64 souk_call_integer (const SoukCall *call, const char *name, gint64 fallback);
bool souk_call_boolean (const SoukCall *call, const char *name, bool fallback);
/* Returns: (transfer full): an empty vector when absent. */
GStrv souk_call_strings (const SoukCall *call, const char *name);
/* Returns: (nullable): the content of a SOUK_BODY_BYTES command. */
GBytes *souk_call_body (const SoukCall *call);

/* The ends; each frees the call. `reply` is taken over. */
void souk_call_reply (SoukCall *call, JsonNode *reply);
void souk_call_reply_bytes (SoukCall *call, GBytes *bytes);
/* {"items": items, "total": total}; `items` is taken over. */
void souk_call_reply_list (SoukCall *call, JsonArray *items, gint64 total);
void souk_call_reply_done (SoukCall *call); /* {"ok": true} */
void souk_call_fail (SoukCall *call, int status, const char *code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* ---- the dispatch ---- */

SoukDispatch *souk_dispatch_new (void);
/* Unanswered calls are answered with 503 "stopping". */
void souk_dispatch_free (SoukDispatch *self);
/* Binds a row; asserts that it exists and has no handler yet. */
void souk_dispatch_bind (SoukDispatch *self, const char *name, SoukHandler handler,
                         gpointer user_data);
/* Asserts that every row has its handler. */
void souk_dispatch_check (const SoukDispatch *self);
/* Runs a command with the scopes that the caller has. `args` may be NULL; borrowed. `done` comes
 * exactly once, maybe before this returns. Unknown names, wrong types, missing arguments and a
 * missing scope are answered with a problem that names them. */
void souk_dispatch_call (SoukDispatch *self, const char *name, JsonObject *args, GBytes *body,
                         unsigned scopes, SoukCallDone done, gpointer user_data);

typedef void (*SoukEventFunc) (JsonObject *event, gpointer user_data);
/* Returns: an id for souk_dispatch_unsubscribe(). */
guint souk_dispatch_subscribe (SoukDispatch *self, SoukEventFunc func, gpointer user_data);
void souk_dispatch_unsubscribe (SoukDispatch *self, guint id);
/* Tells every subscriber; takes `event` over and adds "time" when it is missing. */
void souk_dispatch_emit (SoukDispatch *self, const char *name, JsonObject *event);
