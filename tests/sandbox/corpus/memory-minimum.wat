;; SPDX-License-Identifier: GPL-3.0-or-later
;; Declares more memory than a job gets.
(module
  (memory (export "memory") 65536)
  (func (export "_start")))
