/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WASI calls without an engine: a program's memory is an array here.
 */
#include "worker/wasi-private.h"

#define MEMORY_SIZE 65536u

typedef struct {
  SoukWasi wasi;
  SoukExecSpec spec;
  SoukSeededRng rng;
  uint8_t memory[MEMORY_SIZE];
  GString *output, *errors;
  uint64_t slept_ns;
} Fixture;

static void
on_write (void *user, bool is_error, SoukSlice bytes)
{
  Fixture *self = user;
  g_string_append_len (is_error ? self->errors : self->output, (const char *)bytes.data,
                       (gssize)bytes.len);
}

static uint64_t
on_now (void *user, uint32_t clock)
{
  return clock == 0 ? 1000000000 : 5000;
}

static void
on_sleep (void *user, uint64_t ns)
{
  ((Fixture *)user)->slept_ns += ns;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const SoukExecGivenFile files[] = {
    { SOUK_SLICE_LITERAL ("/in/b"), SOUK_SLICE_LITERAL ("bee") },
    { SOUK_SLICE_LITERAL ("/in/a"), SOUK_SLICE_LITERAL ("ay") },
  };
  SoukWasiHost host = { on_write, on_now, on_sleep, &self->rng.rng, self };
  self->output = g_string_new (NULL);
  self->errors = g_string_new (NULL);
  souk_seeded_rng_init_number (&self->rng, 1);
  self->spec.settings.output_bytes = 20;
  self->spec.settings.file_bytes = 1000;
  self->spec.settings.deterministic = data != NULL;
  self->spec.input = SOUK_SLICE_LITERAL ("input");
  self->spec.args = g_ptr_array_new_null_terminated (2, g_free, TRUE);
  self->spec.env = g_ptr_array_new_null_terminated (2, g_free, TRUE);
  self->spec.files = g_array_new (FALSE, FALSE, sizeof (SoukExecGivenFile));
  g_array_append_vals (self->spec.files, files, 2);
  g_ptr_array_add (self->spec.args, g_strdup ("prog"));
  g_ptr_array_add (self->spec.args, g_strdup ("x"));
  g_assert_cmpint (souk_wasi_init (&self->wasi, &self->spec, &host), ==, SOUK_EXEC_NONE);
  self->wasi.memory = self->memory;
  self->wasi.memory_len = MEMORY_SIZE;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  souk_wasi_done (&self->wasi);
  souk_exec_spec_done (&self->spec);
  g_string_free (self->output, TRUE);
  g_string_free (self->errors, TRUE);
}

static uint32_t
call (Fixture *self, const char *name, const uint64_t *args, unsigned n_args)
{
  for (unsigned i = 0; i < souk_wasi_n_functions; i++)
    if (strcmp (souk_wasi_functions[i].name, name) == 0)
      {
        memset (self->wasi.args, 0, sizeof self->wasi.args);
        for (unsigned k = 0; k < n_args; k++)
          self->wasi.args[k].u64 = args[k];
        return souk_wasi_call (&self->wasi, i);
      }
  g_assert_not_reached ();
}

#define CALL(self, name, ...)                                                                      \
  call ((self), (name), (const uint64_t[]){ __VA_ARGS__ },                                         \
        sizeof ((const uint64_t[]){ __VA_ARGS__ }) / sizeof (uint64_t))

static uint32_t
get_u32 (Fixture *self, uint32_t at)
{
  return wasi_get_u32 (self->memory + at);
}

/* Puts text into memory. Returns: its length. */
static uint32_t
put_text (Fixture *self, uint32_t at, const char *text)
{
  memcpy (self->memory + at, text, strlen (text));
  return (uint32_t)strlen (text);
}

/* Puts one buffer {pointer, length} into memory. */
static void
put_buffer (Fixture *self, uint32_t at, uint32_t pointer, uint32_t len)
{
  wasi_put_u32 (self->memory + at, pointer);
  wasi_put_u32 (self->memory + at + 4, len);
}

static uint32_t
open_path (Fixture *self, const char *path, uint32_t how, uint64_t rights, uint32_t *out)
{
  uint32_t len = put_text (self, 60000, path);
  uint32_t error = CALL (self, "path_open", 3, 0, 60000, len, how, rights, 0, 0, 59000);
  *out = get_u32 (self, 59000);
  return error;
}

