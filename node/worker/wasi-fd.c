/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WASI: what a program does with open descriptors. PURE. See wasi.h.
 */
#include "worker/wasi-private.h"

SoukWasiFd *
wasi_fd (SoukWasi *self, uint32_t number)
{
  if (number >= self->fds->len)
    return NULL;
  SoukWasiFd *fd = &g_array_index (self->fds, SoukWasiFd, number);
  return fd->kind == WASI_FD_FREE ? NULL : fd;
}

WasiErrno
wasi_fd_open (SoukWasi *self, SoukMemNode *node, uint64_t rights, uint16_t flags, uint32_t *out)
{
  SoukWasiFd fd = { .kind = WASI_FD_NODE, .flags = flags, .rights = rights };
  uint32_t number = 3;
  while (number < self->fds->len
         && g_array_index (self->fds, SoukWasiFd, number).kind != WASI_FD_FREE)
    number++;
  if (number >= SOUK_WASI_FDS_MAX)
    return WASI_MFILE;
  if (number == self->fds->len)
    g_array_set_size (self->fds, number + 1);
  fd.node = souk_mem_node_ref (node);
  g_array_index (self->fds, SoukWasiFd, number) = fd;
  *out = number;
  return WASI_OK;
}

void
wasi_fd_close (SoukWasi *self, SoukWasiFd *fd)
{
  if (fd->node != NULL)
    souk_memfs_unref (&self->files, fd->node);
  *fd = (SoukWasiFd){ .kind = WASI_FD_FREE };
}

WasiErrno
wasi_files_result (SoukWasi *self, WasiErrno error)
{
  if (error == WASI_NOSPC)
    wasi_end (self, SOUK_EXEC_OUTPUT_LIMIT, 0,
              "The program keeps more in files than the job allows.");
  return error;
}

/* ---- reading and writing ------------------------------------------------------------------ */

/* Writes to standard output or error as much as the job may still write. */
static void
write_standard (SoukWasi *self, bool is_error, SoukSlice bytes)
{
  bool is_too_much = bytes.len > self->output_left;
  if (is_too_much)
    bytes.len = (size_t)self->output_left;
  self->output_left -= bytes.len;
  if (bytes.len > 0)
    self->host.write (self->host.user, is_error, bytes);
  if (is_too_much)
    wasi_end (self, SOUK_EXEC_OUTPUT_LIMIT, 0,
              "The program writes more output than the job allows.");
}

/* Writes one buffer; *offset moves on. */
static WasiErrno
write_buffer (SoukWasi *self, SoukWasiFd *fd, uint64_t *offset, SoukSlice bytes)
{
  if (fd->kind == WASI_FD_OUT || fd->kind == WASI_FD_ERROR)
    {
      write_standard (self, fd->kind == WASI_FD_ERROR, bytes);
      return WASI_OK;
    }
  WasiErrno error = souk_memfs_write (&self->files, fd->node, *offset, bytes);
  *offset += bytes.len;
  return wasi_files_result (self, error);
}

static size_t
read_buffer (SoukWasi *self, SoukWasiFd *fd, uint64_t *offset, uint8_t *out, size_t len)
{
  size_t count;
  if (fd->kind == WASI_FD_IN)
    {
      count = *offset < self->input.len ? MIN (len, self->input.len - (size_t)*offset) : 0;
      if (count > 0)
        memcpy (out, self->input.data + *offset, count);
    }
  else
    count = souk_memfs_read (fd->node, *offset, out, len);
  *offset += count;
  return count;
}

/* Whether a descriptor can be read from, or written to. */
static WasiErrno
check_transfer (const SoukWasiFd *fd, bool is_write)
{
  if (fd->node != NULL && souk_mem_node_is_folder (fd->node))
    return WASI_ISDIR;
  if (!(fd->rights & (is_write ? WASI_RIGHT_WRITE : WASI_RIGHT_READ)))
    return WASI_NOTCAPABLE;
  if (is_write ? fd->kind == WASI_FD_IN : fd->kind == WASI_FD_OUT || fd->kind == WASI_FD_ERROR)
    return WASI_BADF;
  return WASI_OK;
}

