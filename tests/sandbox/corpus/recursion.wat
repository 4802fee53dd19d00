;; SPDX-License-Identifier: GPL-3.0-or-later
;; Calls itself without end, with a frame of some size.
(module
  (func $deep (param i64 i64) (result i64)
    (i64.add (call $deep (i64.add (local.get 0) (i64.const 1)) (local.get 1)) (local.get 0)))
  (func (export "_start") (drop (call $deep (i64.const 0) (i64.const 0)))))
