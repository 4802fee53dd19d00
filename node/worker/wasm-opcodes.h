/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What follows each WebAssembly opcode, and what it costs in fuel: tables. PURE.
 *
 * Source: WebAssembly core specification 2.0, section 5.4, with the tail-call and the first
 * exception-handling proposal. Opcodes of refused proposals are named, so that the refusal can be.
 * The costs are part of the protocol: two nodes that run a job must count the same fuel.
 */
#pragma once
#include <stdint.h>

typedef enum {
  WASM_IMM_UNKNOWN,
  WASM_IMM_NONE,
  WASM_IMM_BLOCK,    /* a block type */
  WASM_IMM_INDEX,    /* one index */
  WASM_IMM_INDEX_2,  /* two indices */
  WASM_IMM_BR_TABLE, /* a vector of labels and one label */
  WASM_IMM_SELECT,   /* a vector of value types */
  WASM_IMM_MEMARG,   /* alignment and offset */
  WASM_IMM_MEMORY,   /* a memory index, 0 here */
  WASM_IMM_MEMORY_2,
  WASM_IMM_INDEX_MEMORY,
  WASM_IMM_LEB_32,
  WASM_IMM_LEB_64,
  WASM_IMM_FIXED, /* bytes: 4 of a float, 8 of a double, 16 of a vector, 1 of a lane */
  WASM_IMM_MEMARG_LANE,
  WASM_IMM_HEAP_TYPE,
  WASM_IMM_PREFIX, /* a number, then what that asks for */
  WASM_IMM_THREADS,
  WASM_IMM_GC,
  WASM_IMM_TRY_TABLE,
} WasmImmediate;

enum {
  WASM_OP_UNREACHABLE = 0x00,
  WASM_OP_BLOCK = 0x02,
  WASM_OP_LOOP = 0x03,
  WASM_OP_IF = 0x04,
  WASM_OP_ELSE = 0x05,
  WASM_OP_TRY = 0x06,
  WASM_OP_CATCH = 0x07,
  WASM_OP_END = 0x0b,
  WASM_OP_BR = 0x0c,
  WASM_OP_BR_IF = 0x0d,
  WASM_OP_RETURN = 0x0f,
  WASM_OP_CALL_INDIRECT = 0x11,
  WASM_OP_RETURN_CALL = 0x12,
  WASM_OP_RETURN_CALL_INDIRECT = 0x13,
  WASM_OP_DELEGATE = 0x18,
  WASM_OP_CATCH_ALL = 0x19,
  WASM_OP_SELECT = 0x1b,
  WASM_OP_LOCAL_GET = 0x20,
  WASM_OP_LOCAL_TEE = 0x22,
  WASM_OP_GLOBAL_GET = 0x23,
  WASM_OP_GLOBAL_SET = 0x24,
  WASM_OP_F32_STORE = 0x38,
  WASM_OP_F64_STORE = 0x39,
  WASM_OP_MEMORY_GROW = 0x40,
  WASM_OP_I32_CONST = 0x41,
  WASM_OP_I64_CONST = 0x42,
  WASM_OP_F32_CONST = 0x43,
  WASM_OP_F64_CONST = 0x44,
  WASM_OP_I32_GT_U = 0x4b,
  WASM_OP_I64_LT_S = 0x53,
  WASM_OP_F32_EQ = 0x5b,
  WASM_OP_F64_EQ = 0x61,
  WASM_OP_I32_ADD = 0x6a,
  WASM_OP_I32_SUB = 0x6b,
  WASM_OP_I32_MUL = 0x6c,
  WASM_OP_I64_ADD = 0x7c,
  WASM_OP_I64_SUB = 0x7d,
  WASM_OP_I64_MUL = 0x7e,
  WASM_OP_I64_SHL = 0x86,
  WASM_OP_I64_SHR_U = 0x88,
  WASM_OP_F32_COPYSIGN = 0x98,
  WASM_OP_F64_COPYSIGN = 0xa6,
  WASM_OP_I64_EXTEND_U = 0xad,
  WASM_OP_I32_REINTERPRET = 0xbc,
  WASM_OP_I64_REINTERPRET = 0xbd,
  WASM_OP_REF_NULL = 0xd0,
  WASM_OP_REF_FUNC = 0xd2,
  WASM_OP_PREFIX_FC = 0xfc,
  WASM_OP_PREFIX_FD = 0xfd,
  WASM_SIMD_CONST = 12,
  WASM_SIMD_LANES = 21, /* the first that names a lane */
};

