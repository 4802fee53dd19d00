/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JavaScriptCore, through its GLib interface, as the worker's engine. The only file that knows it.
 *
 * The program never sees JavaScript: the one script that runs is the glue below, and no text of
 * the job is evaluated. A call goes like this: the glue stores the arguments into a buffer that C
 * owns (64-bit ones through a BigInt64Array, as the GLib interface has no big integers), calls C
 * with the function's number, and gets the WASI error back; about half a microsecond.
 *
 * The engine gives out the program's memory as a typed array, never as an array buffer. After the
 * memory grew, its buffer object is another one, which the glue notices before each call.
 *
 * A program that has ended is not returned to: the process reports and exits from inside the call.
 */
#include "worker/engine.h"

#include <jsc/jsc.h>
#include <string.h>

/* Where the glue finds the fuel that a call cost: behind the arguments, in units of 32 bits. */
#define WORK_WORD (2 * SOUK_WASI_ARGS_MAX)

struct SoukEngine {
  JSCContext *context;
  JSCValue *glue;
  JSCValue *job;    /* what the glue made of the module */
  JSCValue *memory; /* keeps wasi->memory alive */
  SoukWasiArg shared[SOUK_WASI_ARGS_MAX + 1];
  SoukWasi *wasi;
  bool is_metered;
  SoukEngineEndFunc end;
  void *user;
};

/* I and L are the 32-bit and 64-bit views of engine->shared. `table` is [name, arguments, wide]. */
static const char glue_text[]
    = "(function (bytes, shared, call, setMemory, table, work) {\n"
      "  'use strict';\n"
      "  const I = new Int32Array(shared), L = new BigInt64Array(shared);\n"
      "  let memory = null, buffer = null, fuel = null, depth = null;\n"
      "  const sync = () => {\n"
      "    if (memory === null || memory.buffer === buffer) return;\n"
      "    buffer = memory.buffer;\n"
      "    setMemory(new Uint8Array(buffer));\n"
      "  };\n"
      "  const run = (i) => {\n"
      "    sync();\n"
      "    const error = call(i);\n"
      "    if (I[work] !== 0) {\n"
      "      if (fuel !== null) fuel.value -= BigInt(I[work]);\n"
      "      I[work] = 0;\n"
      "    }\n"
      "    return error;\n"
      "  };\n"
      "  const functions = (first) => {\n"
      "    const wasi = Object.create(null);\n"
      "    table.forEach(([name, count, wide], i) => {\n"
      "      const names = [], stores = [];\n"
      "      for (let k = 0; k < count; k++) {\n"
      "        names.push('a' + k);\n"
      "        stores.push(wide >> k & 1 ? `L[${k}]=a${k};` : `I[${2 * k}]=a${k};`);\n"
      "      }\n"
      "      wasi[name] = new Function('I', 'L', 'run',\n"
      "        `return (${names}) => { ${stores.join('')} return run(${first + i}); }`)(I, L, "
      "run);\n"
      "    });\n"
      "    return wasi;\n"
      "  };\n"
      "  const module = new WebAssembly.Module(bytes);\n"
      "  let instance = null;\n"
      "  return {\n"
      "    instantiate () {\n"
      "      instance = new WebAssembly.Instance(module,\n"
      "        { wasi_snapshot_preview1: functions(0), wasi_unstable: functions(table.length) });\n"
      "      const e = instance.exports;\n"
      "      if (e.memory instanceof WebAssembly.Memory) memory = e.memory;\n"
      "      fuel = e.__fuel ?? null;\n"
      "      depth = e.__depth ?? null;\n"
      "      sync();\n"
      "    },\n"
      "    start () {\n"
      "      instance.exports.__begin?.();\n"
      "      instance.exports._start();\n"
      "    },\n"
      "    measure () {\n"
      "      L[0] = fuel === null ? 0x7fffffffffffffffn : fuel.value;\n"
      "      L[1] = depth === null ? 0n : BigInt(depth.value);\n"
      "    },\n"
      "  };\n"
      "})";

