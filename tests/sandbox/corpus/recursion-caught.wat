;; SPDX-License-Identifier: GPL-3.0-or-later
;; Calls itself without end and catches the overflow, again and again.
(module
  (func $deep (param i64) (result i64)
    (try (result i64)
      (do (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
      (catch_all (i64.const 0))))
  (func (export "_start") (loop $again (drop (call $deep (i64.const 0))) (br $again))))
