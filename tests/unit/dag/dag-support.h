/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blocks in memory, and folders of numbered files, for the tests of dag/.
 */
#pragma once
#include "dag/hamt.h"

/* Every block by its CID. */
typedef struct {
  GHashTable *blocks; /* SoukCid * -> GBytes * */
} TestDag;

/* Files file-00000.txt and so on, the content of each being its number. */
typedef struct {
  SoukFolderEntry *entries;
  char **names;
} NumberedFolder;

void numbered_folder_init (NumberedFolder *self, unsigned count);
void numbered_folder_done (NumberedFolder *self);

/* A DAG with such a folder and its files. Returns: the folder; split when that is asked for or when
 * it is large. */
SoukCid numbered_dag_init (TestDag *self, unsigned count, bool is_split);
void test_dag_done (TestDag *self);
/* Returns: borrowed; fails the test when there is no such block. */
GBytes *test_dag_get (TestDag *self, const SoukCid *cid);
/* Takes the bytes. */
void test_dag_add (TestDag *self, const SoukCid *cid, GBytes *bytes);
SoukCid test_dag_add_folder (TestDag *self, const SoukFolderEntry *entries, size_t len,
                             SoukDagRoot *out);
