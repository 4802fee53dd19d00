;; SPDX-License-Identifier: GPL-3.0-or-later
;; Takes table entries until it gets no more, then tells by its exit code how many.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (table $t 0 funcref)
  (func (export "_start")
    (loop $again
      (br_if $again (i32.ne (table.grow $t (ref.null func) (i32.const 10000)) (i32.const -1))))
    (call $exit (table.size $t))))
