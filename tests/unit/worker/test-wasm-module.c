/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The module pass, without an engine: what is refused, and the exact bytes of what is added.
 *
 * The modules are put together here from sections; numbers stay below 128, so that each is a byte.
 */
#include "worker/wasi.h"
#include "worker/wasm-module.h"

#include <string.h>

/* A module in the making: the bodies of its sections, by their ids. */
typedef struct {
  GByteArray *sections[14];
} Builder;

static void
set_section (Builder *builder, unsigned id, const uint8_t *bytes, size_t len)
{
  g_clear_pointer (&builder->sections[id], g_byte_array_unref);
  builder->sections[id] = g_byte_array_new ();
  g_byte_array_append (builder->sections[id], bytes, (guint)len);
}

#define SECTION(builder, id, ...)                                                                  \
  do                                                                                               \
    {                                                                                              \
      const uint8_t bytes_[] = { __VA_ARGS__ };                                                    \
      set_section ((builder), (id), bytes_, sizeof bytes_);                                        \
    }                                                                                              \
  while (0)

enum {
  TYPE = 1,
  IMPORT,
  FUNCTION,
  TABLE,
  MEMORY,
  GLOBAL,
  EXPORT,
  START,
  ELEMENT,
  CODE,
  DATA,
  COUNT,
  TAG
};

/* Types: 0 () -> (), 1 (i32) -> (i32), 2 (f64) -> (f64 f64). One function of type 0: _start. */
static Builder
builder_new (void)
{
  Builder builder = { 0 };
  SECTION (&builder, TYPE, 3, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, 0x7c, 2, 0x7c, 0x7c);
  SECTION (&builder, FUNCTION, 1, 0);
  SECTION (&builder, EXPORT, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 0);
  SECTION (&builder, CODE, 1, 2, 0, 0x0b);
  return builder;
}

/* The one function's code, of the type `type`, with the end added. */
#define BODY(builder, ...)                                                                         \
  do                                                                                               \
    {                                                                                              \
      const uint8_t code_[] = { __VA_ARGS__ };                                                     \
      GByteArray *body_ = g_byte_array_new ();                                                     \
      const uint8_t head_[] = { 1, (uint8_t)(sizeof code_ + 2), 0 }, end_ = 0x0b;                  \
      g_byte_array_append (body_, head_, sizeof head_);                                            \
      g_byte_array_append (body_, code_, sizeof code_);                                            \
      g_byte_array_append (body_, &end_, 1);                                                       \
      set_section ((builder), CODE, body_->data, body_->len);                                      \
      g_byte_array_unref (body_);                                                                  \
    }                                                                                              \
  while (0)

static GBytes *
build (Builder *builder)
{
  static const uint8_t order[] = { TYPE,   IMPORT, FUNCTION, TABLE, MEMORY, TAG, GLOBAL,
                                   EXPORT, START,  ELEMENT,  COUNT, CODE,   DATA };
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, (const uint8_t *)"\0asm\1\0\0\0", 8);
  for (size_t i = 0; i < G_N_ELEMENTS (order); i++)
    {
      GByteArray *section = builder->sections[order[i]];
      if (section == NULL)
        continue;
      g_assert (section->len < 128);
      souk_append_u8 (out, order[i]);
      souk_append_u8 (out, (uint8_t)section->len);
      g_byte_array_append (out, section->data, section->len);
      g_byte_array_unref (section);
    }
  memset (builder, 0, sizeof *builder);
  return g_byte_array_free_to_bytes (out);
}

static SoukModuleOptions
plain_options (void)
{
  return (SoukModuleOptions){ .pages_max = 100, .import_ok = souk_wasi_import_ok };
}

static SoukModuleStatus
rewrite (GBytes *module, SoukModuleOptions options, GBytes **out)
{
  size_t offset = SIZE_MAX;
  g_autoptr (GBytes) rewritten = NULL;
  SoukModuleStatus status
      = souk_module_rewrite (souk_slice_from_bytes (module), &options, &rewritten, &offset);
  g_assert_true ((status == SOUK_MODULE_OK) == (rewritten != NULL));
  if (status != SOUK_MODULE_OK)
    g_assert_cmpuint (offset, <=, g_bytes_get_size (module));
  if (out != NULL)
    *out = g_steal_pointer (&rewritten);
  return status;
}

/* Builds, rewrites with every option and checks the answer; empties the builder. */
static void
check_with (Builder *builder, SoukModuleStatus wanted, SoukModuleOptions options)
{
  g_autoptr (GBytes) module = build (builder);
  SoukModuleStatus status = rewrite (module, options, NULL);
  g_assert_cmpstr (souk_module_status_sentence (status), ==, souk_module_status_sentence (wanted));
}

