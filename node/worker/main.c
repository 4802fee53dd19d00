/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * souk-worker: runs one job and exits. Started by the node (exec/) inside bubblewrap.
 *
 *   standard input   a memory file with the job's frames (frames.h)
 *   standard output  a pipe for the answer's frames
 *   souk-worker --filter   writes the first system call filter to standard output instead
 *
 * Order of the steps, none of which looks at the stranger's module before the last lock: map and
 * split the job, limits, Landlock, engine, second filter; then check the module, compile, run.
 * A step that fails is reported in the EXIT frame; without one the node takes it for a crash.
 */
#include "worker/engine.h"
#include "worker/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  SoukExecSpec spec;
  SoukWasi wasi;
  SoukRng system_rng;
  SoukSeededRng seeded_rng;
  uint64_t start_ns;
  bool has_jit;
  bool too_long_path;
} Worker;

static uint64_t
clock_ns (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- the answer --------------------------------------------------------------------------- */

/* Writes one frame whole. A node that has gone ends the worker by SIGPIPE. */
static void
send_frame (SoukFrameType type, SoukSlice payload)
{
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  g_assert (payload.len <= SOUK_FRAME_ANSWER_SIZE_MAX);
  souk_frame_header (header, type, payload.len);
  struct iovec parts[2] = { { header, sizeof header }, { (void *)payload.data, payload.len } };
  while (parts[0].iov_len + parts[1].iov_len > 0)
    {
      ssize_t done = writev (STDOUT_FILENO, parts, 2);
      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        _exit (1);
      for (int i = 0; i < 2; i++)
        {
          size_t part = MIN ((size_t)done, parts[i].iov_len);
          parts[i].iov_base = (uint8_t *)parts[i].iov_base + part;
          parts[i].iov_len -= part;
          done -= (ssize_t)part;
        }
    }
}

/* Sends bytes in as many frames as they take. */
static void
send_bytes (SoukFrameType type, SoukSlice bytes)
{
  for (size_t at = 0; at < bytes.len; at += SOUK_FRAME_ANSWER_SIZE_MAX)
    send_frame (type,
                souk_slice (bytes.data + at, MIN (bytes.len - at, SOUK_FRAME_ANSWER_SIZE_MAX)));
}

static void
send_file (SoukSlice path, SoukSlice bytes, void *user)
{
  Worker *self = user;
  if (!souk_exec_path_is_valid (path))
    {
      self->too_long_path = true;
      return;
    }
  send_frame (SOUK_FRAME_OUT_FILE, path);
  send_bytes (SOUK_FRAME_OUT_DATA, bytes);
}

static void G_GNUC_NORETURN
report (Worker *self, SoukExecReport *report)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  report->wall_ms = (uint32_t)((clock_ns (CLOCK_MONOTONIC) - self->start_ns) / 1000000u);
  report->memory_pages = (uint32_t)(self->wasi.memory_len >> 16);
  struct rusage use;
  if (getrusage (RUSAGE_SELF, &use) == 0)
    report->memory_peak_kb = (uint32_t)use.ru_maxrss;
  report->has_jit = self->has_jit;
  souk_exec_report_encode (report, payload);
  send_frame (SOUK_FRAME_EXIT, souk_slice_from_array (payload));
  _exit (0);
}

static void G_GNUC_NORETURN
fail (Worker *self, SoukExecFailure failure, const char *reason)
{
  SoukExecReport exit_report = { .failure = failure, .reason = souk_slice_from_text (reason) };
  report (self, &exit_report);
}

/* The engine is done with the program. */
static void
on_end (const SoukEngineEnd *end, void *user)
{
  Worker *self = user;
  uint64_t fuel = self->spec.settings.fuel;
  SoukExecReport exit_report = {
    .failure = end->failure,
    .trap = end->trap,
    .exit_code = end->exit_code,
    .reason = end->reason != NULL ? souk_slice_from_text (end->reason) : SOUK_SLICE_EMPTY,
  };
  if (fuel > 0)
    exit_report.fuel_used = fuel - (uint64_t)CLAMP (end->fuel_left, 0, (int64_t)fuel);
  /* What a program left that failed is no result. */
  if (end->failure == SOUK_EXEC_NONE)
    souk_memfs_foreach_touched (&self->wasi.files, SOUK_SLICE_LITERAL ("/out"), send_file, self);
  if (self->too_long_path)
    fail (self, SOUK_EXEC_OUTPUT_LIMIT, "The path of a file under /out is too long.");
  report (self, &exit_report);
}

/* ---- what the program may ask of the outside ------------------------------------------------ */

static void
on_write (void *user, bool is_error, SoukSlice bytes)
{
  send_bytes (is_error ? SOUK_FRAME_STDERR : SOUK_FRAME_STDOUT, bytes);
}

static uint64_t
on_now (void *user, uint32_t clock)
{
  static const clockid_t clocks[4]
      = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
  return clock_ns (clocks[clock % G_N_ELEMENTS (clocks)]);
}

static void
on_sleep (void *user, uint64_t ns)
{
  struct timespec left = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
  while (nanosleep (&left, &left) != 0 && errno == EINTR)
    continue;
}

