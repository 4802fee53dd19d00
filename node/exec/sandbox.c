/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The walls around a worker: bubblewrap's arguments and what is passed in. GLIB. See exec.h.
 *
 * The sandbox holds the system's libraries, a /proc of its own, /dev/urandom and the worker, all
 * read-only; the engine needs no more. As root, bubblewrap keeps every capability unless told
 * otherwise. There is no tmpfs: /dev and /tmp would be places to fill without a limit.
 */
#include "exec/exec-private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where bubblewrap finds the filter and the worker, and says the process number. */
#define FILTER_FD 10
#define INFO_FD 11
#define WORKER_FD 12
/* Whom a node that runs as root becomes for a job: "nobody". */
#define NOBODY 65534

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

static const char *const bwrap_arguments[] = {
  "--unshare-all",
  "--unshare-user",
  "--uid",
  "65534",
  "--gid",
  "65534",
  "--cap-drop",
  "ALL",
  "--disable-userns",
  "--die-with-parent",
  "--new-session",
  "--clearenv",
  "--hostname",
  "worker",
  "--chdir",
  "/",
  "--ro-bind",
  "/usr/lib",
  "/usr/lib",
  "--symlink",
  "usr/lib",
  "/lib",
  "--ro-bind-try",
  "/usr/lib64",
  "/usr/lib64",
  "--symlink",
  "usr/lib64",
  "/lib64",
  "--ro-bind-try",
  "/etc/ld.so.cache",
  "/etc/ld.so.cache",
  "--proc",
  "/proc",
  "--dev-bind",
  "/dev/urandom",
  "/dev/urandom",
};

