/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sections of a module, in order; function bodies are wasm-code.c's. PURE. See wasm-module.h.
 *
 * Custom sections are dropped: no engine needs them and debug information is often most of a file.
 */
#include "worker/wasm-module.h"
#include "worker/wasm-code.h"

enum {
  SECTION_CUSTOM,
  SECTION_TYPE,
  SECTION_IMPORT,
  SECTION_FUNCTION,
  SECTION_TABLE,
  SECTION_MEMORY,
  SECTION_GLOBAL,
  SECTION_EXPORT,
  SECTION_START,
  SECTION_ELEMENT,
  SECTION_CODE,
  SECTION_DATA,
  SECTION_DATA_COUNT,
  SECTION_TAG,
  N_SECTIONS,
};
enum { KIND_FUNCTION, KIND_TABLE, KIND_MEMORY, KIND_GLOBAL, KIND_TAG };

/* Where each section stands in a module; the numbers follow the history of the format instead. */
static const uint8_t section_rank[N_SECTIONS] = {
  [SECTION_TYPE] = 1,   [SECTION_IMPORT] = 2,   [SECTION_FUNCTION] = 3,    [SECTION_TABLE] = 4,
  [SECTION_MEMORY] = 5, [SECTION_TAG] = 6,      [SECTION_GLOBAL] = 7,      [SECTION_EXPORT] = 8,
  [SECTION_START] = 9,  [SECTION_ELEMENT] = 10, [SECTION_DATA_COUNT] = 11, [SECTION_CODE] = 12,
  [SECTION_DATA] = 13,
};
#define RANK_END 14

typedef struct {
  WasmModule module;
  WasmCursor in;
  WasmWriter out;
  WasmWriter body;    /* the section being written */
  WasmWriter exports; /* entries of the export section, which is put out after the start section */
  uint32_t n_exports;
  int64_t begin; /* the function of the start section, or -1 */
  WasmCodeSpace space;
  uint32_t n_bodies;
  bool did_globals, did_exports;
} Pass;

static uint32_t
added_globals (const SoukModuleOptions *options)
{
  return (options->fuel > 0 ? 1 : 0) + (options->depth ? 1 : 0);
}

/* Reads a vector's length. */
static SoukModuleStatus
read_count (WasmCursor *in, uint32_t *out_count)
{
  *out_count = wasm_u32 (in);
  if (in->failed)
    return SOUK_MODULE_TRUNCATED;
  return *out_count <= SOUK_MODULE_ITEMS_MAX ? SOUK_MODULE_OK : SOUK_MODULE_ITEMS;
}

static void
put_section (Pass *pass, uint8_t id)
{
  wasm_put_u8 (&pass->out, id);
  wasm_put_u32 (&pass->out, pass->body.len);
  wasm_put (&pass->out, pass->body.data, pass->body.len);
  pass->body.len = 0;
}

static SoukModuleStatus
read_value_types (WasmCursor *in, SoukSlice *out)
{
  uint32_t count = wasm_u32 (in);
  if (count > SOUK_MODULE_PARAMS_MAX)
    return SOUK_MODULE_LOCALS;
  WasmCursor types = wasm_take (in, count);
  *out = souk_slice (types.at, wasm_left (&types));
  for (size_t i = 0; i < out->len; i++)
    if (!wasm_is_value_type (out->data[i]))
      return SOUK_MODULE_GC;
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
rewrite_types (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  uint32_t count = 0, added = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  const uint8_t *from = in->at;
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      WasmType type = { 0 };
      if (wasm_u8 (in) != 0x60)
        return in->failed ? SOUK_MODULE_TRUNCATED : SOUK_MODULE_GC;
      SOUK_MODULE_TRY (read_value_types (in, &type.params));
      SOUK_MODULE_TRY (read_value_types (in, &type.results));
      if (module->options->depth && type.results.len > 1)
        type.block_type = count + added++;
      g_array_append_val (module->types, type);
    }
  wasm_put_u32 (&pass->body, count + added);
  wasm_put (&pass->body, from, (size_t)(in->at - from));
  for (uint32_t i = 0; added > 0 && i < module->types->len; i++)
    {
      const WasmType *type = &g_array_index (module->types, WasmType, i);
      if (type->results.len <= 1)
        continue;
      WASM_PUT (&pass->body, 0x60, 0);
      wasm_put_u32 (&pass->body, type->results.len);
      wasm_put (&pass->body, type->results.data, type->results.len);
    }
  put_section (pass, SECTION_TYPE);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
check_imports (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      SoukSlice from = wasm_name (in), name = wasm_name (in);
      uint8_t kind = wasm_u8 (in);
      if (in->failed)
        return SOUK_MODULE_TRUNCATED;
      if (kind != KIND_FUNCTION)
        return kind <= KIND_TAG ? SOUK_MODULE_IMPORT_KIND : SOUK_MODULE_INDEX;
      uint32_t index = wasm_u32 (in);
      if (index >= module->types->len)
        return SOUK_MODULE_INDEX;
      const WasmType *type = &g_array_index (module->types, WasmType, index);
      SOUK_MODULE_TRY (module->options->import_ok (from, name, type->params, type->results));
    }
  module->n_imports = count;
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
check_functions (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      uint32_t index = wasm_u32 (in);
      if (index >= module->types->len)
        return SOUK_MODULE_INDEX;
      g_array_append_val (module->functions, index);
    }
  return SOUK_MODULE_OK;
}