static void
check (Builder *builder, SoukModuleStatus wanted)
{
  check_with (builder, wanted, plain_options ());
}

/* True when `part` stands somewhere in `whole`. */
static bool
has_bytes (GBytes *whole, const uint8_t *part, size_t len)
{
  gsize size;
  const void *data = g_bytes_get_data (whole, &size);
  return memmem (data, size, part, len) != NULL;
}

#define ASSERT_HAS(module, ...)                                                                    \
  do                                                                                               \
    {                                                                                              \
      const uint8_t part_[] = { __VA_ARGS__ };                                                     \
      g_assert_true (has_bytes ((module), part_, sizeof part_));                                   \
    }                                                                                              \
  while (0)

static void
test_smallest (void)
{
  Builder builder = builder_new ();
  g_autoptr (GBytes) module = build (&builder);
  g_autoptr (GBytes) out = NULL;
  g_assert_cmpint (rewrite (module, plain_options (), &out), ==, SOUK_MODULE_OK);
  g_assert_true (g_bytes_equal (module, out));
}

static void
test_every_prefix (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  options.fuel = 1000;
  options.depth = options.canonical_nan = true;
  BODY (&builder, 0x03, 0x40, 0x41, 1, 0x0d, 0, 0x0b);
  g_autoptr (GBytes) module = build (&builder);
  for (gsize len = 0; len < g_bytes_get_size (module); len++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (module, 0, len);
      g_assert_cmpint (rewrite (part, options, NULL), !=, SOUK_MODULE_OK);
    }
  g_assert_cmpint (rewrite (module, options, NULL), ==, SOUK_MODULE_OK);
}

static void
test_headers (void)
{
  static const uint8_t component[8] = { 0, 'a', 's', 'm', 13, 0, 1, 0 };
  static const uint8_t later[8] = { 0, 'a', 's', 'm', 2, 0, 0, 0 };
  g_autoptr (GBytes) first = g_bytes_new_static (component, 8);
  g_autoptr (GBytes) second = g_bytes_new_static (later, 8);
  g_autoptr (GBytes) third = g_bytes_new_static ("MZ......", 8);
  g_assert_cmpint (rewrite (first, plain_options (), NULL), ==, SOUK_MODULE_COMPONENT);
  g_assert_cmpint (rewrite (second, plain_options (), NULL), ==, SOUK_MODULE_NOT_WASM);
  g_assert_cmpint (rewrite (third, plain_options (), NULL), ==, SOUK_MODULE_NOT_WASM);
}

static void
test_sections (void)
{
  static const uint8_t tails[][4] = { { 14, 1, 0 }, { TYPE, 1, 0 }, { DATA, 2, 0, 0 } };
  static const SoukModuleStatus wanted[]
      = { SOUK_MODULE_SECTION_UNKNOWN, SOUK_MODULE_SECTION_ORDER, SOUK_MODULE_SECTION_SIZE };
  for (size_t i = 0; i < G_N_ELEMENTS (tails); i++)
    {
      Builder builder = builder_new ();
      g_autoptr (GBytes) module = build (&builder);
      g_autoptr (GByteArray) longer = g_byte_array_new ();
      souk_append (longer, souk_slice_from_bytes (module));
      g_byte_array_append (longer, tails[i], i == 2 ? 4 : 3);
      g_autoptr (GBytes) bytes = g_bytes_new (longer->data, longer->len);
      g_assert_cmpint (rewrite (bytes, plain_options (), NULL), ==, wanted[i]);
    }
}

static void
test_custom (void)
{
  Builder builder = builder_new ();
  g_autoptr (GBytes) module = build (&builder);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  souk_append (longer, souk_slice_from_bytes (module));
  souk_append (longer, SOUK_SLICE_LITERAL ("\0\5\4name"));
  g_autoptr (GBytes) bytes = g_bytes_new (longer->data, longer->len);
  g_autoptr (GBytes) out = NULL;
  g_assert_cmpint (rewrite (bytes, plain_options (), &out), ==, SOUK_MODULE_OK);
  g_assert_true (g_bytes_equal (module, out));
}

static void
test_start (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, EXPORT, 1, 3, 'r', 'u', 'n', 0, 0);
  check (&builder, SOUK_MODULE_NO_START);
  builder = builder_new ();
  SECTION (&builder, FUNCTION, 1, 1);
  check (&builder, SOUK_MODULE_NO_START);
  builder = builder_new ();
  SECTION (&builder, MEMORY, 1, 0, 1);
  SECTION (&builder, EXPORT, 1, 6, '_', 's', 't', 'a', 'r', 't', 2, 0);
  check (&builder, SOUK_MODULE_NO_START);
}

