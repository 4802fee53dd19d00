/* SPDX-License-Identifier: GPL-3.0-or-later
 * Records for the tests of the catalogue.
 */
#pragma once
#include "base/keccak.h"
#include "store/records.h"
#include "util.h"

typedef struct {
  const char *thing; /* what it is: hashed to an id */
  uint64_t sequence;
  const char *title, *description, *tags, *category;
  uint64_t price;
  int64_t created_s;
  int64_t expires_s; /* 0: 1000 */
  bool is_withdrawn;
  uint8_t author;      /* which of the test's peers */
  SoukRecordType type; /* ANY: a listing */
} Sample;

static inline SoukPeerId
peer_of (uint8_t number)
{
  uint8_t seed[32] = { number };
  SoukIdentity identity;
  souk_identity_init_seed (&identity, seed);
  return souk_identity_peer_id (&identity);
}

static inline void
thing_of (const char *thing, uint8_t out[32])
{
  souk_sha256 (out, souk_slice_from_text (thing));
}

static inline SoukStatus
add_sample (SoukStoreBatch *batch, const Sample *sample)
{
  uint8_t thing[32], record_id[32];
  SoukPeerId author = peer_of (sample->author);
  g_autofree char *bytes
      = g_strdup_printf ("%s/%" G_GUINT64_FORMAT "/%s", sample->thing, sample->sequence,
                         sample->title != NULL ? sample->title : "");
  SoukRecordIn in = {
    .type = sample->type != SOUK_RECORD_ANY ? sample->type : SOUK_RECORD_LISTING,
    .record_id = record_id,
    .thing_id = thing,
    .author = &author,
    .sequence = sample->sequence,
    .expires_s = sample->expires_s != 0 ? sample->expires_s : 1000,
    .is_withdrawn = sample->is_withdrawn,
    .created_s = sample->created_s,
    .category = sample->category,
    .title = sample->title,
    .description = sample->description,
    .tags = sample->tags,
    .bytes = souk_slice_from_text (bytes),
  };
  thing_of (sample->thing, thing);
  souk_sha256 (record_id, in.bytes);
  for (int i = 0; i < 8; i++)
    in.price[31 - i] = (uint8_t)(sample->price >> (8 * i));
  return souk_records_put (batch, &in);
}

static inline void
put_sample (SoukStore *store, Sample sample)
{
  SoukStoreBatch *batch = souk_store_batch_new (store);
  g_assert_cmpint (add_sample (batch, &sample), ==, SOUK_STATUS_OK);
  commit (batch);
}