static uint32_t
write_text (Fixture *self, uint32_t fd, const char *text)
{
  put_buffer (self, 100, 200, put_text (self, 200, text));
  return CALL (self, "fd_write", fd, 100, 1, 50);
}

static void
test_arguments (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (CALL (self, "args_sizes_get", 0, 4), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 0), ==, 2);
  g_assert_cmpuint (get_u32 (self, 4), ==, 7);
  g_assert_cmpuint (CALL (self, "args_get", 16, 32), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 20), ==, 37);
  g_assert_cmpmem (self->memory + 32, 7, "prog\0x", 7);
  g_assert_cmpuint (CALL (self, "args_get", 16, MEMORY_SIZE - 6), ==, WASI_FAULT);
}

static void
test_output (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (write_text (self, 1, "out"), ==, WASI_OK);
  g_assert_cmpuint (write_text (self, 2, "err"), ==, WASI_OK);
  g_assert_cmpuint (write_text (self, 0, "in?"), ==, WASI_NOTCAPABLE);
  g_assert_cmpstr (self->output->str, ==, "out");
  g_assert_cmpstr (self->errors->str, ==, "err");
  g_assert_false (self->wasi.ended);
  /* 14 bytes are left, of both together */
  write_text (self, 1, "0123456789abcdef");
  g_assert_true (self->wasi.ended);
  g_assert_cmpint (self->wasi.failure, ==, SOUK_EXEC_OUTPUT_LIMIT);
  g_assert_cmpstr (self->output->str, ==, "out0123456789abcd");
}

