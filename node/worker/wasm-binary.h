/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading and writing of the WebAssembly binary format: LEB128 numbers, bytes, names. PURE.
 *
 * The cursor is poisoned by a read past its end and then gives zeros, as SoukReader does; it is
 * separate because this format is little-endian and because the metering pass reads every byte of
 * modules of 64 MiB, so that each read has to be inlined.
 */
#pragma once
#include "base/bytes.h"

#include <string.h>

typedef struct {
  const uint8_t *at, *end;
  bool failed;
} WasmCursor;

static inline WasmCursor
wasm_cursor (const uint8_t *data, size_t len)
{
  return (WasmCursor){ data, data + len, false };
}

static inline size_t
wasm_left (const WasmCursor *cursor)
{
  return (size_t)(cursor->end - cursor->at);
}

static inline void
wasm_poison (WasmCursor *cursor)
{
  cursor->failed = true;
  cursor->at = cursor->end;
}

static inline uint8_t
wasm_u8 (WasmCursor *cursor)
{
  if (G_UNLIKELY (cursor->at >= cursor->end))
    {
      cursor->failed = true;
      return 0;
    }
  return *cursor->at++;
}

static inline void
wasm_skip (WasmCursor *cursor, size_t len)
{
  if (G_UNLIKELY (len > wasm_left (cursor)))
    wasm_poison (cursor);
  else
    cursor->at += len;
}

/* An unsigned LEB128 of at most 32 bits. */
static inline uint32_t
wasm_u32 (WasmCursor *cursor)
{
  uint64_t value = 0;
  for (int shift = 0; shift < 35; shift += 7)
    {
      uint8_t byte = wasm_u8 (cursor);
      value |= (uint64_t)(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        {
          if (value > UINT32_MAX)
            cursor->failed = true;
          return (uint32_t)value;
        }
    }
  wasm_poison (cursor);
  return 0;
}

/* Steps over a LEB128 of at most `size_max` bytes, signed or unsigned; the engine checks its value. */
static inline void
wasm_skip_leb (WasmCursor *cursor, int size_max)
{
  for (int i = 0; i < size_max; i++)
    if (!(wasm_u8 (cursor) & 0x80))
      return;
  wasm_poison (cursor);
}

/* Takes the next `len` bytes as a cursor of their own. */
static inline WasmCursor
wasm_take (WasmCursor *cursor, size_t len)
{
  const uint8_t *from = cursor->at;
  if (len > wasm_left (cursor))
    {
      wasm_poison (cursor);
      return (WasmCursor){ cursor->end, cursor->end, true };
    }
  cursor->at += len;
  return wasm_cursor (from, len);
}

static inline SoukSlice
wasm_name (WasmCursor *cursor)
{
  uint32_t len = wasm_u32 (cursor);
  WasmCursor name = wasm_take (cursor, len);
  return souk_slice (name.at, wasm_left (&name));
}

/* A growing run of bytes. A writer that passed its maximum is `full` and drops what comes. */
typedef struct {
  uint8_t *data;
  size_t len, room, max;
  bool full;
} WasmWriter;

static inline void
wasm_writer_clear (WasmWriter *writer)
{
  g_clear_pointer (&writer->data, g_free);
  writer->len = writer->room = 0;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WasmWriter, wasm_writer_clear)

/* Makes room for `more` bytes. Returns: false when the maximum forbids it. */
static inline bool
wasm_reserve (WasmWriter *writer, size_t more)
{
  if (G_LIKELY (more <= writer->room - writer->len))
    return true;
  if (writer->full || more > writer->max - writer->len)
    {
      writer->full = true;
      return false;
    }
  writer->room = MIN (writer->max, MAX (writer->len + more, MAX (256, writer->room * 2)));
  writer->data = g_realloc (writer->data, writer->room);
  return true;
}

static inline void
wasm_put (WasmWriter *writer, const void *bytes, size_t len)
{
  if (len == 0 || !wasm_reserve (writer, len))
    return;
  memcpy (writer->data + writer->len, bytes, len);
  writer->len += len;
}

static inline void
wasm_put_u8 (WasmWriter *writer, uint8_t byte)
{
  if (wasm_reserve (writer, 1))
    writer->data[writer->len++] = byte;
}

static inline void
wasm_put_u32 (WasmWriter *writer, uint64_t value)
{
  for (; value > 0x7f; value >>= 7)
    wasm_put_u8 (writer, (uint8_t)(value | 0x80));
  wasm_put_u8 (writer, (uint8_t)value);
}

/* A signed LEB128, as the operands of i32.const and i64.const are. */
static inline void
wasm_put_s64 (WasmWriter *writer, int64_t value)
{
  for (;;)
    {
      uint8_t byte = value & 0x7f;
      value >>= 7;
      if ((value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40)))
        {
          wasm_put_u8 (writer, byte);
          return;
        }
      wasm_put_u8 (writer, byte | 0x80);
    }
}

#define WASM_PUT(writer, ...)                                                                      \
  do                                                                                               \
    {                                                                                              \
      const uint8_t wasm_put_bytes_[] = { __VA_ARGS__ };                                           \
      wasm_put ((writer), wasm_put_bytes_, sizeof wasm_put_bytes_);                                \
    }                                                                                              \
  while (0)
