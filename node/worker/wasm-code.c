/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Function bodies: every instruction is read once and copied; charges, depth counting and NaN
 * canonicalisation are put between. PURE. See wasm-module.h for what is added and why.
 *
 * The charge of a straight run of instructions has to stand before the run, so a run is collected
 * apart and put out when it ends: at else, end, loop, if, try, catch and br_if. Only a run at a
 * function's entry or a loop's head is followed by the test: each cycle of any program passes one.
 *
 * With depth counting the body stands in a block of its own:
 *     global.get D, i32.const COST, i32.add, local.tee T, global.set D, local.get T > MAX: trap
 *     block RESULTS  …the body, `return` as a branch to this block…  end
 *     global.set D to T - COST
 * so that each way out passes the last line. A tail call does that line first; a catch sets D back
 * to T, since the frames between were left without passing it.
 */
#include "worker/wasm-code.h"
#include "worker/wasm-opcodes.h"

enum { TYPE_I32 = 0x7f, TYPE_I64 = 0x7e, TYPE_F32 = 0x7d, TYPE_F64 = 0x7c, TYPE_V128 = 0x7b };

/* Local variables that the pass adds behind a function's own, in the order of first use. */
typedef enum { LOCAL_I32, LOCAL_F32, LOCAL_F64, LOCAL_V128, LOCAL_DEPTH, N_LOCAL_KINDS } LocalKind;

typedef struct {
  const WasmModule *module;
  const WasmType *type;
  WasmWriter *code, *run;
  uint32_t n_locals; /* parameters and the function's own variables */
  uint8_t added[N_LOCAL_KINDS];
  uint32_t n_added;
  int slot[N_LOCAL_KINDS]; /* -1: not yet used */
  uint32_t nesting;        /* open blocks, the function's own included */
  uint64_t cost;           /* of the run so far */
  bool check;              /* the run starts at an entry or a loop head */
} Function;

/* One decoded instruction. */
typedef struct {
  const uint8_t *from, *to;
  uint8_t op;
  uint32_t sub;      /* after a prefix */
  uint32_t index[2]; /* the index immediates */
} Instruction;

static uint32_t
added_local (Function *function, LocalKind kind)
{
  static const uint8_t types[N_LOCAL_KINDS] = { TYPE_I32, TYPE_F32, TYPE_F64, TYPE_V128, TYPE_I32 };
  if (function->slot[kind] < 0)
    {
      function->slot[kind] = (int)function->n_added;
      function->added[function->n_added++] = types[kind];
    }
  return function->n_locals + (uint32_t)function->slot[kind];
}

static void
put_index (WasmWriter *out, uint8_t op, uint32_t index)
{
  wasm_put_u8 (out, op);
  wasm_put_u32 (out, index);
}

static void
put_i32_const (WasmWriter *out, int32_t value)
{
  wasm_put_u8 (out, WASM_OP_I32_CONST);
  wasm_put_s64 (out, value);
}

/* if unreachable end, taken when the i32 on the stack is not 0. */
static void
put_trap_if (WasmWriter *out)
{
  WASM_PUT (out, WASM_OP_IF, 0x40, WASM_OP_UNREACHABLE, WASM_OP_END);
}

static void
put_fuel_test (const WasmModule *module, WasmWriter *out)
{
  put_index (out, WASM_OP_GLOBAL_GET, module->fuel_global);
  WASM_PUT (out, WASM_OP_I64_CONST, 0, WASM_OP_I64_LT_S);
  put_trap_if (out);
}

static void
put_charge (const WasmModule *module, WasmWriter *out, uint64_t cost, bool check)
{
  if (cost > 0)
    {
      put_index (out, WASM_OP_GLOBAL_GET, module->fuel_global);
      wasm_put_u8 (out, WASM_OP_I64_CONST);
      wasm_put_s64 (out, (int64_t)cost);
      wasm_put_u8 (out, WASM_OP_I64_SUB);
      put_index (out, WASM_OP_GLOBAL_SET, module->fuel_global);
    }
  if (check)
    put_fuel_test (module, out);
}

