;; SPDX-License-Identifier: GPL-3.0-or-later
;; Calls a function of another type through the table.
(module
  (type $wide (func (param i64)))
  (table 1 funcref)
  (elem (i32.const 0) $plain)
  (func $plain)
  (func (export "_start") (call_indirect (type $wide) (i64.const 0) (i32.const 0))))