/* Reads limits and writes them with the maximum lowered to `cap`. */
static SoukModuleStatus
rewrite_limits (WasmCursor *in, uint32_t cap, SoukModuleStatus too_much, WasmWriter *out)
{
  uint8_t flags = wasm_u8 (in);
  if (flags > 7)
    return SOUK_MODULE_INDEX;
  if (flags & 2)
    return SOUK_MODULE_THREADS;
  if (flags & 4)
    return SOUK_MODULE_MEMORY64;
  uint32_t min = wasm_u32 (in);
  uint32_t max = flags & 1 ? wasm_u32 (in) : UINT32_MAX;
  if (min > max)
    return SOUK_MODULE_INDEX;
  if (min > cap)
    return too_much;
  wasm_put_u8 (out, 1);
  wasm_put_u32 (out, min);
  wasm_put_u32 (out, MIN (max, cap));
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
rewrite_tables (Pass *pass, WasmCursor *in)
{
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  if (count > SOUK_MODULE_TABLES_MAX)
    return SOUK_MODULE_TABLES;
  wasm_put_u32 (&pass->body, count);
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      uint8_t type = wasm_u8 (in);
      if (type != 0x70 && type != 0x6f)
        return SOUK_MODULE_GC;
      wasm_put_u8 (&pass->body, type);
      SOUK_MODULE_TRY (
          rewrite_limits (in, SOUK_MODULE_TABLE_ENTRIES_MAX, SOUK_MODULE_TABLES, &pass->body));
    }
  put_section (pass, SECTION_TABLE);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
rewrite_memory (Pass *pass, WasmCursor *in)
{
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  if (count > 1)
    return SOUK_MODULE_MULTI_MEMORY;
  wasm_put_u32 (&pass->body, count);
  if (count == 1)
    SOUK_MODULE_TRY (
        rewrite_limits (in, pass->module.options->pages_max, SOUK_MODULE_MEMORY, &pass->body));
  put_section (pass, SECTION_MEMORY);
  return SOUK_MODULE_OK;
}

/* Appends the pass's own globals to the section being written. */
static void
put_added_globals (Pass *pass)
{
  WasmModule *module = &pass->module;
  uint32_t next = module->n_globals;
  if (module->options->fuel > 0)
    {
      module->fuel_global = next++;
      WASM_PUT (&pass->body, 0x7e, 1, 0x42);
      wasm_put_s64 (&pass->body, (int64_t)module->options->fuel);
      wasm_put_u8 (&pass->body, 0x0b);
    }
  if (module->options->depth)
    {
      module->depth_global = next++;
      WASM_PUT (&pass->body, 0x7f, 1, 0x41, 0, 0x0b);
    }
  pass->did_globals = true;
}

static SoukModuleStatus
rewrite_globals (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  const uint8_t *from = in->at;
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      if (!wasm_is_value_type (wasm_u8 (in)))
        return in->failed ? SOUK_MODULE_TRUNCATED : SOUK_MODULE_GC;
      if (wasm_u8 (in) > 1)
        return SOUK_MODULE_INDEX;
      /* Only globals that stand before may be read, and in this profile none: there is no import. */
      SOUK_MODULE_TRY (wasm_code_skip_constant (module, in));
    }
  wasm_put_u32 (&pass->body, count + added_globals (module->options));
  wasm_put (&pass->body, from, (size_t)(in->at - from));
  module->n_globals = count;
  put_added_globals (pass);
  put_section (pass, SECTION_GLOBAL);
  return SOUK_MODULE_OK;
}