static void
test_functions (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, FUNCTION, 2, 0, 0);
  check (&builder, SOUK_MODULE_FUNCTION_COUNT);
  builder = builder_new ();
  SECTION (&builder, FUNCTION, 1, 9);
  check (&builder, SOUK_MODULE_INDEX);
  builder = builder_new ();
  SECTION (&builder, CODE, 1, 3, 0, 0x0b, 0x0b);
  check (&builder, SOUK_MODULE_BODY);
  builder = builder_new ();
  SECTION (&builder, CODE, 1, 6, 1, 0xd1, 0x86, 0x03, 0x7f, 0x0b);
  check (&builder, SOUK_MODULE_LOCALS);
}

static void
test_memory (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, MEMORY, 1, 0, 101);
  check (&builder, SOUK_MODULE_MEMORY);
  builder = builder_new ();
  SECTION (&builder, MEMORY, 1, 3, 1, 1);
  check (&builder, SOUK_MODULE_THREADS);
  builder = builder_new ();
  SECTION (&builder, MEMORY, 1, 4, 1);
  check (&builder, SOUK_MODULE_MEMORY64);
  builder = builder_new ();
  SECTION (&builder, MEMORY, 2, 0, 1, 0, 1);
  check (&builder, SOUK_MODULE_MULTI_MEMORY);
  /* what has no maximum gets one; a smaller one stays */
  static const uint8_t maxima[][4] = { { 1, 0, 7 }, { 1, 1, 7, 9 } };
  for (size_t i = 0; i < 2; i++)
    {
      g_autoptr (GBytes) out = NULL;
      builder = builder_new ();
      set_section (&builder, MEMORY, maxima[i], i == 0 ? 3 : 4);
      g_autoptr (GBytes) module = build (&builder);
      g_assert_cmpint (rewrite (module, plain_options (), &out), ==, SOUK_MODULE_OK);
      ASSERT_HAS (out, MEMORY, 4, 1, 1, 7, i == 0 ? 100 : 9);
    }
}

static void
test_tables (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, TABLE, 1, 0x70, 0, 0xa1, 0x8d, 0x06); /* 100001 */
  check (&builder, SOUK_MODULE_TABLES);
  builder = builder_new ();
  SECTION (&builder, TABLE, 5, 0x70, 0, 1, 0x70, 0, 1, 0x70, 0, 1, 0x70, 0, 1, 0x70, 0, 1);
  check (&builder, SOUK_MODULE_TABLES);
  builder = builder_new ();
  SECTION (&builder, TABLE, 1, 0x63, 0x70, 0, 1);
  check (&builder, SOUK_MODULE_GC);
}

static void
test_refused_code (void)
{
  static const struct {
    uint8_t code[8];
    SoukModuleStatus status;
  } rows[] = {
    { { 0xfe, 0x03, 0 }, SOUK_MODULE_THREADS },
    { { 0xfb, 0x00, 0 }, SOUK_MODULE_GC },
    { { 0x14, 0 }, SOUK_MODULE_GC },
    { { 0xd0, 0x6e }, SOUK_MODULE_GC },
    { { 0x02, 0x63 }, SOUK_MODULE_GC },
    { { 0x1f, 0x40, 0 }, SOUK_MODULE_TRY_TABLE },
    { { 0x0a }, SOUK_MODULE_TRY_TABLE },
    { { 0xfd, 0x80, 0x02 }, SOUK_MODULE_RELAXED_SIMD },
    { { 0x28, 0x42, 1, 0 }, SOUK_MODULE_MULTI_MEMORY },
    { { 0x40, 1 }, SOUK_MODULE_MULTI_MEMORY },
    { { 0xfc, 0x0a, 0, 1 }, SOUK_MODULE_MULTI_MEMORY },
    { { 0xfc, 0x12 }, SOUK_MODULE_INSTRUCTION },
    { { 0x27 }, SOUK_MODULE_INSTRUCTION },
    { { 0x20, 0 }, SOUK_MODULE_INDEX },
    { { 0x23, 0 }, SOUK_MODULE_INDEX },
    { { 0x11, 3, 0 }, SOUK_MODULE_INDEX },
    { { 0x02, 3 }, SOUK_MODULE_INDEX },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const uint8_t *c = rows[i].code;
      Builder builder = builder_new ();
      SoukModuleOptions options = plain_options ();
      options.fuel = 5;
      options.depth = true;
      BODY (&builder, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
      check_with (&builder, rows[i].status, options);
    }
}

static void
test_constants (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, GLOBAL, 1, 0x7f, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b);
  check (&builder, SOUK_MODULE_EXTENDED_CONST);
  builder = builder_new ();
  SECTION (&builder, GLOBAL, 1, 0x7f, 0, 0x23, 0, 0x0b);
  check (&builder, SOUK_MODULE_INDEX);
  builder = builder_new ();
  SECTION (&builder, GLOBAL, 1, 0x6e, 0, 0xd0, 0x6e, 0x0b);
  check (&builder, SOUK_MODULE_GC);
}

