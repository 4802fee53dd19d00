/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hostile worker: takes souk-worker's place in the sandbox, as a job would that has taken the
 * engine over, and does what the first argument of its job says. Run by test-walls.c.
 *
 * For what it tries it writes a line "NAME refused" or "NAME allowed"; as it may do all that
 * system calls allow, the walls that hold it are bubblewrap's and the first filter's.
 */
#include "worker/frames.h"
#include "worker/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
send_frame (SoukFrameType type, const void *data, size_t len)
{
  uint8_t header[SOUK_FRAME_HEADER_SIZE];
  souk_frame_header (header, type, len);
  if (write (1, header, sizeof header) != (ssize_t)sizeof header
      || write (1, data, len) != (ssize_t)len)
    _exit (99);
}

static void
say (const char *name, bool is_allowed)
{
  g_autofree char *line = g_strdup_printf ("%s %s\n", name, is_allowed ? "allowed" : "refused");
  send_frame (SOUK_FRAME_STDOUT, line, strlen (line));
}

/* Says whether the call gave anything but an error; a call that is not implemented is refused. */
#define TRY(name, expression) say (name, (long)(expression) != -1)
#define TRY_CALL(number, ...) TRY (#number, syscall (SYS_##number, __VA_ARGS__))

static void G_GNUC_NORETURN
finish (uint32_t exit_code)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  SoukExecReport report = { .exit_code = exit_code };
  souk_exec_report_encode (&report, payload);
  send_frame (SOUK_FRAME_EXIT, payload->data, payload->len);
  _exit (0);
}