/* Writes the export section with the pass's own entries behind the module's. */
static void
put_exports (Pass *pass)
{
  const WasmModule *module = &pass->module;
  wasm_put_u32 (&pass->body,
                pass->n_exports + added_globals (module->options) + (pass->begin >= 0 ? 1 : 0));
  wasm_put (&pass->body, pass->exports.data, pass->exports.len);
  if (module->options->fuel > 0)
    {
      WASM_PUT (&pass->body, 6, '_', '_', 'f', 'u', 'e', 'l', KIND_GLOBAL);
      wasm_put_u32 (&pass->body, module->fuel_global);
    }
  if (module->options->depth)
    {
      WASM_PUT (&pass->body, 7, '_', '_', 'd', 'e', 'p', 't', 'h', KIND_GLOBAL);
      wasm_put_u32 (&pass->body, module->depth_global);
    }
  if (pass->begin >= 0)
    {
      WASM_PUT (&pass->body, 7, '_', '_', 'b', 'e', 'g', 'i', 'n', KIND_FUNCTION);
      wasm_put_u32 (&pass->body, (uint32_t)pass->begin);
    }
  pass->did_exports = true;
  put_section (pass, SECTION_EXPORT);
}

/* True for a function of the module's own without parameters and results. */
static bool
is_plain_function (const WasmModule *module, uint32_t index)
{
  if (index < module->n_imports || index - module->n_imports >= module->functions->len)
    return false;
  uint32_t type_index = g_array_index (module->functions, uint32_t, index - module->n_imports);
  const WasmType *type = &g_array_index (module->types, WasmType, type_index);
  return type->params.len == 0 && type->results.len == 0;
}

static bool
is_reserved_name (SoukSlice name)
{
  return souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("__fuel"))
         || souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("__depth"))
         || souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("__begin"));
}

static SoukModuleStatus
read_exports (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  const uint8_t *from = in->at;
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      SoukSlice name = wasm_name (in);
      uint8_t kind = wasm_u8 (in);
      uint32_t index = wasm_u32 (in);
      if (in->failed)
        return SOUK_MODULE_TRUNCATED;
      if (is_reserved_name (name))
        return SOUK_MODULE_RESERVED_NAME;
      if (kind > KIND_TAG || (kind == KIND_GLOBAL && index >= module->n_globals))
        return SOUK_MODULE_INDEX;
      if (!souk_slice_is_equal (name, SOUK_SLICE_LITERAL ("_start")))
        continue;
      if (kind != KIND_FUNCTION || !is_plain_function (module, index))
        return SOUK_MODULE_NO_START;
      module->has_start = true;
    }
  pass->n_exports = count;
  wasm_put (&pass->exports, from, (size_t)(in->at - from));
  return SOUK_MODULE_OK;
}

/* A start function runs while the module is instantiated, when nobody can look at its fuel yet, so
 * it becomes an export, which the engine's adaptor calls before _start. */
static SoukModuleStatus
read_start (Pass *pass, WasmCursor *in)
{
  uint32_t index = wasm_u32 (in);
  if (!is_plain_function (&pass->module, index))
    return in->failed ? SOUK_MODULE_TRUNCATED : SOUK_MODULE_INDEX;
  pass->begin = index;
  return SOUK_MODULE_OK;
}

