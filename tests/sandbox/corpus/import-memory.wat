;; SPDX-License-Identifier: GPL-3.0-or-later
;; Wants the host to bring the memory.
(module
  (import "wasi_snapshot_preview1" "memory" (memory 1))
  (func (export "_start")))
