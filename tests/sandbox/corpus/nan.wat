;; SPDX-License-Identifier: GPL-3.0-or-later
;; Makes a NaN and exits with its top bits, which processors disagree about.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func $divide (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
  (func (export "_start")
    (call $exit (i32.wrap_i64 (i64.shr_u
      (i64.reinterpret_f64 (call $divide (f64.const 0) (f64.const 0))) (i64.const 48))))))
