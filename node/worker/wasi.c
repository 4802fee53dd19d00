/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WASI: the table of functions, arguments, clocks, randomness, waiting. PURE. See wasi.h.
 */
#include "worker/wasi-private.h"

/* Midnight of 1 January 2000: what a deterministic job's wall clock starts with. */
#define VIRTUAL_EPOCH_NS (UINT64_C (946684800) * 1000000000u)
/* Each look at the virtual clock moves it on, so that a program that waits by looking gets there. */
#define VIRTUAL_TICK_NS UINT64_C (1000000)
enum { CLOCK_WALL = 0, N_CLOCKS = 4 };
enum { EVENT_CLOCK = 0 };

void
wasi_end (SoukWasi *self, SoukExecFailure failure, uint32_t exit_code, const char *reason)
{
  if (self->ended)
    return;
  self->ended = true;
  self->failure = failure;
  self->exit_code = exit_code;
  self->reason = reason;
}

/* ---- arguments and environment ---------------------------------------------------------- */

static WasiErrno
put_sizes (SoukWasi *self, char **strings, uint32_t count_pointer, uint32_t size_pointer)
{
  uint32_t count = 0, size = 0;
  WASI_MEMORY (count_at, count_pointer, 4);
  WASI_MEMORY (size_at, size_pointer, 4);
  for (; strings[count] != NULL; count++)
    size += (uint32_t)strlen (strings[count]) + 1;
  wasi_put_u32 (count_at, count);
  wasi_put_u32 (size_at, size);
  return WASI_OK;
}

static WasiErrno
put_strings (SoukWasi *self, char **strings, uint32_t pointers, uint32_t buffer)
{
  for (uint32_t i = 0; strings[i] != NULL; i++)
    {
      uint32_t len = (uint32_t)strlen (strings[i]) + 1;
      WASI_MEMORY (pointer_at, pointers, 4);
      WASI_MEMORY (text_at, buffer, len);
      wasi_put_u32 (pointer_at, buffer);
      memcpy (text_at, strings[i], len);
      pointers += 4;
      buffer += len;
    }
  return WASI_OK;
}

static WASI_CALL (args_sizes_get)
{
  return put_sizes (self, self->argv, args[0].u32, args[1].u32);
}

static WASI_CALL (args_get)
{
  return put_strings (self, self->argv, args[0].u32, args[1].u32);
}

static WASI_CALL (environ_sizes_get)
{
  return put_sizes (self, self->envp, args[0].u32, args[1].u32);
}

static WASI_CALL (environ_get)
{
  return put_strings (self, self->envp, args[0].u32, args[1].u32);
}

/* ---- clocks, randomness, process --------------------------------------------------------- */

static uint64_t
read_clock (SoukWasi *self, uint32_t clock)
{
  if (!self->virtual_clock)
    return self->host.now_ns (self->host.user, clock);
  return self->clock_ns + (clock == CLOCK_WALL ? VIRTUAL_EPOCH_NS : 0);
}

/* Arguments: clock, result. */
static WASI_CALL (clock_res_get)
{
  WASI_MEMORY (result, args[1].u32, 8);
  if (args[0].u32 >= N_CLOCKS)
    return WASI_INVAL;
  wasi_put_u64 (result, self->virtual_clock ? VIRTUAL_TICK_NS : 1000);
  return WASI_OK;
}

/* Arguments: clock, precision, result. */
static WASI_CALL (clock_time_get)
{
  WASI_MEMORY (result, args[2].u32, 8);
  if (args[0].u32 >= N_CLOCKS)
    return WASI_INVAL;
  wasi_put_u64 (result, read_clock (self, args[0].u32));
  self->clock_ns += VIRTUAL_TICK_NS;
  return WASI_OK;
}

static WASI_CALL (random_get)
{
  WASI_MEMORY (buffer, args[0].u32, args[1].u32);
  wasi_charge (self, args[1].u32);
  souk_rng_fill (self->host.rng, buffer, args[1].u32);
  return WASI_OK;
}