/* One element segment; its first number says which of eight forms it has. */
static SoukModuleStatus
check_element (Pass *pass, WasmCursor *in)
{
  uint32_t form = wasm_u32 (in), count = 0;
  if (form > 7)
    return SOUK_MODULE_INDEX;
  bool is_active = !(form & 1), has_index = form & 2, has_expressions = form & 4;
  if (is_active && has_index)
    wasm_u32 (in);
  if (is_active)
    SOUK_MODULE_TRY (wasm_code_skip_constant (&pass->module, in));
  if (!is_active || has_index)
    {
      uint8_t type = wasm_u8 (in);
      if (has_expressions ? type != 0x70 && type != 0x6f : type != 0)
        return in->failed ? SOUK_MODULE_TRUNCATED : SOUK_MODULE_GC;
    }
  SOUK_MODULE_TRY (read_count (in, &count));
  for (uint32_t i = 0; i < count && !in->failed; i++)
    if (has_expressions)
      SOUK_MODULE_TRY (wasm_code_skip_constant (&pass->module, in));
    else
      wasm_u32 (in);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
check_elements (Pass *pass, WasmCursor *in)
{
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  for (uint32_t i = 0; i < count && !in->failed; i++)
    SOUK_MODULE_TRY (check_element (pass, in));
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
check_data (Pass *pass, WasmCursor *in)
{
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      uint32_t form = wasm_u32 (in);
      if (form > 2)
        return SOUK_MODULE_INDEX;
      if (form == 2 && wasm_u32 (in) != 0)
        return SOUK_MODULE_MULTI_MEMORY;
      if (form != 1)
        SOUK_MODULE_TRY (wasm_code_skip_constant (&pass->module, in));
      wasm_skip (in, wasm_u32 (in));
    }
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
rewrite_code (Pass *pass, WasmCursor *in)
{
  WasmModule *module = &pass->module;
  g_auto (WasmWriter) body = { .max = SOUK_MODULE_REWRITTEN_SIZE_MAX };
  uint32_t count = 0;
  SOUK_MODULE_TRY (read_count (in, &count));
  if (count != module->functions->len)
    return SOUK_MODULE_FUNCTION_COUNT;
  wasm_put_u32 (&pass->body, count);
  for (uint32_t i = 0; i < count && !in->failed; i++)
    {
      uint32_t size = wasm_u32 (in);
      if (size > SOUK_MODULE_BODY_SIZE_MAX)
        return SOUK_MODULE_BODY_SIZE;
      WasmCursor code = wasm_take (in, size);
      if (in->failed)
        return SOUK_MODULE_TRUNCATED;
      uint32_t type = g_array_index (module->functions, uint32_t, i);
      body.len = 0;
      SOUK_MODULE_TRY (wasm_code_rewrite (
          module, &pass->space, &g_array_index (module->types, WasmType, type), &code, &body));
      wasm_put_u32 (&pass->body, body.len);
      wasm_put (&pass->body, body.data, body.len);
    }
  pass->n_bodies = count;
  put_section (pass, SECTION_CODE);
  return SOUK_MODULE_OK;
}

/* Sections that are copied once they are checked. */
static SoukModuleStatus
copy_section (Pass *pass, uint8_t id, WasmCursor *in)
{
  const uint8_t *from = in->at;
  switch (id)
    {
    case SECTION_IMPORT:
      SOUK_MODULE_TRY (check_imports (pass, in));
      break;
    case SECTION_FUNCTION:
      SOUK_MODULE_TRY (check_functions (pass, in));
      break;
    case SECTION_ELEMENT:
      SOUK_MODULE_TRY (check_elements (pass, in));
      break;
    case SECTION_DATA:
      SOUK_MODULE_TRY (check_data (pass, in));
      break;
    case SECTION_DATA_COUNT:
      wasm_u32 (in);
      break;
    case SECTION_TAG:
      wasm_skip (in, wasm_left (in));
      break;
    }
  wasm_put (&pass->body, from, (size_t)(in->at - from));
  put_section (pass, id);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
do_section (Pass *pass, uint8_t id, WasmCursor *in)
{
  switch (id)
    {
    case SECTION_TYPE:
      return rewrite_types (pass, in);
    case SECTION_TABLE:
      return rewrite_tables (pass, in);
    case SECTION_MEMORY:
      return rewrite_memory (pass, in);
    case SECTION_GLOBAL:
      return rewrite_globals (pass, in);
    case SECTION_EXPORT:
      return read_exports (pass, in);
    case SECTION_START:
      return read_start (pass, in);
    case SECTION_CODE:
      return rewrite_code (pass, in);
    }
  return copy_section (pass, id, in);
}

/* Writes, before the rank `rank`, the globals that the module lacks and the exports that wait. */
static void
put_due_sections (Pass *pass, int rank)
{
  uint32_t added = added_globals (pass->module.options);
  if (added > 0 && !pass->did_globals && rank > section_rank[SECTION_GLOBAL])
    {
      wasm_put_u32 (&pass->body, added);
      put_added_globals (pass);
      put_section (pass, SECTION_GLOBAL);
    }
  if (pass->module.has_start && !pass->did_exports && rank > section_rank[SECTION_START])
    put_exports (pass);
}

static SoukModuleStatus
do_sections (Pass *pass)
{
  int last = 0;
  while (pass->in.at < pass->in.end)
    {
      uint8_t id = wasm_u8 (&pass->in);
      uint32_t size = wasm_u32 (&pass->in);
      WasmCursor section = wasm_take (&pass->in, size);
      if (pass->in.failed)
        return SOUK_MODULE_TRUNCATED;
      if (id == SECTION_CUSTOM)
        continue;
      if (id >= N_SECTIONS)
        return SOUK_MODULE_SECTION_UNKNOWN;
      if (section_rank[id] <= last)
        return SOUK_MODULE_SECTION_ORDER;
      last = section_rank[id];
      put_due_sections (pass, last);
      const uint8_t *resume = pass->in.at;
      SoukModuleStatus status = do_section (pass, id, &section);
      if (status == SOUK_MODULE_OK && section.failed)
        status = SOUK_MODULE_TRUNCATED;
      if (status == SOUK_MODULE_OK && section.at != section.end)
        status = SOUK_MODULE_SECTION_SIZE;
      if (status != SOUK_MODULE_OK)
        {
          pass->in.at = section.at; /* the place to report */
          return status;
        }
      pass->in.at = resume;
    }
  if (pass->n_bodies != pass->module.functions->len)
    return SOUK_MODULE_FUNCTION_COUNT;
  if (!pass->module.has_start)
    return SOUK_MODULE_NO_START;
  put_due_sections (pass, RANK_END);
  return pass->out.full || pass->body.full ? SOUK_MODULE_TOO_LARGE_AFTER : SOUK_MODULE_OK;
}

static SoukModuleStatus
check_header (Pass *pass, size_t size)
{
  static const uint8_t core[8] = { 0, 'a', 's', 'm', 1, 0, 0, 0 };
  if (size > SOUK_MODULE_SIZE_MAX)
    return SOUK_MODULE_TOO_LARGE;
  if (size < sizeof core || memcmp (pass->in.at, core, 4) != 0)
    return SOUK_MODULE_NOT_WASM;
  if (memcmp (pass->in.at, core, sizeof core) != 0)
    return pass->in.at[6] == 1 ? SOUK_MODULE_COMPONENT : SOUK_MODULE_NOT_WASM;
  wasm_put (&pass->out, core, sizeof core);
  wasm_skip (&pass->in, sizeof core);
  return SOUK_MODULE_OK;
}

SoukModuleStatus
souk_module_rewrite (SoukSlice module, const SoukModuleOptions *options, GBytes **out,
                     size_t *out_offset)
{
  g_autoptr (GArray) types = g_array_new (FALSE, TRUE, sizeof (WasmType));
  g_autoptr (GArray) functions = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  Pass pass = {
    .module = { .options = options, .types = types, .functions = functions },
    .in = wasm_cursor (module.data, module.len),
    .out = { .max = SOUK_MODULE_REWRITTEN_SIZE_MAX },
    .body = { .max = SOUK_MODULE_REWRITTEN_SIZE_MAX },
    .exports = { .max = SOUK_MODULE_SIZE_MAX },
    .begin = -1,
    .space
    = { { .max = SOUK_MODULE_REWRITTEN_SIZE_MAX }, { .max = SOUK_MODULE_REWRITTEN_SIZE_MAX } },
  };
  g_assert (options->import_ok != NULL && options->fuel <= INT64_MAX / 2);
  g_assert (options->pages_max >= 1 && options->pages_max <= 65536);

  SoukModuleStatus status = check_header (&pass, module.len);
  if (status == SOUK_MODULE_OK)
    status = do_sections (&pass);
  if (status == SOUK_MODULE_OK)
    {
      *out = g_bytes_new_take (g_steal_pointer (&pass.out.data), pass.out.len);
      pass.out.len = 0;
    }
  else
    *out_offset = (size_t)(pass.in.at - module.data);
  wasm_writer_clear (&pass.out);
  wasm_writer_clear (&pass.body);
  wasm_writer_clear (&pass.exports);
  wasm_writer_clear (&pass.space.code);
  wasm_writer_clear (&pass.space.run);
  return status;
}

const char *
souk_module_status_sentence (SoukModuleStatus status)
{
  static const char *const sentences[SOUK_MODULE_STATUS_COUNT] = {
#define SENTENCE(symbol, failure, sentence) sentence,
    SOUK_MODULE_STATUS_TABLE (SENTENCE)
#undef SENTENCE
  };
  g_assert (status < SOUK_MODULE_STATUS_COUNT);
  return sentences[status];
}

SoukExecFailure
souk_module_status_failure (SoukModuleStatus status)
{
  static const SoukExecFailure failures[SOUK_MODULE_STATUS_COUNT] = {
#define FAILURE(symbol, failure, sentence) SOUK_EXEC_##failure,
    SOUK_MODULE_STATUS_TABLE (FAILURE)
#undef FAILURE
  };
  g_assert (status < SOUK_MODULE_STATUS_COUNT);
  return failures[status];
}
