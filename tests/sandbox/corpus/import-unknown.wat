;; SPDX-License-Identifier: GPL-3.0-or-later
;; Imports a function that no WASI has.
(module
  (import "wasi_snapshot_preview1" "system" (func $system (param i32) (result i32)))
  (func (export "_start") (drop (call $system (i32.const 0)))))