/* Charges for the length on top of the stack, shifted right, or left when `shift` is negative. */
static void
put_length_charge (Function *function, int shift)
{
  const WasmModule *module = function->module;
  WasmWriter *out = function->run;
  if (module->options->fuel == 0)
    return;
  uint32_t local = added_local (function, LOCAL_I32);
  put_index (out, WASM_OP_LOCAL_TEE, local);
  put_index (out, WASM_OP_GLOBAL_GET, module->fuel_global);
  put_index (out, WASM_OP_LOCAL_GET, local);
  WASM_PUT (out, WASM_OP_I64_EXTEND_U, WASM_OP_I64_CONST, (uint8_t)ABS (shift),
            shift >= 0 ? WASM_OP_I64_SHR_U : WASM_OP_I64_SHL, WASM_OP_I64_SUB);
  put_index (out, WASM_OP_GLOBAL_SET, module->fuel_global);
  put_fuel_test (module, out);
}

/* Makes a NaN on top of the stack the canonical one: x == x ? x : NaN. */
static void
put_canonical_scalar (Function *function, bool is_double)
{
  WasmWriter *out = function->run;
  uint32_t local = added_local (function, is_double ? LOCAL_F64 : LOCAL_F32);
  put_index (out, WASM_OP_LOCAL_TEE, local);
  if (is_double)
    WASM_PUT (out, WASM_OP_F64_CONST, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f);
  else
    WASM_PUT (out, WASM_OP_F32_CONST, 0, 0, 0xc0, 0x7f);
  put_index (out, WASM_OP_LOCAL_GET, local);
  put_index (out, WASM_OP_LOCAL_GET, local);
  WASM_PUT (out, is_double ? WASM_OP_F64_EQ : WASM_OP_F32_EQ, WASM_OP_SELECT);
}

/* The same for each lane of the vector on top of the stack. */
static void
put_canonical_vector (Function *function, bool is_double)
{
  WasmWriter *out = function->run;
  uint32_t local = added_local (function, LOCAL_V128);
  put_index (out, WASM_OP_LOCAL_TEE, local);
  WASM_PUT (out, WASM_OP_PREFIX_FD, WASM_SIMD_CONST);
  for (int lane = 0; lane < 2; lane++)
    if (is_double)
      WASM_PUT (out, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f);
    else
      WASM_PUT (out, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f);
  put_index (out, WASM_OP_LOCAL_GET, local);
  put_index (out, WASM_OP_LOCAL_GET, local);
  /* f32x4.eq or f64x2.eq, then v128.bitselect */
  WASM_PUT (out, WASM_OP_PREFIX_FD, is_double ? 0x47 : 0x41, WASM_OP_PREFIX_FD, 0x52);
}

/* A frame counts by the room that its variables take; the operand stack is not counted. */
static int32_t
frame_cost (const Function *function)
{
  return (int32_t)(SOUK_MODULE_FRAME_COST + function->n_locals);
}

static void
put_depth_entry (Function *function)
{
  const WasmModule *module = function->module;
  const WasmType *type = function->type;
  WasmWriter *out = function->code;
  uint32_t local = added_local (function, LOCAL_DEPTH);

  put_index (out, WASM_OP_GLOBAL_GET, module->depth_global);
  put_i32_const (out, frame_cost (function));
  wasm_put_u8 (out, WASM_OP_I32_ADD);
  put_index (out, WASM_OP_LOCAL_TEE, local);
  put_index (out, WASM_OP_GLOBAL_SET, module->depth_global);
  put_index (out, WASM_OP_LOCAL_GET, local);
  put_i32_const (out, SOUK_MODULE_DEPTH_MAX);
  wasm_put_u8 (out, WASM_OP_I32_GT_U);
  put_trap_if (out);
  wasm_put_u8 (out, WASM_OP_BLOCK);
  if (type->results.len == 0)
    wasm_put_u8 (out, 0x40);
  else if (type->results.len == 1)
    wasm_put_u8 (out, type->results.data[0]);
  else
    wasm_put_s64 (out, type->block_type);
}

