/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The node's log: structured records into a file, a ring and the journal or stderr. GLIB.
 *
 *   souk_log_record (log, SOUK_LOG_WARNING, "swarm.dial-failed", "The peer did not answer.",
 *                    souk_log_peer ("peer", &id), souk_log_int ("after_ms", 30000));
 *
 * An event's name is "area.what-happened", stable and made of [a-z0-9.-]: rules, filters and other
 * programs match on it. The sentence is for a person, a literal without values; values are fields.
 * A field has one of the kinds below. None of them is "bytes", so that a key or a payload has no
 * way into the log.
 *
 * Thread: any; one lock inside, held for a write to the page cache. A SIGKILL loses nothing that
 * was recorded; a power cut may lose the last seconds, since the log never waits for the disk.
 *
 * A stranger can not fill the disk: what a record names as its peer or source is limited by
 * (event, peer) and by event (limit.h), strings are cut at SOUK_LOG_STRING_MAX, files rotate.
 * What was held back is counted and recorded. A failing disk is counted in the metric
 * souk_log_write_errors and never fails the caller.
 */
#pragma once
#include "base/multiaddr.h"
#include "base/time.h"
#include "log/entry.h"
#include "log/metrics.h"

/* A field's text beyond this is cut, so that one record fits into a page of the log. */
#define SOUK_LOG_STRING_MAX 1024
/* More fields than any record has; more is a programmer's error. */
#define SOUK_LOG_FIELDS_MAX 24
/* Records that a follower has not taken yet; the oldest are dropped and counted beyond. */
#define SOUK_LOG_FOLLOW_MAX 4096

typedef struct SoukLog SoukLog;

typedef struct {
  const char *path;          /* of the file; NULL: no file. Its folder exists. */
  uint64_t file_bytes_max;   /* 0: 16 MiB; then it becomes PATH.1 */
  unsigned files_kept;       /* 0: 3 old files, PATH.1 the newest */
  unsigned ring_size;        /* 0: 2000 records */
  SoukLogLevel level;        /* what is recorded at all; DEBUG is 0, so say INFO */
  SoukLogLevel stderr_level; /* what also goes to stderr or the journal; SOUK_LOG_NONE: nothing */
  int64_t (*mono_us) (void); /* NULL: g_get_monotonic_time; a test's clock for the limits */
} SoukLogConfig;

/* Opens the log. When stderr is connected to the systemd journal (JOURNAL_STREAM), records go there
 * with their fields instead of as text.
 * Returns: (transfer full) (nullable): NULL and an error (GFileError) when the file can not be opened. */
SoukLog *souk_log_new (const SoukLogConfig *config, GError **error);
/* Writes what was held back and closes. Nobody may use it any more, followers included. */
void souk_log_free (SoukLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SoukLog, souk_log_free)

/* ---- records ---- */

typedef enum {
  SOUK_LOG_KIND_END,
  SOUK_LOG_KIND_STRING,
  SOUK_LOG_KIND_INT,
  SOUK_LOG_KIND_BOOL,
  SOUK_LOG_KIND_PEER,
  SOUK_LOG_KIND_CID,
  SOUK_LOG_KIND_ADDR,
  SOUK_LOG_KIND_STATUS,
  SOUK_LOG_KIND_SOURCE,
} SoukLogKind;

/* One field; borrows what it points to until souk_log_record() returns. A NULL value is "null". */
typedef struct {
  SoukLogKind kind;
  const char *key; /* [a-z0-9_], units last: "after_ms", "size_bytes" */
  union {
    const char *string;
    int64_t number;
    bool truth;
    const SoukPeerId *peer;
    const SoukCid *cid;
    const SoukMultiaddr *addr;
    SoukStatus status;
  } value;
} SoukLogField;

#define SOUK_LOG_FIELD(suffix, type, KIND, member)                                                 \
  static inline SoukLogField souk_log_##suffix (const char *key, type value)                       \
  {                                                                                                \
    return (SoukLogField){ .kind = SOUK_LOG_KIND_##KIND, .key = key, .value.member = value };      \
  }
/* clang-format off */
SOUK_LOG_FIELD (string, const char *, STRING, string)         /* cut and made valid UTF-8 */
SOUK_LOG_FIELD (int, int64_t, INT, number)
SOUK_LOG_FIELD (bool, bool, BOOL, truth)
SOUK_LOG_FIELD (peer, const SoukPeerId *, PEER, peer)         /* limits by this peer */
SOUK_LOG_FIELD (cid, const SoukCid *, CID, cid)
SOUK_LOG_FIELD (addr, const SoukMultiaddr *, ADDR, addr)
SOUK_LOG_FIELD (status, SoukStatus, STATUS, status)           /* its stable name */
SOUK_LOG_FIELD (source, const char *, SOURCE, string)         /* a string that limits as a peer does */
/* clang-format on */
#undef SOUK_LOG_FIELD

/* What a GError says. */
static inline SoukLogField
souk_log_error (const char *key, const GError *error)
{
  return souk_log_string (key, error != NULL ? error->message : NULL);
}

/* Records one event; the arguments after the sentence are fields. `log` may be NULL: nothing is
 * recorded, so that a driver can be tested without one. */
#define souk_log_record(log, level, event, sentence, ...)                                          \
  souk_log_write ((log), (level), (event), (sentence),                                             \
                  (const SoukLogField[]){ __VA_ARGS__ __VA_OPT__ (, ){ SOUK_LOG_KIND_END } })

/* What the macro calls; `fields` ends with SOUK_LOG_KIND_END. */
void souk_log_write (SoukLog *self, SoukLogLevel level, const char *event, const char *sentence,
                     const SoukLogField *fields);

/* ---- readers ---- */

typedef struct {
  SoukLogLevel level; /* this and above */
  const char *area;   /* NULL: any */
  const char *text;   /* NULL: any; a part of the JSON line, ASCII case ignored */
  uint64_t since;     /* records after this sequence number; 0: from the newest back */
  unsigned limit;     /* 0: no limit but the ring's */
} SoukLogFilter;

/* What the ring holds, oldest first. With `since` the first `limit` after it, without it the newest.
 * Returns: (transfer full) (element-type SoukLogEntry). */
GPtrArray *souk_log_query (SoukLog *self, const SoukLogFilter *filter);

/* Called on the follower's context, in order. The entry may be kept with souk_log_entry_ref(). */
typedef void (*SoukLogFollow) (SoukLogEntry *entry, gpointer user);

/* Calls `follow` for each record from now on that the filter (level, area, text) lets through.
 * Returns: a number for souk_log_unfollow(). */
unsigned souk_log_follow (SoukLog *self, const SoukLogFilter *filter, GMainContext *context,
                          SoukLogFollow follow, gpointer user, GDestroyNotify destroy);
/* Ends it; on the follower's context no call comes any more once this has returned. */
void souk_log_unfollow (SoukLog *self, unsigned number);

/* Changes what is recorded at all, while running. */
void souk_log_set_level (SoukLog *self, SoukLogLevel level);
/* (transfer none): the figures of this node; lives as long as the log. */
SoukMetrics *souk_log_metrics (SoukLog *self);
