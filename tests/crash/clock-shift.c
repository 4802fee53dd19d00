/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A wall clock that is ahead, to bring a process beyond a deadline of days. Tests only; loaded with
 * LD_PRELOAD.
 *
 *   SOUK_CLOCK_SHIFT_S=N   the wall clock shows N seconds more
 *
 * Monotonic clocks are not touched, so timers run as ever. Thread: any.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

static long shift_s;

__attribute__ ((constructor)) static void
start (void)
{
  const char *text = getenv ("SOUK_CLOCK_SHIFT_S");
  shift_s = text != NULL ? atol (text) : 0;
}

EXPORT int
clock_gettime (clockid_t clock, struct timespec *out)
{
  int result = (int)syscall (SYS_clock_gettime, clock, out);
  if (result == 0 && clock == CLOCK_REALTIME)
    out->tv_sec += shift_s;
  return result;
}

EXPORT int
gettimeofday (struct timeval *restrict out, void *restrict zone)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

EXPORT time_t
time (time_t *out)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  if (out != NULL)
    *out = now.tv_sec;
  return now.tv_sec;
}
