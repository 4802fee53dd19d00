;; SPDX-License-Identifier: GPL-3.0-or-later
;; Turns a float into an integer that cannot hold it.
(module
  (func $convert (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "_start") (drop (call $convert (f64.const 1e300)))))
