;; SPDX-License-Identifier: GPL-3.0-or-later
;; Declares a table of nine million entries.
(module
  (table 9000000 funcref)
  (func (export "_start")))
