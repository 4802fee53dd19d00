;; SPDX-License-Identifier: GPL-3.0-or-later
;; Loops before its _start is reached.
(module
  (func $early (loop $again (br $again)))
  (start $early)
  (func (export "_start")))
