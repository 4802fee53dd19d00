;; SPDX-License-Identifier: GPL-3.0-or-later
;; Imports a WASI function with parameters of its own choice.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param f64) (result i32)))
  (func (export "_start") (drop (call $write (f64.const 0)))))
