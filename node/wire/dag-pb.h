/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DAG-PB nodes (IPLD, dag-pb): a list of links and some data, in protobuf. PURE.
 *
 * By hand, since a CID names the exact bytes: links are written before data, though their field
 * number is larger, and nothing else has the same meaning. The reader is strict: fields in order,
 * each once, no unknown field, shortest numbers. It takes data before the links as well, which old
 * programs wrote, but no links on both sides of it.
 */
#pragma once
#include "base/cid.h"

/* More links than any tree or plain folder of 4 MiB has; one costs about 140 bytes in memory. */
#define SOUK_DAG_PB_LINKS_MAX 65536

typedef struct {
  SoukCid cid;
  SoukSlice name; /* empty when absent; not checked for UTF-8 */
  uint64_t tsize; /* 0 when absent: bytes of the whole DAG under the link, as its maker says */
} SoukDagPbLink;

/* A decoded node; `data` and the names point into the block. */
typedef struct {
  GArray *links; /* of SoukDagPbLink; owned */
  SoukSlice data;
  bool has_data;
} SoukDagPbNode;

/* Decodes a block; on OK free with souk_dag_pb_done. BAD_ENCODING, BAD_CID or TOO_LARGE. */
SoukStatus souk_dag_pb_decode (SoukSlice block, SoukDagPbNode *out);
void souk_dag_pb_done (SoukDagPbNode *self);
size_t souk_dag_pb_link_count (const SoukDagPbNode *self);
const SoukDagPbLink *souk_dag_pb_link (const SoukDagPbNode *self, size_t index);

/* Writers. All links come first, in the order of the file or sorted by name, then the data.
 * An empty name is written as such: absent and empty are two different blocks, and it is the empty
 * one that other programs make. */
void souk_dag_pb_append_link (GByteArray *out, const SoukCid *cid, SoukSlice name, uint64_t tsize);
void souk_dag_pb_append_data (GByteArray *out, SoukSlice data);