static WASI_CALL (proc_exit)
{
  wasi_end (self, SOUK_EXEC_NONE, args[0].u32, NULL);
  return WASI_OK;
}

static WASI_CALL (yield)
{
  return WASI_OK;
}

static WASI_CALL (not_supported)
{
  return WASI_NOTSUP;
}

static WASI_CALL (no_such_call)
{
  return WASI_NOSYS;
}

/* ---- waiting ----------------------------------------------------------------------------- */

static void
put_event (uint8_t *event, uint64_t user_data, uint8_t type)
{
  memset (event, 0, 32);
  wasi_put_u64 (event, user_data);
  event[10] = type;
  wasi_put_u64 (event + 16, type == EVENT_CLOCK ? 0 : 1);
}

/* How long a clock subscription still has to wait. */
static uint64_t
subscription_wait (SoukWasi *self, const uint8_t *clock)
{
  uint64_t timeout = wasi_get_u64 (clock + 8);
  if (!(clock[24] & 1))
    return timeout;
  uint64_t now = read_clock (self, wasi_get_u32 (clock) % N_CLOCKS);
  return timeout > now ? timeout - now : 0;
}

/* Arguments: subscriptions, events, their number, number of events. Files and standard input are
 * always ready, so only a wait for nothing but clocks takes time. */
static WASI_CALL (poll_oneoff)
{
  uint32_t count = args[2].u32, n_events = 0;
  uint32_t size = self->is_unstable ? 56 : 48, clock_at = self->is_unstable ? 24 : 16;
  uint64_t shortest = UINT64_MAX, shortest_data = 0;

  if (count == 0 || count > SOUK_WASI_SUBSCRIPTIONS_MAX)
    return WASI_INVAL;
  WASI_MEMORY (subscriptions, args[0].u32, (uint64_t)size * count);
  WASI_MEMORY (events, args[1].u32, UINT64_C (32) * count);
  WASI_MEMORY (result, args[3].u32, 4);
  for (uint32_t i = 0; i < count; i++)
    {
      const uint8_t *subscription = subscriptions + size * i;
      uint64_t user_data = wasi_get_u64 (subscription);
      if (subscription[8] != EVENT_CLOCK)
        {
          put_event (events + 32 * n_events++, user_data, subscription[8]);
          continue;
        }
      uint64_t wait = subscription_wait (self, subscription + clock_at);
      if (wait < shortest)
        {
          shortest = wait;
          shortest_data = user_data;
        }
    }
  if (n_events == 0)
    {
      if (self->virtual_clock)
        self->clock_ns += shortest;
      else
        self->host.sleep_ns (self->host.user, shortest);
      put_event (events, shortest_data, EVENT_CLOCK);
      n_events = 1;
    }
  wasi_put_u32 (result, n_events);
  return WASI_OK;
}

/* ---- the table ---------------------------------------------------------------------------- */

