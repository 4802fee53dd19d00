/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resource limits, Landlock and the two system call filters. See lock.h.
 *
 * Both filters come from one list, so that the second is always the narrower one. What is not
 * allowed answers ENOSYS: C libraries then take an older call where they have one (clone3, whose
 * arguments a filter cannot see, falls back to clone).
 */
#include "worker/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS (name)

/* No file is written; but the engine's complaints may go to one when somebody tries the worker by
 * hand, and must not end it. */
#define FILE_SIZE_MAX (1u << 20)

/* What the engine does all the time. A mapping may be writable and executable: its compilers need
 * that, and interpret silently, many times slower, where it is refused. */
static const int calls_always[] = {
  CALL (read),
  CALL (write),
  CALL (readv),
  CALL (writev),
  CALL (close),
  CALL (fstat),
  CALL (mmap),
  CALL (mprotect),
  CALL (munmap),
  CALL (mremap),
  CALL (madvise),
  CALL (brk),
  CALL (futex),
  CALL (sched_yield),
  CALL (rseq),
  CALL (set_robust_list),
  CALL (membarrier),
  CALL (rt_sigaction),
  CALL (rt_sigprocmask),
  CALL (rt_sigreturn),
  CALL (rt_sigsuspend),
  CALL (sigaltstack),
  CALL (getpid),
  CALL (gettid),
  CALL (exit),
  CALL (exit_group),
  CALL (restart_syscall),
  CALL (clock_gettime),
  CALL (clock_nanosleep),
  CALL (nanosleep),
  CALL (clock_getres),
  CALL (getrandom),
  CALL (poll),
  CALL (ppoll),
  CALL (sched_getaffinity),
  CALL (sysinfo),
  CALL (getrusage),
  CALL (gettimeofday),
  CALL (sched_setattr),
};

/* What starting the program, its libraries and the engine takes; bubblewrap's own first process
 * stands under the first filter as well and waits for the worker. */
static const int calls_at_start[] = {
  CALL (execve),
  CALL (wait4),
  CALL (openat),
  CALL (access),
  CALL (faccessat2),
  CALL (statfs),
  CALL (readlink),
  CALL (readlinkat),
  CALL (arch_prctl),
  CALL (set_tid_address),
  CALL (eventfd2),
  CALL (uname),
  CALL (getuid),
  CALL (geteuid),
  CALL (getgid),
  CALL (getegid),
  CALL (lseek),
  CALL (pread64),
  CALL (newfstatat),
  CALL (statx),
  CALL (fcntl),
  CALL (getdents64),
  CALL (seccomp),
  CALL (close_range),
  CALL (landlock_create_ruleset),
  CALL (landlock_add_rule),
  CALL (landlock_restrict_self),
};

static bool
allow (scmp_filter_ctx filter, const int *calls, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (seccomp_rule_add (filter, SCMP_ACT_ALLOW, calls[i], 0) < 0)
      return false;
  return true;
}

static bool
allow_if (scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
  return seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, call, 1, &condition) == 0;
}

static bool
fill_filter (scmp_filter_ctx filter, bool is_first)
{
  if (!allow (filter, calls_always, G_N_ELEMENTS (calls_always))
      /* a new thread, never a new process */
      || !allow_if (filter, CALL (clone), SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
      || !allow_if (filter, CALL (prctl), SCMP_A0 (SCMP_CMP_EQ, PR_SET_NAME)))
    return false;
  if (!is_first)
    /* The engine stops its own threads by signals; it may ask for limits, not set them. */
    return allow_if (filter, CALL (tgkill), SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t)getpid ()))
           && allow_if (filter, CALL (prlimit64), SCMP_A2 (SCMP_CMP_EQ, 0));
  return allow (filter, calls_at_start, G_N_ELEMENTS (calls_at_start))
         && seccomp_rule_add (filter, SCMP_ACT_ALLOW, CALL (tgkill), 0) == 0
         && allow_if (filter, CALL (prlimit64), SCMP_A0 (SCMP_CMP_EQ, 0))
         && allow_if (filter, CALL (prctl), SCMP_A0 (SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS))
         && allow_if (filter, CALL (prctl), SCMP_A0 (SCMP_CMP_EQ, PR_SET_SECCOMP));
}