char *
souk_sandbox_find_worker (const char *configured)
{
  const char *named = g_getenv ("SOUK_WORKER");
  if (configured != NULL)
    return g_strdup (configured);
  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (g_file_test (SOUK_WORKER_INSTALLED, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup (SOUK_WORKER_INSTALLED);
  return g_strdup (SOUK_WORKER_BUILT);
}

/* What root is here. A user namespace maps names, not rights: for the kernel a job that root starts
 * is still root, who owns for example all of /proc/sys. So root becomes nobody first; unless it is
 * root of a container that knows one user only and is somebody ordinary outside. */
typedef enum { ROOT_NOT, ROOT_DROPS, ROOT_IS_ORDINARY, ROOT_CANNOT_DROP } RootKind;

static RootKind
find_root_kind (void)
{
  g_autofree char *map = NULL;
  bool is_real = true;
  if (geteuid () != 0)
    return ROOT_NOT;
  if (!g_file_get_contents ("/proc/self/uid_map", &map, NULL, NULL))
    return ROOT_CANNOT_DROP;
  g_auto (GStrv) lines = g_strsplit (map, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      unsigned long inside, outside, count;
      if (sscanf (*line, "%lu %lu %lu", &inside, &outside, &count) != 3)
        continue;
      if (inside <= NOBODY && NOBODY - inside < count)
        return ROOT_DROPS;
      if (inside == 0 && outside != 0)
        is_real = false;
    }
  return is_real ? ROOT_CANNOT_DROP : ROOT_IS_ORDINARY;
}

bool
souk_sandbox_is_possible (const char *bwrap, const char *worker, GError **error)
{
  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    g_set_error_literal (error, SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_FLATPAK,
                         "Souk cannot run jobs inside Flatpak yet. Install Souk as a system "
                         "package to offer this computer's time.");
  else if (bwrap == NULL)
    g_set_error_literal (error, SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_NO_BWRAP,
                         "bubblewrap is not installed. Install the package \"bubblewrap\" to run "
                         "jobs.");
  else if (!g_file_test (worker, G_FILE_TEST_IS_EXECUTABLE))
    g_set_error (error, SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_NO_WORKER,
                 "The program souk-worker is missing at %s. Install Souk anew, or set SOUK_WORKER "
                 "to its path.",
                 worker);
  else if (find_root_kind () == ROOT_CANNOT_DROP)
    g_set_error_literal (error, SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_ROOT,
                         "Souk runs as root and cannot become another user for its jobs. Run it "
                         "as an ordinary user.");
  else
    return true;
  return false;
}

GError *
souk_sandbox_explain (const char *complaint)
{
  g_autofree char *line = g_strndup (complaint, strcspn (complaint, "\n"));
  const char *advice = "Run \"bwrap --unshare-all --ro-bind / / true\" to see what is in the way.";
  if (strstr (line, "uid map") != NULL || strstr (line, "namespace") != NULL
      || strstr (line, "Operation not permitted") != NULL)
    advice = "Allow user namespaces: set the sysctl kernel.unprivileged_userns_clone to 1, or on "
             "Ubuntu install an AppArmor profile for bwrap.";
  return g_error_new (SOUK_EXEC_ERROR, SOUK_EXEC_ERROR_BWRAP,
                      "The sandbox for jobs cannot be made (%s). %s", line, advice);
}

/* ---- memory files ---------------------------------------------------------------------------- */

static int
memory_file_new (const char *name)
{
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = memfd_create (name, flags | MFD_NOEXEC_SEAL);
  return fd >= 0 || errno != EINVAL ? fd : memfd_create (name, flags);
}

static bool
write_all (int fd, const void *data, size_t len)
{
  const uint8_t *at = data;
  while (len > 0)
    {
      ssize_t done = write (fd, at, len);
      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return false;
      at += done;
      len -= (size_t)done;
    }
  return true;
}

static bool
write_frame (int fd, SoukFrameType type, SoukSlice payload)
{
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  souk_frame_header (header, type, payload.len);
  return write_all (fd, header, sizeof header) && write_all (fd, payload.data, payload.len);
}

static bool
write_file_frame (int fd, const SoukExecFile *file)
{
  g_autoptr (GByteArray) path = g_byte_array_new ();
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  SoukSlice bytes = souk_slice_from_bytes (file->bytes);
  souk_append_u32_be (path, (uint32_t)strlen (file->path));
  souk_append (path, souk_slice_from_text (file->path));
  souk_frame_header (header, SOUK_FRAME_FILE, path->len + bytes.len);
  return write_all (fd, header, sizeof header) && write_all (fd, path->data, path->len)
         && write_all (fd, bytes.data, bytes.len);
}

static bool
write_strings (int fd, SoukFrameType type, const char *const *strings)
{
  for (; strings != NULL && *strings != NULL; strings++)
    if (!write_frame (fd, type, souk_slice_from_text (*strings)))
      return false;
  return true;
}

static bool
write_job (int fd, const SoukExecInput *input)
{
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  SoukExecSettings settings = {
    .memory_pages = input->limits.memory_mb * 16,
    .output_bytes = input->limits.output_bytes,
    .file_bytes = input->limits.file_bytes,
    .fuel = input->limits.fuel,
    .cpu_ms = input->limits.cpu_ms,
    .deterministic = input->deterministic,
    .seed = input->seed,
  };
  souk_exec_settings_encode (&settings, encoded);
  if (!write_frame (fd, SOUK_FRAME_LIMITS, souk_slice_from_array (encoded))
      || !write_frame (fd, SOUK_FRAME_MODULE, souk_slice_from_bytes (input->module))
      || !write_strings (fd, SOUK_FRAME_ARG, input->args)
      || !write_strings (fd, SOUK_FRAME_ENV, input->env))
    return false;
  if (input->input != NULL
      && !write_frame (fd, SOUK_FRAME_INPUT, souk_slice_from_bytes (input->input)))
    return false;
  for (size_t i = 0; i < input->n_files; i++)
    if (!write_file_frame (fd, &input->files[i]))
      return false;
  return write_frame (fd, SOUK_FRAME_END, SOUK_SLICE_EMPTY);
}

int
souk_sandbox_write_frames (const SoukExecInput *input, GError **error)
{
  int fd = memory_file_new ("souk-job");
  /* Sealed, so that nobody changes what the worker has mapped. */
  if (fd >= 0 && write_job (fd, input)
      && fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
    return fd;
  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (errno),
               "The job cannot be put into memory: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static int
filter_file_new (GBytes *filter)
{
  gsize len;
  const void *data = g_bytes_get_data (filter, &len);
  int fd = memory_file_new ("souk-filter");
  if (fd >= 0 && write_all (fd, data, len) && lseek (fd, 0, SEEK_SET) == 0)
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* ---- the process ------------------------------------------------------------------------------ */

static GPtrArray *
compose_arguments (const char *bwrap)
{
  GPtrArray *arguments = g_ptr_array_new ();
  /* The worker is copied in from a descriptor: where root runs the node, its build may lie in a
   * folder that the job's user cannot enter. */
  static const char *const more[] = { "--perms",
                                      "0555",
                                      "--ro-bind-data",
                                      G_STRINGIFY (WORKER_FD),
                                      "/worker",
                                      "--remount-ro",
                                      "/",
                                      "--seccomp",
                                      G_STRINGIFY (FILTER_FD),
                                      "--info-fd",
                                      G_STRINGIFY (INFO_FD),
                                      "--",
                                      "/worker" };
  g_ptr_array_add (arguments, (char *)bwrap);
  for (size_t i = 0; i < G_N_ELEMENTS (bwrap_arguments); i++)
    g_ptr_array_add (arguments, (char *)bwrap_arguments[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (more); i++)
    g_ptr_array_add (arguments, (char *)more[i]);
  g_ptr_array_add (arguments, NULL);
  return arguments;
}

/* Between fork and exec. */
static void
become_nobody (gpointer data)
{
  if (setgroups (0, NULL) != 0 || setresgid (NOBODY, NOBODY, NOBODY) != 0
      || setresuid (NOBODY, NOBODY, NOBODY) != 0)
    _exit (1);
}

GSubprocess *
souk_sandbox_spawn (const char *bwrap, const char *worker, GBytes *filter, int frames_fd,
                    int info_fd, GError **error)
{
  static char *no_environment[] = { NULL };
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) arguments = compose_arguments (bwrap);
  int filter_fd = filter_file_new (filter);
  int worker_fd = open (worker, O_RDONLY | O_CLOEXEC);

  g_subprocess_launcher_take_stdin_fd (launcher, frames_fd);
  g_subprocess_launcher_take_fd (launcher, info_fd, INFO_FD);
  if (filter_fd >= 0)
    g_subprocess_launcher_take_fd (launcher, filter_fd, FILTER_FD);
  if (worker_fd >= 0)
    g_subprocess_launcher_take_fd (launcher, worker_fd, WORKER_FD);
  if (filter_fd < 0 || worker_fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (errno),
                   "The sandbox's filter or program cannot be opened: %s", g_strerror (errno));
      return NULL;
    }
  g_subprocess_launcher_set_environ (launcher, no_environment);
  g_subprocess_launcher_set_cwd (launcher, "/");
  if (find_root_kind () == ROOT_DROPS)
    g_subprocess_launcher_set_child_setup (launcher, become_nobody, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)arguments->pdata, error);
}
