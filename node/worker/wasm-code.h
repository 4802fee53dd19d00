/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of the module pass that reads function bodies; private to wasm-module.c. PURE.
 */
#pragma once
#include "worker/wasm-binary.h"
#include "worker/wasm-module.h"

/* One function type. The slices look into the module. */
typedef struct {
  SoukSlice params, results;
  uint32_t block_type; /* index of the type [] -> results; only with two results or more */
} WasmType;

/* What the sections before the code say. */
typedef struct {
  const SoukModuleOptions *options;
  GArray *types;     /* of WasmType, those of the module */
  uint32_t n_types;  /* with those that the pass adds */
  GArray *functions; /* of uint32_t: the type of each function that has a body */
  uint32_t n_imports;
  uint32_t n_globals; /* the module's own; the pass adds one or two behind them */
  uint32_t fuel_global, depth_global;
  bool has_start;
} WasmModule;

/* True for a value type of the profile. */
static inline bool
wasm_is_value_type (uint8_t type)
{
  return (type >= 0x7b && type <= 0x7f) || type == 0x70 || type == 0x6f;
}

/* Room that is used again for each function. */
typedef struct {
  WasmWriter code, run;
} WasmCodeSpace;

/* Returns from the calling function when `expr` is not OK. */
#define SOUK_MODULE_TRY(expr)                                                                      \
  do                                                                                               \
    {                                                                                              \
      SoukModuleStatus module_try_status_ = (expr);                                                \
      if (module_try_status_ != SOUK_MODULE_OK)                                                    \
        return module_try_status_;                                                                 \
    }                                                                                              \
  while (0)

/* Reads one body (locals and code, without its size) of the type `type` and writes it, rewritten,
 * to `out`. Returns: OK, or what is wrong. */
SoukModuleStatus wasm_code_rewrite (const WasmModule *module, WasmCodeSpace *space,
                                    const WasmType *type, WasmCursor *body, WasmWriter *out);

/* Steps over one constant expression with its end. Returns: OK, or what is wrong with it. */
SoukModuleStatus wasm_code_skip_constant (const WasmModule *module, WasmCursor *cursor);