/* What the engine says of a trap begins like this. */
static const struct {
  const char *text;
  SoukExecTrap trap;
} trap_texts[] = {
  { "Unreachable code", SOUK_EXEC_TRAP_UNREACHABLE },
  { "Out of bounds memory access", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "Out of bounds table", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "Out of bounds call_indirect", SOUK_EXEC_TRAP_INDIRECT_CALL },
  { "Out of bounds Trunc", SOUK_EXEC_TRAP_CONVERSION },
  { "Out of bounds", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "call_indirect", SOUK_EXEC_TRAP_INDIRECT_CALL },
  { "Division by zero", SOUK_EXEC_TRAP_DIVISION },
  { "Integer overflow", SOUK_EXEC_TRAP_DIVISION },
  { "Offset + bytecount", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "Element segment", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "Data segment", SOUK_EXEC_TRAP_OUT_OF_BOUNDS },
  { "Maximum call stack size exceeded", SOUK_EXEC_TRAP_ENGINE_STACK },
  { "wasm exception", SOUK_EXEC_TRAP_EXCEPTION },
};

static SoukExecTrap
trap_from_exception (const char *message)
{
  for (unsigned i = 0; message != NULL && i < G_N_ELEMENTS (trap_texts); i++)
    if (g_str_has_prefix (message, trap_texts[i].text))
      return trap_texts[i].trap;
  /* What a program throws is no Error and has no words. */
  if (message == NULL || *message == '\0')
    return SOUK_EXEC_TRAP_EXCEPTION;
  return SOUK_EXEC_TRAP_OTHER;
}

/* Fills in what the program's globals say, and ends the process through the worker. */
static void G_GNUC_NORETURN
finish (SoukEngine *self, SoukEngineEnd *end)
{
  end->fuel_left = INT64_MAX; /* nothing was used before the program began */
  if (self->job != NULL)
    {
      jsc_context_clear_exception (self->context);
      g_autoptr (JSCValue) result
          = jsc_value_object_invoke_method (self->job, "measure", G_TYPE_NONE);
      int64_t depth = (int64_t)self->shared[1].u64;
      end->fuel_left = (int64_t)self->shared[0].u64;
      if (end->failure == SOUK_EXEC_TRAP && depth > SOUK_MODULE_DEPTH_MAX)
        {
          end->trap = SOUK_EXEC_TRAP_STACK_OVERFLOW;
          end->reason = "The program calls itself too deeply.";
        }
    }
  if (self->is_metered && end->fuel_left < 0)
    {
      end->failure = SOUK_EXEC_OUT_OF_FUEL;
      end->trap = SOUK_EXEC_TRAP_NONE;
      end->reason = NULL;
    }
  self->end (end, self->user);
  g_assert_not_reached ();
}

static void G_GNUC_NORETURN
finish_with (SoukEngine *self, SoukExecFailure failure, const char *reason)
{
  SoukEngineEnd end = { .failure = failure, .reason = reason };
  finish (self, &end);
}

/* A WASI function, called by the glue. */
static int
on_call (int index, SoukEngine *self)
{
  SoukWasi *wasi = self->wasi;
  memcpy (wasi->args, self->shared, sizeof wasi->args);
  /* The glue numbers the functions of wasi_unstable behind the others. */
  wasi->is_unstable = (unsigned)index >= souk_wasi_n_functions;
  uint32_t error = souk_wasi_call (wasi, (unsigned)index % souk_wasi_n_functions);
  if (G_UNLIKELY (wasi->ended))
    {
      SoukEngineEnd end = {
        .failure = wasi->failure,
        .exit_code = wasi->exit_code,
        .reason = wasi->reason,
      };
      finish (self, &end);
    }
  self->shared[SOUK_WASI_ARGS_MAX].u64 = MIN (wasi->work, INT32_MAX);
  wasi->work = 0;
  return (int)error;
}

/* The program's memory is another one, or has grown. */
static void
on_memory (JSCValue *array, SoukEngine *self)
{
  gsize len = 0;
  g_set_object (&self->memory, array);
  self->wasi->memory = jsc_value_typed_array_get_data (array, &len);
  self->wasi->memory_len = self->wasi->memory != NULL ? len : 0;
}