#define WIDE(argument) (1u << (argument))
const SoukWasiFunction souk_wasi_functions[] = {
  { "args_get", 2, 0, args_get },
  { "args_sizes_get", 2, 0, args_sizes_get },
  { "environ_get", 2, 0, environ_get },
  { "environ_sizes_get", 2, 0, environ_sizes_get },
  { "clock_res_get", 2, 0, clock_res_get },
  { "clock_time_get", 3, WIDE (1), clock_time_get },
  { "random_get", 2, 0, random_get },
  { "proc_exit", 1, 0, proc_exit },
  { "proc_raise", 1, 0, not_supported },
  { "sched_yield", 0, 0, yield },
  { "poll_oneoff", 4, 0, poll_oneoff },
  { "fd_write", 4, 0, wasi_fd_write },
  { "fd_read", 4, 0, wasi_fd_read },
  { "fd_pwrite", 5, WIDE (3), wasi_fd_pwrite },
  { "fd_pread", 5, WIDE (3), wasi_fd_pread },
  { "fd_close", 1, 0, wasi_fd_close_call },
  { "fd_seek", 4, WIDE (1), wasi_fd_seek },
  { "fd_tell", 2, 0, wasi_fd_tell },
  { "fd_fdstat_get", 2, 0, wasi_fd_fdstat_get },
  { "fd_fdstat_set_flags", 2, 0, wasi_fd_fdstat_set_flags },
  { "fd_fdstat_set_rights", 3, WIDE (1) | WIDE (2), wasi_fd_fdstat_set_rights },
  { "fd_filestat_get", 2, 0, wasi_fd_filestat_get },
  { "fd_filestat_set_size", 2, WIDE (1), wasi_fd_filestat_set_size },
  { "fd_filestat_set_times", 4, WIDE (1) | WIDE (2), wasi_fd_nothing },
  { "fd_advise", 4, WIDE (1) | WIDE (2), wasi_fd_nothing },
  { "fd_allocate", 3, WIDE (1) | WIDE (2), wasi_fd_allocate },
  { "fd_datasync", 1, 0, wasi_fd_nothing },
  { "fd_sync", 1, 0, wasi_fd_nothing },
  { "fd_prestat_get", 2, 0, wasi_fd_prestat_get },
  { "fd_prestat_dir_name", 3, 0, wasi_fd_prestat_dir_name },
  { "fd_renumber", 2, 0, wasi_fd_renumber },
  { "fd_readdir", 5, WIDE (3), wasi_fd_readdir },
  { "path_open", 9, WIDE (5) | WIDE (6), wasi_path_open },
  { "path_filestat_get", 5, 0, wasi_path_filestat_get },
  { "path_filestat_set_times", 7, WIDE (4) | WIDE (5), wasi_path_filestat_set_times },
  { "path_readlink", 6, 0, wasi_path_readlink },
  { "path_create_directory", 3, 0, wasi_path_create_directory },
  { "path_unlink_file", 3, 0, wasi_path_unlink_file },
  { "path_remove_directory", 3, 0, wasi_path_remove_directory },
  { "path_rename", 6, 0, wasi_path_rename },
  { "path_link", 7, 0, not_supported },
  { "path_symlink", 5, 0, not_supported },
  /* Sockets, those of WASI and those that one engine added: none of them reads its arguments. */
  { "sock_accept", 0, 0, no_such_call },
  { "sock_bind", 0, 0, no_such_call },
  { "sock_connect", 0, 0, no_such_call },
  { "sock_getaddrinfo", 0, 0, no_such_call },
  { "sock_getlocaladdr", 0, 0, no_such_call },
  { "sock_getpeeraddr", 0, 0, no_such_call },
  { "sock_getsockopt", 0, 0, no_such_call },
  { "sock_listen", 0, 0, no_such_call },
  { "sock_open", 0, 0, no_such_call },
  { "sock_recv", 0, 0, no_such_call },
  { "sock_recv_from", 0, 0, no_such_call },
  { "sock_send", 0, 0, no_such_call },
  { "sock_send_to", 0, 0, no_such_call },
  { "sock_setsockopt", 0, 0, no_such_call },
  { "sock_shutdown", 0, 0, no_such_call },
};
const unsigned souk_wasi_n_functions = G_N_ELEMENTS (souk_wasi_functions);

uint32_t
souk_wasi_call (SoukWasi *self, unsigned index)
{
  g_assert (index < souk_wasi_n_functions && !self->ended);
  return souk_wasi_functions[index].call (self, self->args);
}

static const SoukWasiFunction *
find_function (SoukSlice name)
{
  for (unsigned i = 0; i < souk_wasi_n_functions; i++)
    if (souk_slice_is_equal (name, souk_slice_from_text (souk_wasi_functions[i].name)))
      return &souk_wasi_functions[i];
  return NULL;
}