static void
test_input (Fixture *self, gconstpointer data)
{
  put_buffer (self, 100, 200, 2);
  put_buffer (self, 108, 300, 100);
  g_assert_cmpuint (CALL (self, "fd_read", 0, 100, 2, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 5);
  g_assert_cmpmem (self->memory + 200, 2, "in", 2);
  g_assert_cmpmem (self->memory + 300, 3, "put", 3);
  g_assert_cmpuint (CALL (self, "fd_read", 0, 100, 2, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 0);
  g_assert_cmpuint (CALL (self, "fd_seek", 0, 0, 0, 50), ==, WASI_SPIPE);
}

static void
test_pointers (Fixture *self, gconstpointer data)
{
  put_buffer (self, 100, MEMORY_SIZE - 1, 2);
  g_assert_cmpuint (CALL (self, "fd_write", 1, 100, 1, 50), ==, WASI_FAULT);
  put_buffer (self, 100, UINT32_MAX, UINT32_MAX);
  g_assert_cmpuint (CALL (self, "fd_read", 0, 100, 1, 50), ==, WASI_FAULT);
  g_assert_cmpuint (CALL (self, "fd_write", 1, MEMORY_SIZE - 4, 1, 50), ==, WASI_FAULT);
  g_assert_cmpuint (CALL (self, "random_get", UINT32_MAX, UINT32_MAX), ==, WASI_FAULT);
  g_assert_cmpuint (CALL (self, "clock_time_get", 0, 0, MEMORY_SIZE - 7), ==, WASI_FAULT);
  g_assert_cmpuint (CALL (self, "fd_write", 99, 100, 1, 50), ==, WASI_BADF);
  /* a program without memory */
  self->wasi.memory_len = 0;
  g_assert_cmpuint (CALL (self, "clock_time_get", 0, 0, 0), ==, WASI_FAULT);
}

static void
test_files (Fixture *self, gconstpointer data)
{
  uint32_t fd, other;
  g_assert_cmpuint (open_path (self, "in/none", 0, WASI_RIGHT_READ, &fd), ==, WASI_NOENT);
  g_assert_cmpuint (open_path (self, "in", WASI_OPEN_CREATE, WASI_RIGHT_READ, &fd), ==, WASI_ISDIR);
  g_assert_cmpuint (open_path (self, "in/a", WASI_OPEN_DIRECTORY, 0, &fd), ==, WASI_NOTDIR);
  g_assert_cmpuint (
      open_path (self, "in/a", WASI_OPEN_CREATE | WASI_OPEN_EXCLUSIVE, WASI_RIGHT_WRITE, &fd), ==,
      WASI_EXIST);
  g_assert_cmpuint (open_path (self, "../in/a", 0, WASI_RIGHT_READ, &fd), ==, WASI_NOTCAPABLE);
  g_assert_cmpuint (open_path (self, "in/a", 0, WASI_RIGHT_READ, &fd), ==, WASI_OK);
  g_assert_cmpuint (fd, ==, 4);
  g_assert_cmpuint (write_text (self, fd, "no"), ==, WASI_NOTCAPABLE);
  g_assert_cmpuint (CALL (self, "fd_close", fd), ==, WASI_OK);
  g_assert_cmpuint (CALL (self, "fd_close", fd), ==, WASI_BADF);
  g_assert_cmpuint (
      open_path (self, "out/x", WASI_OPEN_CREATE, WASI_RIGHT_READ | WASI_RIGHT_WRITE, &fd), ==,
      WASI_OK);
  g_assert_cmpuint (fd, ==, 4); /* the lowest free number */
  g_assert_cmpuint (write_text (self, fd, "hello"), ==, WASI_OK);
  g_assert_cmpuint (CALL (self, "fd_seek", fd, (uint64_t)-2, 2, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 3);
  g_assert_cmpuint (CALL (self, "fd_seek", fd, (uint64_t)-9, 1, 50), ==, WASI_INVAL);
  g_assert_cmpuint (CALL (self, "fd_seek", fd, INT64_MAX, 1, 50), ==, WASI_INVAL);
  put_buffer (self, 100, 300, 9);
  g_assert_cmpuint (CALL (self, "fd_read", fd, 100, 1, 50), ==, WASI_OK);
  g_assert_cmpmem (self->memory + 300, get_u32 (self, 50), "lo", 2);
  g_assert_cmpuint (open_path (self, "in/b", 0, WASI_RIGHT_READ, &other), ==, WASI_OK);
  g_assert_cmpuint (CALL (self, "fd_renumber", other, fd), ==, WASI_OK);
  g_assert_cmpuint (CALL (self, "fd_filestat_get", fd, 400), ==, WASI_OK);
  g_assert_cmpuint (self->memory[416], ==, WASI_TYPE_FILE);
  g_assert_cmpuint (get_u32 (self, 432), ==, 3);
}

static void
test_file_limit (Fixture *self, gconstpointer data)
{
  uint32_t fd;
  open_path (self, "out/x", WASI_OPEN_CREATE, WASI_RIGHT_WRITE, &fd);
  g_assert_cmpuint (CALL (self, "fd_allocate", fd, 0, 1000), ==, WASI_OK);
  g_assert_false (self->wasi.ended);
  g_assert_cmpuint (CALL (self, "fd_filestat_set_size", fd, 1001), ==, WASI_NOSPC);
  g_assert_true (self->wasi.ended);
  g_assert_cmpint (self->wasi.failure, ==, SOUK_EXEC_OUTPUT_LIMIT);
}

static void
test_readdir (Fixture *self, gconstpointer data)
{
  uint32_t fd;
  static const char *const wanted[] = { ".", "..", "b", "a" };
  open_path (self, "in", WASI_OPEN_DIRECTORY, WASI_RIGHTS_ALL, &fd);
  uint64_t cookie = 0;
  /* one entry at a time, and the first of them removed meanwhile */
  for (unsigned i = 0; i < 4; i++)
    {
      g_assert_cmpuint (CALL (self, "fd_readdir", fd, 1000, 24 + 2, cookie, 50), ==, WASI_OK);
      uint32_t name_len = get_u32 (self, 1016);
      g_assert_cmpmem (self->memory + 1024, name_len, wanted[i], strlen (wanted[i]));
      cookie = wasi_get_u64 (self->memory + 1000);
      if (i == 2)
        {
          uint32_t len = put_text (self, 500, "b");
          g_assert_cmpuint (CALL (self, "path_unlink_file", fd, 500, len), ==, WASI_OK);
        }
    }
  g_assert_cmpuint (CALL (self, "fd_readdir", fd, 1000, 100, cookie, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 0);
}

static void
test_clock (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (CALL (self, "clock_time_get", 4, 0, 0), ==, WASI_INVAL);
  CALL (self, "clock_time_get", 1, 0, 0);
  CALL (self, "clock_time_get", 0, 0, 8);
  uint64_t mono = wasi_get_u64 (self->memory), wall = wasi_get_u64 (self->memory + 8);
  g_assert_cmpuint (mono, ==, data != NULL ? 0 : 5000);
  g_assert_cmpuint (wall, ==, data != NULL ? UINT64_C (946684800001000000) : 1000000000);
}

static void
test_poll (Fixture *self, gconstpointer data)
{
  /* wait 5 s for clock 1, relative */
  wasi_put_u64 (self->memory + 0, 77);
  self->memory[8] = 0;
  wasi_put_u32 (self->memory + 16, 1);
  wasi_put_u64 (self->memory + 24, UINT64_C (5000000000));
  g_assert_cmpuint (CALL (self, "poll_oneoff", 0, 1000, 1, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 1);
  g_assert_cmpuint (get_u32 (self, 1000), ==, 77);
  g_assert_cmpuint (self->slept_ns, ==, data != NULL ? 0 : UINT64_C (5000000000));
  g_assert_cmpuint (self->wasi.clock_ns, ==, data != NULL ? UINT64_C (5000000000) : 0);
  /* with a descriptor beside it nothing waits */
  wasi_put_u64 (self->memory + 48, 78);
  self->memory[56] = 1;
  g_assert_cmpuint (CALL (self, "poll_oneoff", 0, 1000, 2, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 1);
  g_assert_cmpuint (get_u32 (self, 1000), ==, 78);
  g_assert_cmpuint (CALL (self, "poll_oneoff", 0, 1000, 0, 50), ==, WASI_INVAL);
}

static void
test_unstable (Fixture *self, gconstpointer data)
{
  uint32_t fd;
  open_path (self, "in/b", 0, WASI_RIGHT_READ, &fd);
  self->wasi.is_unstable = true;
  /* from the end is 1 here, and the size stands at 24 */
  g_assert_cmpuint (CALL (self, "fd_seek", fd, 0, 1, 50), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 50), ==, 3);
  g_assert_cmpuint (CALL (self, "fd_filestat_get", fd, 400), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 424), ==, 3);
}

static void
test_exit (Fixture *self, gconstpointer data)
{
  CALL (self, "proc_exit", 42);
  g_assert_true (self->wasi.ended);
  g_assert_cmpint (self->wasi.failure, ==, SOUK_EXEC_NONE);
  g_assert_cmpuint (self->wasi.exit_code, ==, 42);
}

static void
test_preopen (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (CALL (self, "fd_prestat_get", 3, 0), ==, WASI_OK);
  g_assert_cmpuint (get_u32 (self, 4), ==, 1);
  g_assert_cmpuint (CALL (self, "fd_prestat_dir_name", 3, 16, 1), ==, WASI_OK);
  g_assert_cmpint (self->memory[16], ==, '/');
  g_assert_cmpuint (CALL (self, "fd_prestat_get", 4, 0), ==, WASI_BADF);
  g_assert_cmpuint (CALL (self, "sock_open", 0), ==, WASI_NOSYS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(title, data, function)                                                                 \
  g_test_add ("/worker/wasi/" title, Fixture, data, set_up, function, tear_down)
  ADD ("arguments-are-given", NULL, test_arguments);
  ADD ("output-is-counted-and-cut", NULL, test_output);
  ADD ("input-is-read-to-its-end", NULL, test_input);
  ADD ("bad-pointers-are-answered", NULL, test_pointers);
  ADD ("files-open-as-posix-says", NULL, test_files);
  ADD ("too-much-in-files-ends-the-job", NULL, test_file_limit);
  ADD ("a-listing-skips-nothing-when-entries-go", NULL, test_readdir);
  ADD ("clocks-are-the-hosts", NULL, test_clock);
  ADD ("a-virtual-clock-begins-in-2000", "virtual", test_clock);
  ADD ("waiting-takes-time", NULL, test_poll);
  ADD ("waiting-moves-a-virtual-clock", "virtual", test_poll);
  ADD ("wasi-unstable-differs-where-it-did", NULL, test_unstable);
  ADD ("an-exit-ends-the-program", NULL, test_exit);
  ADD ("the-root-is-open-and-sockets-are-not-there", NULL, test_preopen);
  return g_test_run ();
}
