;; SPDX-License-Identifier: GPL-3.0-or-later
;; Ends itself in the start function, before _start is reached.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func $early (call $exit (i32.const 5)))
  (start $early)
  (func (export "_start") (call $exit (i32.const 6))))
