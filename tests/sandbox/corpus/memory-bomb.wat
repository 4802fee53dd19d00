;; SPDX-License-Identifier: GPL-3.0-or-later
;; Takes memory page by page, writes to each, and traps when it gets no more.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $page i32)
    (loop $again
      (local.set $page (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
      (i32.store (i32.shl (local.get $page) (i32.const 16)) (i32.const 1))
      (br $again))))