/* Moves bytes between a descriptor and the program's buffers {pointer, length}. */
static WasiErrno
transfer (SoukWasi *self, SoukWasiFd *fd, uint32_t buffers, uint32_t count, uint64_t *offset,
          bool is_write, uint32_t result_pointer)
{
  uint64_t total = 0;
  count = MIN (count, SOUK_WASI_BUFFERS_MAX);
  WasiErrno error = check_transfer (fd, is_write);
  if (error != WASI_OK)
    return error;
  WASI_MEMORY (table, buffers, UINT64_C (8) * count);
  WASI_MEMORY (result, result_pointer, 4);
  for (uint32_t i = 0; i < count && !self->ended; i++)
    {
      uint32_t len = wasi_get_u32 (table + 8 * i + 4);
      WASI_MEMORY (bytes, wasi_get_u32 (table + 8 * i), len);
      if (total + len > UINT32_MAX)
        break;
      size_t done = len;
      if (is_write)
        error = write_buffer (self, fd, offset, souk_slice (bytes, len));
      else
        done = read_buffer (self, fd, offset, bytes, len);
      if (error != WASI_OK)
        return error;
      total += done;
      if (done < len)
        break;
    }
  wasi_charge (self, total);
  wasi_put_u32 (result, (uint32_t)total);
  return WASI_OK;
}

/* Arguments: descriptor, buffers, their number, result. */
WASI_CALL (wasi_fd_write)
{
  WASI_FD (fd, args[0].u32);
  if (fd->flags & WASI_FD_APPEND && fd->node != NULL)
    fd->offset = fd->node->len;
  return transfer (self, fd, args[1].u32, args[2].u32, &fd->offset, true, args[3].u32);
}

WASI_CALL (wasi_fd_read)
{
  WASI_FD (fd, args[0].u32);
  return transfer (self, fd, args[1].u32, args[2].u32, &fd->offset, false, args[3].u32);
}

/* Arguments: descriptor, buffers, their number, offset, result. */
WASI_CALL (wasi_fd_pwrite)
{
  WASI_FD (fd, args[0].u32);
  uint64_t offset = args[3].u64;
  if (fd->kind != WASI_FD_NODE)
    return WASI_SPIPE;
  return transfer (self, fd, args[1].u32, args[2].u32, &offset, true, args[4].u32);
}

WASI_CALL (wasi_fd_pread)
{
  WASI_FD (fd, args[0].u32);
  uint64_t offset = args[3].u64;
  if (fd->kind != WASI_FD_NODE)
    return WASI_SPIPE;
  return transfer (self, fd, args[1].u32, args[2].u32, &offset, false, args[4].u32);
}

/* Arguments: descriptor, distance, from where, result. */
WASI_CALL (wasi_fd_seek)
{
  enum { FROM_START, FROM_HERE, FROM_END };
  static const uint8_t unstable[3] = { FROM_HERE, FROM_END, FROM_START };
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (result, args[3].u32, 8);
  if (args[2].u32 > 2)
    return WASI_INVAL;
  if (fd->kind != WASI_FD_NODE)
    return WASI_SPIPE;
  if (souk_mem_node_is_folder (fd->node))
    return WASI_BADF;
  unsigned whence = self->is_unstable ? unstable[args[2].u32] : args[2].u32;
  uint64_t base = whence == FROM_START ? 0 : whence == FROM_HERE ? fd->offset : fd->node->len;
  int64_t target;
  if (__builtin_add_overflow ((int64_t)base, (int64_t)args[1].u64, &target) || target < 0)
    return WASI_INVAL;
  fd->offset = (uint64_t)target;
  wasi_put_u64 (result, fd->offset);
  return WASI_OK;
}

