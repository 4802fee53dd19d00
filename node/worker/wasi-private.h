/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What wasi.c, wasi-fd.c and wasi-path.c share. PURE.
 */
#pragma once
#include "worker/wasi.h"

#include <string.h>

/* A range of the program's memory. Returns: NULL when it is not all inside. */
static inline uint8_t *
wasi_memory (SoukWasi *self, uint32_t pointer, uint64_t len)
{
  return (uint64_t)pointer + len <= self->memory_len ? self->memory + pointer : NULL;
}

static inline void
wasi_put_u16 (uint8_t *out, uint16_t value)
{
  value = GUINT16_TO_LE (value);
  memcpy (out, &value, sizeof value);
}

static inline void
wasi_put_u32 (uint8_t *out, uint32_t value)
{
  value = GUINT32_TO_LE (value);
  memcpy (out, &value, sizeof value);
}

static inline void
wasi_put_u64 (uint8_t *out, uint64_t value)
{
  value = GUINT64_TO_LE (value);
  memcpy (out, &value, sizeof value);
}

static inline uint32_t
wasi_get_u32 (const uint8_t *in)
{
  uint32_t value;
  memcpy (&value, in, sizeof value);
  return GUINT32_FROM_LE (value);
}

static inline uint64_t
wasi_get_u64 (const uint8_t *in)
{
  uint64_t value;
  memcpy (&value, in, sizeof value);
  return GUINT64_FROM_LE (value);
}

/* Declares `name` as a range of the program's memory, or returns "bad address" for it. */
#define WASI_MEMORY(name, pointer, len)                                                            \
  uint8_t *name = wasi_memory (self, (pointer), (len));                                            \
  if (name == NULL)                                                                                \
  return WASI_FAULT

/* Declares `name` as the open descriptor, or returns "bad descriptor" for it. */
#define WASI_FD(name, number)                                                                      \
  SoukWasiFd *name = wasi_fd (self, (number));                                                     \
  if (name == NULL)                                                                                \
  return WASI_BADF

/* Ends the program; the first reason stands. */
void wasi_end (SoukWasi *self, SoukExecFailure failure, uint32_t exit_code, const char *reason);
/* Moving `len` bytes between program and host costs fuel, as memory.copy does. */
static inline void
wasi_charge (SoukWasi *self, uint64_t len)
{
  self->work += len >> 3;
}

/* Returns: the open descriptor, or NULL. */
SoukWasiFd *wasi_fd (SoukWasi *self, uint32_t number);
/* Opens a descriptor on `node`; takes a reference of its own. */
WasiErrno wasi_fd_open (SoukWasi *self, SoukMemNode *node, uint64_t rights, uint16_t flags,
                        uint32_t *out);
void wasi_fd_close (SoukWasi *self, SoukWasiFd *fd);
/* The limit on files is the end of the job rather than an error that a program may hide. */
WasiErrno wasi_files_result (SoukWasi *self, WasiErrno error);
WasiErrno wasi_put_filestat (SoukWasi *self, uint32_t pointer, uint8_t type, uint64_t inode,
                             uint64_t size);

#define WASI_CALL(name) uint32_t name (SoukWasi *self, const SoukWasiArg *args)
WASI_CALL (wasi_fd_write);
WASI_CALL (wasi_fd_read);
WASI_CALL (wasi_fd_pwrite);
WASI_CALL (wasi_fd_pread);
WASI_CALL (wasi_fd_close_call);
WASI_CALL (wasi_fd_seek);
WASI_CALL (wasi_fd_tell);
WASI_CALL (wasi_fd_fdstat_get);
WASI_CALL (wasi_fd_fdstat_set_flags);
WASI_CALL (wasi_fd_fdstat_set_rights);
WASI_CALL (wasi_fd_filestat_get);
WASI_CALL (wasi_fd_filestat_set_size);
WASI_CALL (wasi_fd_allocate);
WASI_CALL (wasi_fd_nothing);
WASI_CALL (wasi_fd_prestat_get);
WASI_CALL (wasi_fd_prestat_dir_name);
WASI_CALL (wasi_fd_renumber);
WASI_CALL (wasi_fd_readdir);
WASI_CALL (wasi_path_open);
WASI_CALL (wasi_path_filestat_get);
WASI_CALL (wasi_path_filestat_set_times);
WASI_CALL (wasi_path_readlink);
WASI_CALL (wasi_path_create_directory);
WASI_CALL (wasi_path_unlink_file);
WASI_CALL (wasi_path_remove_directory);
WASI_CALL (wasi_path_rename);