static scmp_filter_ctx
filter_new (bool is_first)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (ENOSYS));
  if (filter != NULL && !fill_filter (filter, is_first))
    {
      seccomp_release (filter);
      return NULL;
    }
  return filter;
}

bool
souk_lock_export_first_filter (int fd)
{
  scmp_filter_ctx filter = filter_new (true);
  bool is_written = filter != NULL && seccomp_export_bpf (filter, fd) == 0;
  if (filter != NULL)
    seccomp_release (filter);
  return is_written;
}

bool
souk_lock_calls (void)
{
  scmp_filter_ctx filter = filter_new (false);
  /* The engine's compilers and collectors are threads that run already. */
  bool is_loaded = filter != NULL && seccomp_attr_set (filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0
                   && seccomp_load (filter) == 0;
  if (filter != NULL)
    seccomp_release (filter);
  if (!is_loaded)
    return false;
  int fd = open ("/proc/self/status", O_RDONLY | O_CLOEXEC);
  return fd < 0 && errno == ENOSYS;
}

bool
souk_lock_limits (uint64_t cpu_ms)
{
  rlim_t cpu_s = cpu_ms / 1000 + 2;
  struct rlimit stack;
  const struct {
    int what;
    rlim_t soft, hard;
  } limits[] = {
    { RLIMIT_CPU, cpu_s, cpu_s + 1 }, { RLIMIT_CORE, 0, 0 },
    { RLIMIT_NOFILE, 32, 32 },        { RLIMIT_FSIZE, FILE_SIZE_MAX, FILE_SIZE_MAX },
    { RLIMIT_MEMLOCK, 0, 0 },
  };
  if (close_range (3, ~0u, 0) != 0)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      struct rlimit limit = { limits[i].soft, limits[i].hard };
      if (setrlimit (limits[i].what, &limit) != 0)
        return false;
    }
  if (getrlimit (RLIMIT_STACK, &stack) != 0)
    return false;
  stack.rlim_cur = MIN (stack.rlim_max, SOUK_WORKER_STACK_SIZE);
  return setrlimit (RLIMIT_STACK, &stack) == 0;
}

/* The system's header may be older than the kernel, so the structure is defined here. */
typedef struct {
  uint64_t files, network, scoped;
} LandlockRules;

/* What each version of Landlock can take away. Source: Linux, userspace-api/landlock. */
static LandlockRules
landlock_rules (int version, size_t *out_size)
{
  LandlockRules rules = { (UINT64_C (1) << 13) - 1, 0, 0 };
  *out_size = sizeof rules.files;
  if (version >= 2)
    rules.files |= UINT64_C (1) << 13; /* linking across folders */
  if (version >= 3)
    rules.files |= UINT64_C (1) << 14; /* truncating */
  if (version >= 5)
    rules.files |= UINT64_C (1) << 15; /* ioctl on devices */
  if (version >= 4)
    {
      rules.network = 3; /* binding and connecting of TCP */
      *out_size = 2 * sizeof rules.files;
    }
  if (version >= 6)
    {
      rules.scoped = 3; /* abstract sockets, signals */
      *out_size = sizeof rules;
    }
  return rules;
}

static bool
landlock_allow (int ruleset, const char *path, uint64_t access)
{
  int fd = open (path, O_PATH | O_CLOEXEC);
  struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };
  bool is_added
      = fd >= 0
        && syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  if (fd >= 0)
    close (fd);
  return is_added;
}

bool
souk_lock_files (void)
{
  enum { ASK_VERSION = 1 };
  int version = (int)syscall (SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
  if (version <= 0)
    return errno == ENOSYS || errno == EOPNOTSUPP;
  size_t size = 0;
  LandlockRules rules = landlock_rules (version, &size);
  int ruleset = (int)syscall (SYS_landlock_create_ruleset, &rules, size, 0);
  bool is_locked = ruleset >= 0
                   && landlock_allow (ruleset, "/proc",
                                      LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
                   && landlock_allow (ruleset, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE)
                   && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                   && syscall (SYS_landlock_restrict_self, ruleset, 0) == 0;
  if (ruleset >= 0)
    close (ruleset);
  return is_locked;
}