WASI_CALL (wasi_fd_tell)
{
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (result, args[1].u32, 8);
  if (fd->kind != WASI_FD_NODE)
    return WASI_SPIPE;
  wasi_put_u64 (result, fd->offset);
  return WASI_OK;
}

/* ---- what a descriptor is ------------------------------------------------------------------ */

static uint8_t
type_of (const SoukWasiFd *fd)
{
  /* Output is shown as a terminal, so that it comes line by line. Input is not: programs that
   * think that somebody types would prompt. */
  if (fd->node == NULL)
    return fd->kind == WASI_FD_IN ? WASI_TYPE_UNKNOWN : WASI_TYPE_CHARACTER;
  return souk_mem_node_is_folder (fd->node) ? WASI_TYPE_DIRECTORY : WASI_TYPE_FILE;
}

WASI_CALL (wasi_fd_close_call)
{
  WASI_FD (fd, args[0].u32);
  wasi_fd_close (self, fd);
  return WASI_OK;
}

WASI_CALL (wasi_fd_fdstat_get)
{
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (result, args[1].u32, 24);
  memset (result, 0, 24);
  result[0] = type_of (fd);
  wasi_put_u16 (result + 2, fd->flags);
  wasi_put_u64 (result + 8, fd->rights);
  wasi_put_u64 (result + 16, WASI_RIGHTS_ALL);
  return WASI_OK;
}

WASI_CALL (wasi_fd_fdstat_set_flags)
{
  WASI_FD (fd, args[0].u32);
  fd->flags = (uint16_t)args[1].u32;
  return WASI_OK;
}

/* Rights are given up, never gained. */
WASI_CALL (wasi_fd_fdstat_set_rights)
{
  WASI_FD (fd, args[0].u32);
  if (args[1].u64 & ~fd->rights)
    return WASI_NOTCAPABLE;
  fd->rights = args[1].u64;
  return WASI_OK;
}

WasiErrno
wasi_put_filestat (SoukWasi *self, uint32_t pointer, uint8_t type, uint64_t inode, uint64_t size)
{
  size_t len = self->is_unstable ? 56 : 64;
  WASI_MEMORY (result, pointer, len);
  memset (result, 0, len);
  wasi_put_u64 (result, 1);
  wasi_put_u64 (result + 8, inode);
  result[16] = type;
  if (self->is_unstable)
    wasi_put_u32 (result + 20, 1);
  else
    wasi_put_u64 (result + 24, 1);
  wasi_put_u64 (result + (self->is_unstable ? 24 : 32), size);
  return WASI_OK;
}

WASI_CALL (wasi_fd_filestat_get)
{
  WASI_FD (fd, args[0].u32);
  uint64_t inode = fd->node != NULL ? fd->node->inode : 0;
  uint64_t size = fd->node != NULL ? fd->node->len : 0;
  return wasi_put_filestat (self, args[1].u32, type_of (fd), inode, size);
}

WASI_CALL (wasi_fd_filestat_set_size)
{
  WASI_FD (fd, args[0].u32);
  WasiErrno error = fd->kind == WASI_FD_NODE ? check_transfer (fd, true) : WASI_INVAL;
  if (error != WASI_OK)
    return error;
  uint64_t before = fd->node->len;
  error = souk_memfs_resize (&self->files, fd->node, args[1].u64);
  if (error == WASI_OK && args[1].u64 > before)
    wasi_charge (self, args[1].u64 - before);
  return wasi_files_result (self, error);
}

/* Arguments: descriptor, offset, length. */
WASI_CALL (wasi_fd_allocate)
{
  WASI_FD (fd, args[0].u32);
  WasiErrno error = fd->kind == WASI_FD_NODE ? check_transfer (fd, true) : WASI_INVAL;
  uint64_t end;
  if (error != WASI_OK)
    return error;
  if (__builtin_add_overflow (args[1].u64, args[2].u64, &end))
    return WASI_INVAL;
  if (end <= fd->node->len)
    return WASI_OK;
  wasi_charge (self, end - fd->node->len);
  return wasi_files_result (self, souk_memfs_resize (&self->files, fd->node, end));
}

