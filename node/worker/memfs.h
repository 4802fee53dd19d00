/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file system that a job sees: files and folders in memory, nothing of the host. PURE.
 *
 * Files that the job was given borrow their bytes from its input and are copied when they are
 * written to. There are no links, owners or times, and inode numbers count up, so that two nodes
 * show a program the same. What the program stores is limited in bytes and in number; going past
 * that is WASI_NOSPC, which the worker makes the end of the job.
 *
 * Ownership: a folder's entry holds a reference to its node and so does whoever has it open; an
 * unlinked node lives until the last reference goes. Thread: the worker's only one.
 */
#pragma once
#include "base/bytes.h"
#include "worker/wasi-abi.h"

/* About 400 bytes each, which the limit on bytes does not see. */
#define SOUK_MEMFS_NODES_MAX 20000u
#define SOUK_MEMFS_NAME_SIZE_MAX 255u
/* Deeper trees would make looking for cycles and writing paths slow. */
#define SOUK_MEMFS_DEPTH_MAX 64u

typedef struct SoukMemNode SoukMemNode;
struct SoukMemNode {
  int refs;
  uint64_t inode;
  SoukMemNode *parent; /* NULL for the root and for what is unlinked */
  char *name;
  /* a folder */
  GHashTable *by_name; /* of char * to SoukMemNode *; NULL for a file */
  GPtrArray *children; /* the same nodes, by rising inode number */
  /* a file */
  uint8_t *data;
  size_t len, room; /* room 0: `data` is borrowed and read-only */
  bool is_touched;  /* written, created or renamed by the program */
};

typedef struct {
  SoukMemNode *root;
  uint64_t next_inode;
  uint32_t n_nodes;
  uint64_t used, max; /* bytes that the program stores */
} SoukMemfs;

void souk_memfs_init (SoukMemfs *self, uint64_t bytes_max);
void souk_memfs_done (SoukMemfs *self);

static inline bool
souk_mem_node_is_folder (const SoukMemNode *node)
{
  return node->by_name != NULL;
}

SoukMemNode *souk_mem_node_ref (SoukMemNode *node);
void souk_memfs_unref (SoukMemfs *self, SoukMemNode *node);

/* Gives the job a file at an absolute path, making folders on the way. The bytes are borrowed and
 * must outlive the file system. Returns: WASI_OK, or what is wrong with the path. */
WasiErrno souk_memfs_give (SoukMemfs *self, SoukSlice path, SoukSlice bytes);

/* Makes a folder at an absolute path, and those on the way, where there is none. */
WasiErrno souk_memfs_make_folders (SoukMemfs *self, SoukSlice path);

/* Finds what `path` names below the folder `base`, from which ".." does not lead out.
 * Returns: WASI_OK and sets *out (borrowed). */
WasiErrno souk_memfs_find (SoukMemfs *self, SoukMemNode *base, SoukSlice path, SoukMemNode **out);

/* Each changes the tree below `base`. create makes an empty file and sets *out (borrowed). */
WasiErrno souk_memfs_create (SoukMemfs *self, SoukMemNode *base, SoukSlice path, SoukMemNode **out);
WasiErrno souk_memfs_make_folder (SoukMemfs *self, SoukMemNode *base, SoukSlice path);
WasiErrno souk_memfs_unlink (SoukMemfs *self, SoukMemNode *base, SoukSlice path);
WasiErrno souk_memfs_remove_folder (SoukMemfs *self, SoukMemNode *base, SoukSlice path);
WasiErrno souk_memfs_rename (SoukMemfs *self, SoukMemNode *from_base, SoukSlice from,
                             SoukMemNode *to_base, SoukSlice to);

/* Copies up to `len` bytes of the file at `offset`. Returns: how many there were. */
size_t souk_memfs_read (const SoukMemNode *file, uint64_t offset, uint8_t *out, size_t len);
/* Writes all bytes at `offset`, with zeros where the file ended before. WASI_OK or WASI_NOSPC. */
WasiErrno souk_memfs_write (SoukMemfs *self, SoukMemNode *file, uint64_t offset, SoukSlice bytes);
WasiErrno souk_memfs_resize (SoukMemfs *self, SoukMemNode *file, uint64_t len);

/* Calls `each` for every touched file below the folder at the absolute path `path`, by path order
 * of creation. `path` of the callback is valid during the call. */
typedef void (*SoukMemfsFunc) (SoukSlice path, SoukSlice bytes, void *user);
void souk_memfs_foreach_touched (SoukMemfs *self, SoukSlice path, SoukMemfsFunc each, void *user);
