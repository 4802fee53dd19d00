;; SPDX-License-Identifier: GPL-3.0-or-later
;; Tries to outlive proc_exit by catching whatever is thrown to stop it.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "_start")
    (loop $again
      (try
        (do (call $exit (i32.const 7)))
        (catch_all (br $again)))
      (br $again))))