/* Advice, times and syncing have no effect here. */
WASI_CALL (wasi_fd_nothing)
{
  WASI_FD (fd, args[0].u32);
  (void)fd;
  return WASI_OK;
}

WASI_CALL (wasi_fd_prestat_get)
{
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (result, args[1].u32, 8);
  if (fd->preopen == NULL)
    return WASI_BADF;
  wasi_put_u32 (result, 0);
  wasi_put_u32 (result + 4, (uint32_t)strlen (fd->preopen));
  return WASI_OK;
}

WASI_CALL (wasi_fd_prestat_dir_name)
{
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (result, args[1].u32, args[2].u32);
  if (fd->preopen == NULL)
    return WASI_BADF;
  if (args[2].u32 < strlen (fd->preopen))
    return WASI_NAMETOOLONG;
  memcpy (result, fd->preopen, strlen (fd->preopen));
  return WASI_OK;
}

WASI_CALL (wasi_fd_renumber)
{
  WASI_FD (from, args[0].u32);
  WASI_FD (to, args[1].u32);
  if (from == to)
    return WASI_OK;
  wasi_fd_close (self, to);
  *to = *from;
  *from = (SoukWasiFd){ .kind = WASI_FD_FREE };
  return WASI_OK;
}

/* ---- folders -------------------------------------------------------------------------------- */

typedef struct {
  uint8_t *data;
  uint32_t len, used;
} Listing;

/* Adds one entry, cut off at the end of the buffer as the specification asks.
 * Returns: false when the buffer is full. */
static bool
add_entry (Listing *listing, uint64_t next, uint64_t inode, uint8_t type, const char *name)
{
  uint8_t head[24] = { 0 };
  uint32_t name_len = (uint32_t)strlen (name);
  wasi_put_u64 (head, next);
  wasi_put_u64 (head + 8, inode);
  wasi_put_u32 (head + 16, name_len);
  head[20] = type;
  uint32_t count = MIN (24, listing->len - listing->used);
  memcpy (listing->data + listing->used, head, count);
  listing->used += count;
  count = MIN (name_len, listing->len - listing->used);
  memcpy (listing->data + listing->used, name, count);
  listing->used += count;
  return listing->used < listing->len;
}

/* Arguments: descriptor, buffer, its length, cookie, result. The cookie after "." is 1, after ".."
 * 2, after a child 2 and its inode number, so that removing entries meanwhile skips none. */
WASI_CALL (wasi_fd_readdir)
{
  WASI_FD (fd, args[0].u32);
  WASI_MEMORY (data, args[1].u32, args[2].u32);
  WASI_MEMORY (result, args[4].u32, 4);
  Listing listing = { data, args[2].u32, 0 };
  uint64_t cookie = args[3].u64;
  SoukMemNode *node = fd->node;
  if (node == NULL || !souk_mem_node_is_folder (node))
    return WASI_NOTDIR;
  bool has_room = listing.len > 0;
  if (has_room && cookie < 1)
    has_room = add_entry (&listing, 1, node->inode, WASI_TYPE_DIRECTORY, ".");
  if (has_room && cookie < 2)
    {
      const SoukMemNode *above = node->parent != NULL ? node->parent : node;
      has_room = add_entry (&listing, 2, above->inode, WASI_TYPE_DIRECTORY, "..");
    }
  for (guint i = 0; has_room && i < node->children->len; i++)
    {
      const SoukMemNode *child = g_ptr_array_index (node->children, i);
      if (child->inode + 2 > cookie)
        has_room = add_entry (
            &listing, child->inode + 2, child->inode,
            souk_mem_node_is_folder (child) ? WASI_TYPE_DIRECTORY : WASI_TYPE_FILE, child->name);
    }
  wasi_charge (self, listing.used);
  wasi_put_u32 (result, listing.used);
  return WASI_OK;
}