static void
fill_from_system (SoukRng *rng, uint8_t *out, size_t len)
{
  while (len > 0)
    {
      ssize_t done = getrandom (out, MIN (len, 1u << 20), 0);
      if (done < 0 && errno == EINTR)
        continue;
      g_assert (done > 0);
      out += done;
      len -= (size_t)done;
    }
}

/* ---- the steps ------------------------------------------------------------------------------ */

/* Maps standard input. The mapping stays for the process's life: given files borrow from it. */
static bool
map_job (SoukSlice *out)
{
  struct stat info;
  if (fstat (STDIN_FILENO, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size <= 0)
    return false;
  void *data = mmap (NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
  if (data == MAP_FAILED)
    return false;
  *out = souk_slice (data, (size_t)info.st_size);
  return true;
}

/* The engine takes options from the environment, so nothing inherited may reach it. */
static void
set_engine_options (void)
{
  g_auto (GStrv) names = g_listenv ();
  for (char **name = names; *name != NULL; name++)
    if (g_str_has_prefix (*name, "JSC_"))
      g_unsetenv (*name);
  /* 1 GiB by default, of which the largest module tried used a tenth. */
  g_setenv ("JSC_jitMemoryReservationSize", "134217728", TRUE);
  /* Below SOUK_WORKER_STACK_SIZE. Counted frames (wasm-module.h) reach their limit first. */
  g_setenv ("JSC_maxPerThreadStackUsage", "58720256", TRUE);
}

/* A kernel that refuses writable and executable memory makes the engine interpret, silently. */
static bool
find_jit (void)
{
  g_autofree char *maps = NULL;
  return g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL)
         && strstr (maps, " rwxp ") != NULL;
}

/* Should the machine run out of memory, this process is the first to go. */
static void
volunteer_for_oom (void)
{
  int fd = open ("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write (fd, "1000", 4) != 4)
    g_debug ("oom_score_adj cannot be set");
  close (fd);
}

static GBytes *
check_module (Worker *self)
{
  const SoukExecSettings *settings = &self->spec.settings;
  SoukModuleOptions options = {
    .pages_max = settings->memory_pages,
    .fuel = settings->fuel,
    .depth = settings->fuel > 0 || settings->deterministic,
    .canonical_nan = settings->deterministic,
    .import_ok = souk_wasi_import_ok,
  };
  GBytes *module = NULL;
  size_t offset = 0;
  SoukModuleStatus status = souk_module_rewrite (self->spec.module, &options, &module, &offset);
  if (status != SOUK_MODULE_OK)
    {
      g_autofree char *reason
          = g_strdup_printf ("%s (at byte %zu)", souk_module_status_sentence (status), offset);
      fail (self, souk_module_status_failure (status), reason);
    }
  return module;
}

static void
start_wasi (Worker *self)
{
  const SoukExecSettings *settings = &self->spec.settings;
  self->system_rng.fill = fill_from_system;
  souk_seeded_rng_init_number (&self->seeded_rng, settings->seed);
  SoukWasiHost host = {
    .write = on_write,
    .now_ns = on_now,
    .sleep_ns = on_sleep,
    .rng = settings->deterministic ? &self->seeded_rng.rng : &self->system_rng,
    .user = self,
  };
  if (souk_wasi_init (&self->wasi, &self->spec, &host) != SOUK_EXEC_NONE)
    fail (self, SOUK_EXEC_BAD_JOB, "Two of the job's files cannot both exist.");
}

int
main (int argc, char **argv)
{
  static Worker worker;
  SoukSlice frames;

  if (argc == 2 && strcmp (argv[1], "--filter") == 0)
    return souk_lock_export_first_filter (STDOUT_FILENO) ? 0 : 1;
  worker.start_ns = clock_ns (CLOCK_MONOTONIC);
  if (!map_job (&frames))
    fail (&worker, SOUK_EXEC_BAD_JOB, "The job does not come in a memory file.");
  if (souk_exec_spec_decode (frames, &worker.spec) != SOUK_STATUS_OK)
    fail (&worker, SOUK_EXEC_BAD_JOB, "The job's frames are malformed.");
  volunteer_for_oom ();
  if (!souk_lock_limits (worker.spec.settings.cpu_ms))
    fail (&worker, SOUK_EXEC_SANDBOX_UNAVAILABLE, "The worker's limits cannot be set.");
  if (!souk_lock_files ())
    fail (&worker, SOUK_EXEC_SANDBOX_UNAVAILABLE, "Landlock refuses to lock the worker in.");
  set_engine_options ();
  SoukEngine *engine = souk_engine_new ();
  if (engine == NULL)
    fail (&worker, SOUK_EXEC_SANDBOX_UNAVAILABLE, "The engine does not start.");
  worker.has_jit = find_jit ();
  if (!souk_lock_calls ())
    fail (&worker, SOUK_EXEC_SANDBOX_UNAVAILABLE, "The second system call filter does not hold.");
  GBytes *module = check_module (&worker);
  start_wasi (&worker);
  souk_engine_run (engine, module, worker.spec.settings.fuel > 0, &worker.wasi, on_end, &worker);
}
