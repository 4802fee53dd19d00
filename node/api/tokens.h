/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bearer tokens: made once, shown once, kept as hashes in a 0600 file. GLIB, node thread.
 *
 * A token is 32 random bytes in base64; the file holds the BLAKE2b hash, so that a copy of the
 * file opens nothing. Wrong tokens slow a guesser down: after SOUK_TOKEN_FAILURES_MAX within a
 * minute every token is refused until the minute is over.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define SOUK_TOKEN_FAILURES_MAX 20
#define SOUK_TOKENS_MAX 100

typedef struct SoukTokens SoukTokens;

typedef enum {
  SOUK_TOKEN_OK,
  SOUK_TOKEN_UNKNOWN,
  SOUK_TOKEN_LOCKED_OUT,
} SoukTokenVerdict;

/* Reads `path`, which need not exist yet. Returns: (nullable): NULL when it cannot be read. */
SoukTokens *souk_tokens_open (const char *path, GError **error);
void souk_tokens_free (SoukTokens *self);
/* Makes a token with a set of SoukScope and stores its hash.
 * Returns: (transfer full) (nullable): the token's text, the only time that it is seen. */
char *souk_tokens_create (SoukTokens *self, const char *name, unsigned scopes, GError **error);
/* Looks a token up in constant time; `now_us` is monotonic. */
SoukTokenVerdict souk_tokens_check (SoukTokens *self, const char *token, gint64 now_us,
                                    unsigned *out_scopes);
