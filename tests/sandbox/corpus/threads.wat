;; SPDX-License-Identifier: GPL-3.0-or-later
;; Wants shared memory and atomic instructions.
(module
  (memory (export "memory") 1 1 shared)
  (func (export "_start") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))
