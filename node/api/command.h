/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command table: all that a person or a program can ask of a node, in one place. GLIB.
 *
 * The window, the command line, REST, WebSocket, gRPC and the tests are clients of these rows;
 * field names in JSON, the OpenAPI document and the command line's help are made from them.
 * The rows are constant and may be read from any thread.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* What a caller may do. A token carries a set of these. */
typedef enum {
  SOUK_SCOPE_READ = 1 << 0,       /* look */
  SOUK_SCOPE_OPERATE = 1 << 1,    /* publish, share, connect; never money */
  SOUK_SCOPE_SPEND = 1 << 2,      /* whatever can move money */
  SOUK_SCOPE_LOCAL_ONLY = 1 << 3, /* never over TCP: the window and the Unix socket alone */
} SoukScope;
#define SOUK_SCOPE_ALL                                                                             \
  (SOUK_SCOPE_READ | SOUK_SCOPE_OPERATE | SOUK_SCOPE_SPEND | SOUK_SCOPE_LOCAL_ONLY)

/* How a value looks in JSON. */
typedef enum {
  SOUK_TYPE_STRING,
  SOUK_TYPE_INTEGER,
  SOUK_TYPE_NUMBER,
  SOUK_TYPE_BOOLEAN,
  SOUK_TYPE_STRINGS, /* an array of strings */
  SOUK_TYPE_COINS,   /* an amount with a decimal point, as a string: "9.7" */
  SOUK_TYPE_WEI,     /* an amount in the smallest unit, as a string of digits */
  SOUK_TYPE_TIME,    /* RFC 3339, UTC */
  SOUK_TYPE_OBJECT,
  SOUK_TYPE_ARRAY,
} SoukType;

/* One named value of an argument list or of a reply. */
typedef struct {
  const char *name;
  SoukType type;
  bool is_required; /* arguments only */
  bool is_operand;  /* arguments only: on the command line it has no "--name" before it */
  const char *help;
  const struct SoukShape *shape; /* of an OBJECT or of an ARRAY's items; NULL: any */
} SoukField;

/* A record of named values: what a reply is made of. */
typedef struct SoukShape {
  const char *name;
  const SoukField *fields; /* ends with a NULL name */
} SoukShape;

typedef enum {
  SOUK_BODY_JSON,  /* arguments come as a JSON object */
  SOUK_BODY_BYTES, /* the request's body is the content itself; arguments come in the query */
} SoukBody;

typedef enum {
  SOUK_REPLY_OBJECT, /* one `reply` */
  SOUK_REPLY_LIST,   /* {"items": [`reply`…], "total": n} */
  SOUK_REPLY_BYTES,  /* the content itself */
} SoukReplyKind;

typedef struct {
  const char *name;   /* "prompt.list": what souk_node_submit() takes */
  const char *noun;   /* the command line's two words: "prompt list" */
  const char *verb;   /* */
  const char *method; /* REST */
  const char *path;   /* REST: "/prompts/{id}"; {x} is the argument x */
  SoukScope scope;
  SoukBody body;
  SoukReplyKind reply_kind;
  const SoukShape *reply;
  const SoukField *args; /* ends with a NULL name */
  const char *summary;   /* one sentence */
} SoukCommand;

/* All rows; *out_count says how many. */
const SoukCommand *souk_commands (size_t *out_count);

/* Returns: (nullable): the row of that name. */
const SoukCommand *souk_command_find (const char *name);

/* Returns: (nullable): the row that the command line's two words name. */
const SoukCommand *souk_command_find_words (const char *noun, const char *verb);

/* Returns: (nullable): the argument of that name. */
const SoukField *souk_command_arg (const SoukCommand *command, const char *name);
