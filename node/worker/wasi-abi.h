/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of WASI preview 1 (wasi_snapshot_preview1) that the worker uses. PURE.
 *
 * Source: WebAssembly/WASI, legacy/preview1/docs.md. The older wasi_unstable has the same errors.
 */
#pragma once
#include <stdint.h>

typedef enum {
  WASI_OK = 0,
  WASI_BADF = 8,
  WASI_EXIST = 20,
  WASI_FAULT = 21,
  WASI_ILSEQ = 25,
  WASI_INVAL = 28,
  WASI_ISDIR = 31,
  WASI_MFILE = 33,
  WASI_NAMETOOLONG = 37,
  WASI_NOENT = 44,
  WASI_NOSPC = 51,
  WASI_NOSYS = 52,
  WASI_NOTDIR = 54,
  WASI_NOTEMPTY = 55,
  WASI_NOTSUP = 58,
  WASI_SPIPE = 70,
  WASI_NOTCAPABLE = 76,
} WasiErrno;

enum {
  WASI_TYPE_UNKNOWN = 0,
  WASI_TYPE_CHARACTER = 2,
  WASI_TYPE_DIRECTORY = 3,
  WASI_TYPE_FILE = 4,
};

enum {
  WASI_OPEN_CREATE = 1,
  WASI_OPEN_DIRECTORY = 2,
  WASI_OPEN_EXCLUSIVE = 4,
  WASI_OPEN_TRUNCATE = 8,
};
enum { WASI_FD_APPEND = 1 };

#define WASI_RIGHT_READ (UINT64_C (1) << 1)
#define WASI_RIGHT_SEEK (UINT64_C (1) << 2)
#define WASI_RIGHT_TELL (UINT64_C (1) << 5)
#define WASI_RIGHT_WRITE (UINT64_C (1) << 6)
#define WASI_RIGHTS_ALL UINT64_C (0x1fffffff)