static void
try_calls (void)
{
  struct clone_args clone_args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
  struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };
  TRY ("socket-inet", socket (AF_INET, SOCK_STREAM, 0));
  TRY ("socket-inet6", socket (AF_INET6, SOCK_DGRAM, 0));
  TRY ("socket-unix", socket (AF_UNIX, SOCK_STREAM, 0));
  TRY ("socket-netlink", socket (AF_NETLINK, SOCK_RAW, 0));
  TRY_CALL (socketpair, AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 });
  TRY_CALL (fork, 0);
  TRY_CALL (vfork, 0);
  TRY_CALL (clone, SIGCHLD, 0, 0, 0, 0);
  TRY_CALL (clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  TRY_CALL (clone3, &clone_args, sizeof clone_args);
  TRY_CALL (unshare, CLONE_NEWUSER);
  TRY_CALL (setns, 0, 0);
  TRY_CALL (ptrace, PTRACE_TRACEME, 0, 0, 0);
  TRY_CALL (ptrace, PTRACE_ATTACH, 1, 0, 0);
  TRY_CALL (process_vm_readv, 1, NULL, 0, NULL, 0, 0);
  TRY_CALL (kill, 1, SIGKILL);
  TRY_CALL (pidfd_open, 1, 0);
  TRY_CALL (mount, "none", "/proc", "tmpfs", 0, NULL);
  TRY_CALL (umount2, "/proc", MNT_DETACH);
  TRY_CALL (pivot_root, "/", "/");
  TRY_CALL (chroot, "/");
  TRY_CALL (bpf, 0, NULL, 0);
  TRY_CALL (io_uring_setup, 4, NULL);
  TRY_CALL (keyctl, 0, 0, 0, 0, 0);
  TRY_CALL (add_key, "user", "x", "y", 1, -1);
  TRY_CALL (userfaultfd, 0);
  TRY_CALL (perf_event_open, NULL, 0, -1, -1, 0);
  TRY_CALL (shmget, 0, 4096, 0600 | 01000);
  TRY_CALL (memfd_create, "x", 0);
  TRY_CALL (inotify_init1, 0);
  TRY_CALL (setuid, 0);
  TRY_CALL (setgroups, 0, NULL);
  TRY_CALL (capset, NULL, NULL);
  TRY_CALL (personality, 0);
  TRY_CALL (init_module, NULL, 0, "");
  TRY_CALL (reboot, 0, 0, 0, NULL);
  TRY_CALL (prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
  TRY_CALL (prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
  TRY ("raise-limit", setrlimit (RLIMIT_NOFILE, &more));
}

static void
try_files (void)
{
  static const char *const reads[] = { "/etc/passwd",
                                       "/etc/hostname",
                                       "/root",
                                       "/home",
                                       "/tmp",
                                       "/var",
                                       "/usr/bin",
                                       "/sys",
                                       "/dev/null",
                                       "/dev/shm",
                                       "/run",
                                       "/work",
                                       "/proc/1/root/etc/passwd",
                                       "/dev/mem" };
  static const char *const writes[] = { "/x",
                                        "/worker",
                                        "/usr/lib/x",
                                        "/dev/x",
                                        "/proc/sys/kernel/hostname",
                                        "/proc/sysrq-trigger",
                                        "/etc/ld.so.cache" };
  TRY ("inherited-descriptor", fcntl (3, F_GETFD));
  for (size_t i = 0; i < G_N_ELEMENTS (reads); i++)
    TRY (reads[i], open (reads[i], O_RDONLY));
  /* /proc/1/mem is missing here: that is bubblewrap's own process behind the same walls. */
  for (size_t i = 0; i < G_N_ELEMENTS (writes); i++)
    TRY (writes[i], open (writes[i], O_RDWR | O_CREAT, 0600));
  TRY_CALL (mkdir, "/y", 0700);
  TRY_CALL (unlink, "/worker");
  TRY_CALL (symlink, "/etc", "/z");
  TRY ("foreign-process", access ("/proc/3", F_OK));
  say ("environment", getenv ("HOME") != NULL || getenv ("PATH") != NULL);
}

static void
try_locked (void)
{
  if (!souk_lock_limits (1000) || !souk_lock_files () || !souk_lock_calls ())
    finish (1);
  struct rlimit less = { 1, 1 };
  TRY ("open", open ("/dev/urandom", O_RDONLY));
  TRY ("open-library", open ("/usr/lib/os-release", O_RDONLY));
  TRY_CALL (execve, "/worker", NULL, NULL);
  TRY_CALL (openat2, -100, "/proc", NULL, 0);
  TRY_CALL (socket, AF_INET, SOCK_STREAM, 0);
  TRY_CALL (clone, SIGCHLD, 0, 0, 0, 0);
  TRY_CALL (tgkill, 1, 1, SIGKILL);
  TRY_CALL (prctl, PR_SET_SECCOMP, 0, 0, 0, 0);
  TRY_CALL (seccomp, 0, 0, NULL);
  TRY_CALL (landlock_create_ruleset, NULL, 0, 1);
  TRY ("set-limit", setrlimit (RLIMIT_NOFILE, &less));
  TRY_CALL (memfd_create, "x", 0);
  TRY_CALL (getdents64, 0, NULL, 0);
  TRY_CALL (statx, -100, "/", 0, 0, NULL);
}

static void
flood (SoukFrameType type)
{
  static const uint8_t block[SOUK_FRAME_ANSWER_SIZE_MAX];
  for (;;)
    send_frame (type, block, sizeof block);
}

static void
eat_memory (void)
{
  for (;;)
    {
      uint8_t *block
          = mmap (NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (block == MAP_FAILED)
        _exit (1);
      memset (block, 1, 1 << 20);
      usleep (100);
    }
}

static void
act (const char *what)
{
  if (strcmp (what, "calls") == 0)
    try_calls ();
  else if (strcmp (what, "files") == 0)
    try_files ();
  else if (strcmp (what, "locked") == 0)
    try_locked ();
  else if (strcmp (what, "memory") == 0)
    eat_memory ();
  else if (strcmp (what, "flood") == 0)
    flood (SOUK_FRAME_STDOUT);
  else if (strcmp (what, "file-flood") == 0)
    {
      send_frame (SOUK_FRAME_OUT_FILE, "/out/x", 6);
      flood (SOUK_FRAME_OUT_DATA);
    }
  else if (strcmp (what, "outside") == 0)
    send_frame (SOUK_FRAME_OUT_FILE, "/out/../etc/passwd", 18);
  else if (strcmp (what, "garbage") == 0)
    send_frame (SOUK_FRAME_MODULE, "?", 1);
  else if (strcmp (what, "long-frame") == 0 && write (1, "\x10\xff\xff\xff\xff", 5) == 5)
    flood (SOUK_FRAME_STDOUT);
  else if (strcmp (what, "after-the-end") == 0)
    {
      uint8_t nothing[27] = { 0 };
      send_frame (SOUK_FRAME_EXIT, nothing, sizeof nothing);
    }
  else if (strcmp (what, "silence") == 0)
    _exit (0);
  else if (strcmp (what, "crash") == 0)
    abort ();
  else if (strcmp (what, "hold") == 0)
    {
      close (1);
      for (;;)
        sleep (1);
    }
  else if (strcmp (what, "burn") == 0)
    {
      signal (SIGXCPU, SIG_IGN);
      for (volatile unsigned i = 0;; i++)
        continue;
    }
}

int
main (int argc, char **argv)
{
  SoukExecSpec spec;
  struct stat info;
  if (argc == 2)
    {
      execl (g_getenv ("SOUK_REAL_WORKER"), "souk-worker", argv[1], NULL);
      return 1;
    }
  if (fstat (0, &info) != 0)
    return 2;
  void *data = mmap (NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, 0, 0);
  if (data == MAP_FAILED
      || souk_exec_spec_decode (souk_slice (data, (size_t)info.st_size), &spec) != SOUK_STATUS_OK)
    return 3;
  if (spec.args->len > 0)
    act (spec.args->pdata[0]);
  /* what the node's own check expects */
  finish (42);
}
