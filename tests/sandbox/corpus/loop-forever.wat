;; SPDX-License-Identifier: GPL-3.0-or-later
;; Never ends and never calls.
(module
  (func (export "_start") (loop $again (br $again))))