static const uint8_t wasm_immediates[256] = {
  [0x00] = WASM_IMM_NONE,
  [0x01] = WASM_IMM_NONE,
  [0x02 ... 0x04] = WASM_IMM_BLOCK,
  [0x05] = WASM_IMM_NONE,
  [0x06] = WASM_IMM_BLOCK,
  [0x07 ... 0x09] = WASM_IMM_INDEX,
  [0x0a] = WASM_IMM_TRY_TABLE,
  [0x0b] = WASM_IMM_NONE,
  [0x0c ... 0x0d] = WASM_IMM_INDEX,
  [0x0e] = WASM_IMM_BR_TABLE,
  [0x0f] = WASM_IMM_NONE,
  [0x10] = WASM_IMM_INDEX,
  [0x11] = WASM_IMM_INDEX_2,
  [0x12] = WASM_IMM_INDEX,
  [0x13] = WASM_IMM_INDEX_2,
  [0x14 ... 0x15] = WASM_IMM_GC,
  [0x18] = WASM_IMM_INDEX,
  [0x19 ... 0x1b] = WASM_IMM_NONE,
  [0x1c] = WASM_IMM_SELECT,
  [0x1f] = WASM_IMM_TRY_TABLE,
  [0x20 ... 0x26] = WASM_IMM_INDEX,
  [0x28 ... 0x3e] = WASM_IMM_MEMARG,
  [0x3f ... 0x40] = WASM_IMM_MEMORY,
  [0x41] = WASM_IMM_LEB_32,
  [0x42] = WASM_IMM_LEB_64,
  [0x43] = WASM_IMM_FIXED,
  [0x44] = WASM_IMM_FIXED,
  [0x45 ... 0xc4] = WASM_IMM_NONE,
  [0xd0] = WASM_IMM_HEAP_TYPE,
  [0xd1] = WASM_IMM_NONE,
  [0xd2] = WASM_IMM_INDEX,
  [0xd3 ... 0xd6] = WASM_IMM_GC,
  [0xfb] = WASM_IMM_GC,
  [0xfc] = WASM_IMM_PREFIX,
  [0xfd] = WASM_IMM_PREFIX,
  [0xfe] = WASM_IMM_THREADS,
};

/* After 0xFC: saturating conversions, bulk memory, tables. */
static const uint8_t wasm_immediates_fc[18] = {
  [0 ... 7] = WASM_IMM_NONE, [8] = WASM_IMM_INDEX_MEMORY, [9] = WASM_IMM_INDEX,
  [10] = WASM_IMM_MEMORY_2,  [11] = WASM_IMM_MEMORY,      [12] = WASM_IMM_INDEX_2,
  [13] = WASM_IMM_INDEX,     [14] = WASM_IMM_INDEX_2,     [15 ... 17] = WASM_IMM_INDEX,
};

/* After 0xFD: SIMD. What is 0 here is an instruction without immediates. */
static const uint8_t wasm_immediates_fd[256] = {
  [0 ... 11] = WASM_IMM_MEMARG,       [12 ... 13] = WASM_IMM_FIXED,  [21 ... 34] = WASM_IMM_FIXED,
  [84 ... 91] = WASM_IMM_MEMARG_LANE, [92 ... 93] = WASM_IMM_MEMARG,
};

/* SIMD instructions whose result may be a NaN of any bits: 1 for four floats, 2 for two doubles. */
static const uint8_t wasm_simd_makes_nan[256] = {
  [0x5e] = 1,          /* f32x4.demote_f64x2_zero */
  [0x5f] = 2,          /* f64x2.promote_low_f32x4 */
  [0x67 ... 0x6a] = 1, /* ceil, floor, trunc, nearest */
  [0x74 ... 0x75] = 2, /* ceil, floor */
  [0x7a] = 2,          /* trunc */
  [0x94] = 2,          /* nearest */
  [0xe3 ... 0xe9] = 1, /* sqrt, add, sub, mul, div, min, max */
  [0xef] = 2,          /* sqrt */
  [0xf0 ... 0xf5] = 2, /* add, sub, mul, div, min, max */
};

/* Fuel of one instruction. Structure is free, calls and divisions are dear, the rest costs one. */
static inline uint32_t
wasm_fuel_cost (uint8_t op)
{
  static const uint16_t more[256] = {
    [0x10 ... 0x13] = 9,                      /* calls */
    [0x6d ... 0x70] = 9, [0x7f ... 0x82] = 9, /* integer division */
    [0x91] = 9,          [0x95] = 9,
    [0x9f] = 9,          [0xa3] = 9, /* square root, float division */
    [0x3f] = 9,          [WASM_OP_MEMORY_GROW] = 999,
  };
  switch (op)
    {
    case 0x01:
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_ELSE:
    case WASM_OP_END:
      return 0;
    }
  return 1 + more[op];
}
