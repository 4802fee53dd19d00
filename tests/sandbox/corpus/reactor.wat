;; SPDX-License-Identifier: GPL-3.0-or-later
;; Has no _start.
(module
  (memory (export "memory") 1)
  (func (export "run")))