SoukModuleStatus
souk_wasi_import_ok (SoukSlice module, SoukSlice name, SoukSlice params, SoukSlice results)
{
  enum { TYPE_I32 = 0x7f, TYPE_I64 = 0x7e };
  const SoukWasiFunction *function = find_function (name);
  if (function == NULL
      || (!souk_slice_is_equal (module, SOUK_SLICE_LITERAL ("wasi_snapshot_preview1"))
          && !souk_slice_is_equal (module, SOUK_SLICE_LITERAL ("wasi_unstable"))))
    return SOUK_MODULE_IMPORT_UNKNOWN;
  bool has_result = function->call != proc_exit;
  if (results.len != (has_result ? 1 : 0) || (has_result && results.data[0] != TYPE_I32))
    return SOUK_MODULE_IMPORT_SIGNATURE;
  if (function->call == no_such_call)
    return SOUK_MODULE_OK;
  if (params.len != function->n_args)
    return SOUK_MODULE_IMPORT_SIGNATURE;
  for (size_t i = 0; i < params.len; i++)
    if (params.data[i] != (function->wide >> i & 1 ? TYPE_I64 : TYPE_I32))
      return SOUK_MODULE_IMPORT_SIGNATURE;
  return SOUK_MODULE_OK;
}

/* ---- start and end ------------------------------------------------------------------------ */

static void
add_standard_fd (SoukWasi *self, SoukWasiFdKind kind, uint64_t rights)
{
  /* Without the rights to seek and tell, C libraries take it for a terminal and write each line
   * when it is complete, which is what somebody who watches a job wants. */
  SoukWasiFd fd = { .kind = kind, .rights = rights };
  g_array_append_val (self->fds, fd);
}

SoukExecFailure
souk_wasi_init (SoukWasi *self, const SoukExecSpec *spec, const SoukWasiHost *host)
{
  memset (self, 0, sizeof *self);
  self->host = *host;
  self->argv = (char **)spec->args->pdata;
  self->envp = (char **)spec->env->pdata;
  self->input = spec->input;
  self->virtual_clock = spec->settings.deterministic;
  self->output_left = spec->settings.output_bytes;
  souk_memfs_init (&self->files, spec->settings.file_bytes);
  self->fds = g_array_new (FALSE, TRUE, sizeof (SoukWasiFd));
  uint64_t common = WASI_RIGHTS_ALL & ~(WASI_RIGHT_SEEK | WASI_RIGHT_TELL);
  add_standard_fd (self, WASI_FD_IN, common & ~WASI_RIGHT_WRITE);
  add_standard_fd (self, WASI_FD_OUT, common);
  add_standard_fd (self, WASI_FD_ERROR, common);

  WasiErrno error = WASI_OK;
  for (guint i = 0; error == WASI_OK && i < spec->files->len; i++)
    {
      const SoukExecGivenFile *file = &g_array_index (spec->files, SoukExecGivenFile, i);
      error = souk_memfs_give (&self->files, file->path, file->bytes);
    }
  if (error == WASI_OK)
    error = souk_memfs_make_folders (&self->files, SOUK_SLICE_LITERAL ("/out"));
  if (error == WASI_OK)
    error = souk_memfs_make_folders (&self->files, SOUK_SLICE_LITERAL ("/tmp"));
  uint32_t root = 0;
  if (error == WASI_OK)
    error = wasi_fd_open (self, self->files.root, WASI_RIGHTS_ALL, 0, &root);
  if (error != WASI_OK)
    {
      souk_wasi_done (self);
      return SOUK_EXEC_BAD_JOB;
    }
  g_array_index (self->fds, SoukWasiFd, root).preopen = "/";
  return SOUK_EXEC_NONE;
}

void
souk_wasi_done (SoukWasi *self)
{
  for (guint i = 0; i < self->fds->len; i++)
    wasi_fd_close (self, &g_array_index (self->fds, SoukWasiFd, i));
  g_clear_pointer (&self->fds, g_array_unref);
  souk_memfs_done (&self->files);
}