/* Ends the process when the last step threw; `failure` is what that means in this step. */
static void
check_exception (SoukEngine *self, SoukExecFailure failure)
{
  JSCException *exception = jsc_context_get_exception (self->context);
  if (exception == NULL)
    return;
  g_autoptr (JSCException) kept = g_object_ref (exception);
  g_autofree char *message = g_strdup (jsc_exception_get_message (kept));
  /* The engine adds which line of the glue it was at. */
  char *glue_part = message != NULL ? strstr (message, " (evaluating '") : NULL;
  if (glue_part != NULL)
    *glue_part = '\0';
  SoukEngineEnd end = { .failure = failure, .reason = message };
  if (failure == SOUK_EXEC_TRAP)
    end.trap = trap_from_exception (message);
  /* An engine that cannot get memory for a module says so in words only. */
  else if (message != NULL && strstr (message, "ut of memory") != NULL)
    end.failure = SOUK_EXEC_MEMORY_LIMIT;
  finish (self, &end);
}

SoukEngine *
souk_engine_new (void)
{
  SoukEngine *self = g_new0 (SoukEngine, 1);
  self->context = jsc_context_new ();
  self->glue = jsc_context_evaluate (self->context, glue_text, -1);
  if (jsc_context_get_exception (self->context) != NULL || !jsc_value_is_function (self->glue))
    return NULL;
  return self;
}

/* The table of functions as the glue wants it. */
static JSCValue *
make_table (SoukEngine *self)
{
  g_autoptr (GString) json = g_string_new ("[");
  for (unsigned i = 0; i < souk_wasi_n_functions; i++)
    g_string_append_printf (json, "%s[\"%s\",%u,%u]", i > 0 ? "," : "", souk_wasi_functions[i].name,
                            souk_wasi_functions[i].n_args, souk_wasi_functions[i].wide);
  g_string_append_c (json, ']');
  return jsc_value_new_from_json (self->context, json->str);
}

void
souk_engine_run (SoukEngine *self, GBytes *module, bool is_metered, SoukWasi *wasi,
                 SoukEngineEndFunc end, void *user)
{
  JSCContext *context = self->context;
  gsize size;
  void *data = g_bytes_unref_to_data (module, &size);

  self->wasi = wasi;
  self->is_metered = is_metered;
  self->end = end;
  self->user = user;
  JSCValue *bytes = jsc_value_new_array_buffer (context, data, size, g_free, data);
  JSCValue *shared
      = jsc_value_new_array_buffer (context, self->shared, sizeof self->shared, NULL, NULL);
  JSCValue *call = jsc_value_new_function (context, "call", G_CALLBACK (on_call), self, NULL,
                                           G_TYPE_INT, 1, G_TYPE_INT);
  JSCValue *set_memory = jsc_value_new_function (context, "setMemory", G_CALLBACK (on_memory), self,
                                                 NULL, G_TYPE_NONE, 1, JSC_TYPE_VALUE);
  JSCValue *job
      = jsc_value_function_call (self->glue, JSC_TYPE_VALUE, bytes, JSC_TYPE_VALUE, shared,
                                 JSC_TYPE_VALUE, call, JSC_TYPE_VALUE, set_memory, JSC_TYPE_VALUE,
                                 make_table (self), G_TYPE_INT, WORK_WORD, G_TYPE_NONE);
  /* The module is the engine's now; its source is not needed any more, and it may be large. */
  g_object_unref (bytes);
  check_exception (self, SOUK_EXEC_BAD_MODULE);
  self->job = job;
  g_autoptr (JSCValue) made = jsc_value_object_invoke_method (job, "instantiate", G_TYPE_NONE);
  check_exception (self, SOUK_EXEC_TRAP);
  g_autoptr (JSCValue) ran = jsc_value_object_invoke_method (job, "start", G_TYPE_NONE);
  check_exception (self, SOUK_EXEC_TRAP);
  finish_with (self, SOUK_EXEC_NONE, NULL);
}
