/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a batch is made of; only the modules of store/ add to one. GLIB.
 *
 * Built on the node thread, handed to the writer thread as a whole, freed on the node thread or the
 * writer. Values are copied into one array of bytes, blocks are references.
 */
#pragma once
#include "store/store.h"

typedef enum {
  SOUK_VALUE_INT,
  SOUK_VALUE_BLOB,
  SOUK_VALUE_TEXT,
} SoukValueKind;

typedef struct {
  SoukValueKind kind;
  int64_t number;  /* INT */
  SoukSlice bytes; /* BLOB and TEXT: what is given; in a batch, `data` is not used */
  size_t offset;   /* in a batch: where in its bytes */
} SoukValue;

/* Values of one statement, in order of its parameters. */
static inline SoukValue
souk_value_int (int64_t number)
{
  return (SoukValue){ .kind = SOUK_VALUE_INT, .number = number };
}

static inline SoukValue
souk_value_blob (SoukSlice bytes)
{
  return (SoukValue){ .kind = SOUK_VALUE_BLOB, .bytes = bytes };
}

static inline SoukValue
souk_value_text (const char *text)
{
  return (SoukValue){ .kind = SOUK_VALUE_TEXT, .bytes = souk_slice_from_text (text) };
}

typedef struct {
  const char *sql; /* static */
  guint first_value;
  guint n_values;
} SoukStoreOp;

typedef struct {
  SoukCid cid;   /* version 1 */
  GBytes *bytes; /* NULL: remove the block */
} SoukStoreBlockOp;

struct SoukStoreBatch {
  SoukStore *store;
  GArray *ops;    /* SoukStoreOp */
  GArray *values; /* SoukValue */
  GByteArray *bytes;
  GArray *blocks;         /* SoukStoreBlockOp, before the ops */
  int64_t block_bytes;    /* that the blocks hold in memory */
  int64_t reserved_bytes; /* of the disk limit, given back when the batch ends */
};

/* Adds a statement; souk_batch_add (batch, sql, souk_value_int (1), …). */
#define souk_batch_add(batch, sql, ...)                                                            \
  souk_batch_add_values ((batch), (sql), (const SoukValue[]){ __VA_ARGS__ },                       \
                         G_N_ELEMENTS (((const SoukValue[]){ __VA_ARGS__ })))
void souk_batch_add_values (SoukStoreBatch *batch, const char *static_sql, const SoukValue *values,
                            size_t n_values);
/* Bytes that it holds in memory. */
size_t souk_batch_size (const SoukStoreBatch *batch);