static void
test_imports (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, IMPORT, 1, 13, 'w', 'a', 's', 'i', '_', 'u', 'n', 's', 't', 'a', 'b', 'l', 'e',
           9, 'p', 'r', 'o', 'c', '_', 'e', 'x', 'i', 't', 0, 1);
  check (&builder, SOUK_MODULE_IMPORT_SIGNATURE);
  builder = builder_new ();
  SECTION (&builder, IMPORT, 1, 3, 'e', 'n', 'v', 1, 'f', 0, 0);
  check (&builder, SOUK_MODULE_IMPORT_UNKNOWN);
  builder = builder_new ();
  SECTION (&builder, IMPORT, 1, 3, 'e', 'n', 'v', 1, 'm', 2, 0, 1);
  check (&builder, SOUK_MODULE_IMPORT_KIND);
  /* one function is imported, so the module's own is number 1 */
  builder = builder_new ();
  SECTION (&builder, IMPORT, 1, 13, 'w', 'a', 's', 'i', '_', 'u', 'n', 's', 't', 'a', 'b', 'l', 'e',
           7, 'f', 'd', '_', 's', 'y', 'n', 'c', 0, 1);
  SECTION (&builder, EXPORT, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 1);
  check (&builder, SOUK_MODULE_OK);
}

static void
test_fuel (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  g_autoptr (GBytes) out = NULL;
  options.fuel = 50;
  /* loop; i32.const 1; br_if 0; end; nop */
  BODY (&builder, 0x03, 0x40, 0x41, 1, 0x0d, 0, 0x0b, 0x01);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, options, &out), ==, SOUK_MODULE_OK);
  ASSERT_HAS (out, GLOBAL, 6, 1, 0x7e, 1, 0x42, 50, 0x0b);
  ASSERT_HAS (out, 6, '_', '_', 'f', 'u', 'e', 'l', 3, 0);
  ASSERT_HAS (out, 0x23, 0, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b, /* entry: test */
              0x03, 0x40,                                          /* loop */
              0x23, 0, 0x42, 2, 0x7d, 0x24, 0,                     /* charge 2 */
              0x23, 0, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b,      /* head: test */
              0x41, 1, 0x0d, 0, 0x0b, 0x01, 0x0b);                 /* rest is free */
}

static void
test_fuel_of_lengths (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  g_autoptr (GBytes) out = NULL;
  options.fuel = 50;
  SECTION (&builder, MEMORY, 1, 0, 1);
  BODY (&builder, 0x41, 3, 0x40, 0, 0x1a);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, options, &out), ==, SOUK_MODULE_OK);
  /* memory.grow of n pages costs n * 1024 more; the scratch variable is number 0 */
  ASSERT_HAS (out, 1, 1, 0x7f);
  ASSERT_HAS (out, 0x41, 3, 0x22, 0, 0x23, 0, 0x20, 0, 0xad, 0x42, 10, 0x86, 0x7d, 0x24, 0);
}

static void
test_depth (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  g_autoptr (GBytes) out = NULL;
  options.depth = true;
  /* block; return; end */
  BODY (&builder, 0x02, 0x40, 0x0f, 0x0b);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, options, &out), ==, SOUK_MODULE_OK);
  ASSERT_HAS (out, 7, '_', '_', 'd', 'e', 'p', 't', 'h', 3, 0);
  ASSERT_HAS (out, 1, 1, 0x7f,                             /* one variable */
              0x23, 0, 0x41, 24, 0x6a, 0x22, 0, 0x24, 0,   /* depth += 24 */
              0x20, 0, 0x41, 0xc0, 0x84, 0x3d, 0x4b,       /* > 1000000 */
              0x04, 0x40, 0x00, 0x0b,                      /* trap */
              0x02, 0x40, 0x02, 0x40, 0x0c, 1, 0x0b, 0x0b, /* return is br 1 */
              0x20, 0, 0x41, 24, 0x6b, 0x24, 0, 0x0b);     /* depth -= 24 */
  /* two types for blocks with two results are not added unless a type has two */
  ASSERT_HAS (out, TYPE, 20, 4);
}

