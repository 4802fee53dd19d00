;; SPDX-License-Identifier: GPL-3.0-or-later
;; Looks for the metering: a global of its own has to stay its own.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (global $mine (mut i64) (i64.const 3))
  (func (export "_start")
    (global.set $mine (i64.add (global.get $mine) (i64.const 4)))
    (call $exit (i32.wrap_i64 (global.get $mine)))))