static void
put_depth_exit (Function *function, WasmWriter *out)
{
  put_index (out, WASM_OP_LOCAL_GET, added_local (function, LOCAL_DEPTH));
  put_i32_const (out, frame_cost (function));
  wasm_put_u8 (out, WASM_OP_I32_SUB);
  put_index (out, WASM_OP_GLOBAL_SET, function->module->depth_global);
}

static SoukModuleStatus
read_block_type (const WasmModule *module, WasmCursor *code)
{
  uint8_t first = code->at < code->end ? *code->at : 0;
  if (first == 0x40 || wasm_is_value_type (first))
    {
      wasm_skip (code, 1);
      return SOUK_MODULE_OK;
    }
  if ((first & 0xc0) == 0x40) /* any other negative number is a type of a refused proposal */
    return SOUK_MODULE_GC;
  /* A type that the pass adds must not become reachable for the module. */
  return wasm_u32 (code) < module->types->len ? SOUK_MODULE_OK : SOUK_MODULE_INDEX;
}

static SoukModuleStatus
read_memarg (WasmCursor *code)
{
  if (wasm_u32 (code) & 0x40)
    return SOUK_MODULE_MULTI_MEMORY;
  wasm_u32 (code);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
read_br_table (WasmCursor *code)
{
  uint32_t count = wasm_u32 (code);
  if (count > SOUK_MODULE_BRANCHES_MAX)
    return SOUK_MODULE_ITEMS;
  for (uint32_t i = 0; i <= count && !code->failed; i++)
    wasm_u32 (code);
  return SOUK_MODULE_OK;
}

static SoukModuleStatus
read_select_types (WasmCursor *code)
{
  uint32_t count = wasm_u32 (code);
  if (count != 1)
    return SOUK_MODULE_INSTRUCTION;
  return wasm_is_value_type (wasm_u8 (code)) ? SOUK_MODULE_OK : SOUK_MODULE_GC;
}

static SoukModuleStatus
read_memory_index (WasmCursor *code)
{
  return wasm_u8 (code) == 0 ? SOUK_MODULE_OK : SOUK_MODULE_MULTI_MEMORY;
}

/* Reads the number behind a prefix. Returns: OK and the kind of what follows it. */
static SoukModuleStatus
read_prefixed (WasmCursor *code, uint8_t prefix, uint32_t *out_sub, WasmImmediate *out_kind)
{
  *out_sub = wasm_u32 (code);
  if (prefix == WASM_OP_PREFIX_FC)
    {
      if (*out_sub >= G_N_ELEMENTS (wasm_immediates_fc))
        return SOUK_MODULE_INSTRUCTION;
      *out_kind = (WasmImmediate)wasm_immediates_fc[*out_sub];
      return SOUK_MODULE_OK;
    }
  if (*out_sub >= G_N_ELEMENTS (wasm_immediates_fd))
    return SOUK_MODULE_RELAXED_SIMD;
  *out_kind = (WasmImmediate)wasm_immediates_fd[*out_sub];
  if (*out_kind == WASM_IMM_UNKNOWN) /* the rest of SIMD takes no immediates */
    *out_kind = WASM_IMM_NONE;
  return SOUK_MODULE_OK;
}

/* Reads what follows an opcode. */
static SoukModuleStatus
read_immediate (const WasmModule *module, WasmCursor *code, WasmImmediate kind, Instruction *out)
{
  switch (kind)
    {
    case WASM_IMM_UNKNOWN:
      return SOUK_MODULE_INSTRUCTION;
    case WASM_IMM_THREADS:
      return SOUK_MODULE_THREADS;
    case WASM_IMM_GC:
      return SOUK_MODULE_GC;
    case WASM_IMM_TRY_TABLE:
      return SOUK_MODULE_TRY_TABLE;
    case WASM_IMM_NONE:
      break;
    case WASM_IMM_BLOCK:
      return read_block_type (module, code);
    case WASM_IMM_INDEX_2:
      out->index[0] = wasm_u32 (code);
      out->index[1] = wasm_u32 (code);
      break;
    case WASM_IMM_INDEX:
      out->index[0] = wasm_u32 (code);
      break;
    case WASM_IMM_BR_TABLE:
      return read_br_table (code);
    case WASM_IMM_SELECT:
      return read_select_types (code);
    case WASM_IMM_MEMARG:
      return read_memarg (code);
    case WASM_IMM_MEMARG_LANE:
      SOUK_MODULE_TRY (read_memarg (code));
      wasm_skip (code, 1);
      break;
    case WASM_IMM_INDEX_MEMORY:
      wasm_u32 (code);
      return read_memory_index (code);
    case WASM_IMM_MEMORY_2:
      SOUK_MODULE_TRY (read_memory_index (code));
      return read_memory_index (code);
    case WASM_IMM_MEMORY:
      return read_memory_index (code);
    case WASM_IMM_LEB_32:
      wasm_skip_leb (code, 5);
      break;
    case WASM_IMM_LEB_64:
      wasm_skip_leb (code, 10);
      break;
    case WASM_IMM_FIXED:
      wasm_skip (code, out->op == WASM_OP_F32_CONST   ? 4
                       : out->op == WASM_OP_F64_CONST ? 8
                       : out->sub >= WASM_SIMD_LANES  ? 1
                                                      : 16);
      break;
      case WASM_IMM_HEAP_TYPE: {
        uint8_t type = wasm_u8 (code);
        return type == 0x70 || type == 0x6f ? SOUK_MODULE_OK : SOUK_MODULE_GC;
      }
    case WASM_IMM_PREFIX:
      SOUK_MODULE_TRY (read_prefixed (code, out->op, &out->sub, &kind));
      return read_immediate (module, code, kind, out);
    }
  return SOUK_MODULE_OK;
}

/* What the pass adds must stay out of the module's own reach. */
static SoukModuleStatus
check_indices (const Function *function, const Instruction *in)
{
  switch (in->op)
    {
    case WASM_OP_LOCAL_GET ... WASM_OP_LOCAL_TEE:
      return in->index[0] < function->n_locals ? SOUK_MODULE_OK : SOUK_MODULE_INDEX;
    case WASM_OP_GLOBAL_GET:
    case WASM_OP_GLOBAL_SET:
      return in->index[0] < function->module->n_globals ? SOUK_MODULE_OK : SOUK_MODULE_INDEX;
    case WASM_OP_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL_INDIRECT:
      return in->index[0] < function->module->types->len ? SOUK_MODULE_OK : SOUK_MODULE_INDEX;
    }
  return SOUK_MODULE_OK;
}

/* Puts what has to stand before the instruction. */
static void
put_before (Function *function, const Instruction *in)
{
  const SoukModuleOptions *options = function->module->options;

  if (in->op == WASM_OP_MEMORY_GROW)
    put_length_charge (function, -10);
  if (in->op == WASM_OP_PREFIX_FC && in->sub >= 8)
    {
      bool is_bytes = in->sub == 8 || in->sub == 10 || in->sub == 11;
      bool has_length
          = is_bytes || in->sub == 12 || in->sub == 14 || in->sub == 15 || in->sub == 17;
      if (has_length)
        put_length_charge (function, is_bytes ? 3 : 0);
    }
  if (options->depth && (in->op == WASM_OP_RETURN_CALL || in->op == WASM_OP_RETURN_CALL_INDIRECT))
    put_depth_exit (function, function->run);
  if (!options->canonical_nan)
    return;
  /* The bits of a float are seen only where it is stored, reinterpreted, gives its sign away or
   * becomes part of a vector. */
  bool to_vector = in->op == WASM_OP_PREFIX_FD;
  if (in->op == WASM_OP_F32_STORE || in->op == WASM_OP_I32_REINTERPRET
      || in->op == WASM_OP_F32_COPYSIGN || (to_vector && (in->sub == 0x13 || in->sub == 0x20)))
    put_canonical_scalar (function, false);
  if (in->op == WASM_OP_F64_STORE || in->op == WASM_OP_I64_REINTERPRET
      || in->op == WASM_OP_F64_COPYSIGN || (to_vector && (in->sub == 0x14 || in->sub == 0x22)))
    put_canonical_scalar (function, true);
}

/* Puts the instruction and what has to stand behind it. */
static void
put_instruction (Function *function, const Instruction *in)
{
  const SoukModuleOptions *options = function->module->options;

  if (options->depth && in->op == WASM_OP_RETURN)
    put_index (function->run, WASM_OP_BR, function->nesting - 1);
  else if (options->depth && in->op == WASM_OP_DELEGATE && in->index[0] == function->nesting - 2)
    /* To the function itself, not to the block around its body: engines want a try or a function. */
    put_index (function->run, WASM_OP_DELEGATE, in->index[0] + 1);
  else
    wasm_put (function->run, in->from, (size_t)(in->to - in->from));
  if (options->depth && (in->op == WASM_OP_CATCH || in->op == WASM_OP_CATCH_ALL))
    {
      put_index (function->run, WASM_OP_LOCAL_GET, added_local (function, LOCAL_DEPTH));
      put_index (function->run, WASM_OP_GLOBAL_SET, function->module->depth_global);
    }
  if (options->canonical_nan && in->op == WASM_OP_PREFIX_FD && wasm_simd_makes_nan[in->sub])
    put_canonical_vector (function, wasm_simd_makes_nan[in->sub] == 2);
}

static void
end_run (Function *function, bool next_check)
{
  if (function->module->options->fuel > 0)
    put_charge (function->module, function->code, function->cost, function->check);
  wasm_put (function->code, function->run->data, function->run->len);
  function->run->len = 0;
  function->cost = 0;
  function->check = next_check;
}

/* Reads one instruction, rewrites it, and keeps count of the open blocks. */
static SoukModuleStatus
step (Function *function, WasmCursor *code)
{
  Instruction in = { .from = code->at };
  in.op = wasm_u8 (code);
  SoukModuleStatus status = read_immediate (function->module, code, wasm_immediates[in.op], &in);
  if (status == SOUK_MODULE_OK)
    status = check_indices (function, &in);
  if (status != SOUK_MODULE_OK || code->failed)
    return code->failed ? SOUK_MODULE_BODY : status;
  in.to = code->at;
  function->cost += wasm_fuel_cost (in.op);
  put_before (function, &in);
  put_instruction (function, &in);
  switch (in.op)
    {
    case WASM_OP_BLOCK:
      function->nesting++;
      break;
    case WASM_OP_LOOP:
      function->nesting++;
      end_run (function, true);
      break;
    case WASM_OP_IF:
    case WASM_OP_TRY:
      function->nesting++;
      end_run (function, false);
      break;
    case WASM_OP_END:
    case WASM_OP_DELEGATE:
      function->nesting--;
      end_run (function, false);
      break;
    case WASM_OP_ELSE:
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
    case WASM_OP_BR_IF:
      end_run (function, false);
      break;
    }
  return SOUK_MODULE_OK;
}

/* Counts and checks the declared variables; *out_groups is their number of groups, *out_declared
 * the bytes of these groups. */
static SoukModuleStatus
read_locals (Function *function, WasmCursor *body, uint32_t *out_groups, SoukSlice *out_declared)
{
  uint32_t groups = wasm_u32 (body);
  const uint8_t *from = body->at;
  uint64_t count = function->type->params.len;
  for (uint32_t i = 0; i < groups && !body->failed; i++)
    {
      count += wasm_u32 (body);
      if (!wasm_is_value_type (wasm_u8 (body)) && !body->failed)
        return SOUK_MODULE_GC;
      if (count > SOUK_MODULE_LOCALS_MAX)
        return SOUK_MODULE_LOCALS;
    }
  if (body->failed)
    return SOUK_MODULE_BODY;
  function->n_locals = (uint32_t)count;
  *out_groups = groups;
  *out_declared = souk_slice (from, (size_t)(body->at - from));
  return SOUK_MODULE_OK;
}

SoukModuleStatus
wasm_code_rewrite (const WasmModule *module, WasmCodeSpace *space, const WasmType *type,
                   WasmCursor *body, WasmWriter *out)
{
  Function function = { .module = module, .type = type, .code = &space->code, .run = &space->run };
  uint32_t groups = 0;
  SoukSlice declared = SOUK_SLICE_EMPTY;
  SoukModuleStatus status = SOUK_MODULE_OK;

  space->code.len = space->run.len = 0;
  function.nesting = 1;
  function.check = true;
  for (int kind = 0; kind < N_LOCAL_KINDS; kind++)
    function.slot[kind] = -1;
  SOUK_MODULE_TRY (read_locals (&function, body, &groups, &declared));
  if (module->options->depth)
    put_depth_entry (&function);
  while (function.nesting > 0 && status == SOUK_MODULE_OK)
    status = step (&function, body);
  SOUK_MODULE_TRY (status);
  if (body->at != body->end)
    return SOUK_MODULE_BODY;
  if (module->options->depth)
    {
      put_depth_exit (&function, &space->code);
      wasm_put_u8 (&space->code, WASM_OP_END);
    }
  wasm_put_u32 (out, groups + function.n_added);
  wasm_put (out, declared.data, declared.len);
  for (uint32_t i = 0; i < function.n_added; i++)
    WASM_PUT (out, 1, function.added[i]);
  wasm_put (out, space->code.data, space->code.len);
  return space->code.full || space->run.full || out->full ? SOUK_MODULE_TOO_LARGE_AFTER
                                                          : SOUK_MODULE_OK;
}

SoukModuleStatus
wasm_code_skip_constant (const WasmModule *module, WasmCursor *cursor)
{
  for (;;)
    {
      Instruction in = { .from = cursor->at };
      in.op = wasm_u8 (cursor);
      if (cursor->failed)
        return SOUK_MODULE_TRUNCATED;
      switch (in.op)
        {
        case WASM_OP_END:
          return SOUK_MODULE_OK;
        case WASM_OP_I32_CONST ... WASM_OP_F64_CONST:
        case WASM_OP_REF_NULL:
        case WASM_OP_REF_FUNC:
        case WASM_OP_PREFIX_FD:
          break;
        case WASM_OP_GLOBAL_GET: /* of imported globals only, and there are none */
          return SOUK_MODULE_INDEX;
        case WASM_OP_I32_ADD ... WASM_OP_I32_MUL:
        case WASM_OP_I64_ADD ... WASM_OP_I64_MUL:
          return SOUK_MODULE_EXTENDED_CONST;
        default:
          return wasm_immediates[in.op] == WASM_IMM_GC ? SOUK_MODULE_GC : SOUK_MODULE_INSTRUCTION;
        }
      SOUK_MODULE_TRY (read_immediate (module, cursor, wasm_immediates[in.op], &in));
      if (in.op == WASM_OP_PREFIX_FD && in.sub != WASM_SIMD_CONST)
        return SOUK_MODULE_INSTRUCTION;
    }
}
