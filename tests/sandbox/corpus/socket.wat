;; SPDX-License-Identifier: GPL-3.0-or-later
;; Asks for sockets; exits with the number of calls that did not answer ENOSYS.
(module
  (import "wasi_snapshot_preview1" "sock_open" (func $open (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $exit (i32.add
      (i32.ne (call $open (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 52))
      (i32.ne (call $send (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
              (i32.const 52))))))