static void
test_nan (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  g_autoptr (GBytes) out = NULL;
  options.canonical_nan = true;
  SECTION (&builder, MEMORY, 1, 0, 1);
  BODY (&builder, 0x41, 0, 0x43, 0, 0, 0, 0, 0x38, 2, 0);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, options, &out), ==, SOUK_MODULE_OK);
  ASSERT_HAS (out, 0x22, 0, 0x43, 0, 0, 0xc0, 0x7f, 0x20, 0, 0x20, 0, 0x5b, 0x1b, 0x38, 2, 0);
}

static void
test_begin (void)
{
  Builder builder = builder_new ();
  g_autoptr (GBytes) out = NULL;
  SECTION (&builder, START, 0);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, plain_options (), &out), ==, SOUK_MODULE_OK);
  ASSERT_HAS (out, EXPORT, 20, 2, 6, '_', 's', 't', 'a', 'r', 't', 0, 0, 7, '_', '_', 'b', 'e', 'g',
              'i', 'n', 0, 0, CODE);
  builder = builder_new ();
  SECTION (&builder, FUNCTION, 2, 0, 1);
  SECTION (&builder, CODE, 2, 2, 0, 0x0b, 4, 0, 0x20, 0, 0x0b);
  SECTION (&builder, START, 1);
  check (&builder, SOUK_MODULE_INDEX);
}

static void
test_delegate (void)
{
  Builder builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  g_autoptr (GBytes) out = NULL;
  options.depth = true;
  /* try; try; delegate 0; delegate 0: to the outer try, and to the function */
  BODY (&builder, 0x06, 0x40, 0x06, 0x40, 0x18, 0, 0x18, 0);
  g_autoptr (GBytes) module = build (&builder);
  g_assert_cmpint (rewrite (module, options, &out), ==, SOUK_MODULE_OK);
  ASSERT_HAS (out, 0x06, 0x40, 0x06, 0x40, 0x18, 0, 0x18, 1, 0x0b);
}

static void
test_reserved (void)
{
  Builder builder = builder_new ();
  SECTION (&builder, EXPORT, 1, 6, '_', '_', 'f', 'u', 'e', 'l', 0, 0);
  check (&builder, SOUK_MODULE_RESERVED_NAME);
  /* an own global just behind its own would be the pass's */
  builder = builder_new ();
  SoukModuleOptions options = plain_options ();
  options.fuel = 5;
  SECTION (&builder, EXPORT, 1, 1, 'g', 3, 0);
  check_with (&builder, SOUK_MODULE_INDEX, options);
}

static void
test_sentences (void)
{
  for (int i = 0; i < SOUK_MODULE_STATUS_COUNT; i++)
    {
      g_assert_true (g_str_has_suffix (souk_module_status_sentence ((SoukModuleStatus)i), "."));
      g_assert_true ((souk_module_status_failure ((SoukModuleStatus)i) == SOUK_EXEC_NONE)
                     == (i == SOUK_MODULE_OK));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(title, function) g_test_add_func ("/worker/wasm-module/" title, function)
  ADD ("the-smallest-program-passes-unchanged", test_smallest);
  ADD ("no-prefix-of-a-module-is-a-module", test_every_prefix);
  ADD ("components-and-other-files-are-named", test_headers);
  ADD ("sections-are-known-in-order-and-full", test_sections);
  ADD ("custom-sections-are-dropped", test_custom);
  ADD ("a-program-exports-_start-without-parameters", test_start);
  ADD ("functions-have-types-and-bodies", test_functions);
  ADD ("memory-is-capped", test_memory);
  ADD ("tables-are-capped", test_tables);
  ADD ("instructions-of-refused-proposals-are-named", test_refused_code);
  ADD ("constants-are-plain", test_constants);
  ADD ("imports-are-functions-of-wasi-as-wasi-has-them", test_imports);
  ADD ("fuel-is-charged-before-a-run-and-tested-at-heads", test_fuel);
  ADD ("fuel-is-charged-by-length-where-work-is", test_fuel_of_lengths);
  ADD ("depth-is-counted-on-each-way-in-and-out", test_depth);
  ADD ("an-exception-is-delegated-past-the-added-block", test_delegate);
  ADD ("a-start-function-becomes-an-export", test_begin);
  ADD ("a-stored-float-has-canonical-bits", test_nan);
  ADD ("what-the-pass-adds-cannot-be-named-before", test_reserved);
  ADD ("every-status-has-a-sentence-and-a-failure", test_sentences);
  return g_test_run ();
}
