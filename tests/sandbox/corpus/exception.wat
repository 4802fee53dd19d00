;; SPDX-License-Identifier: GPL-3.0-or-later
;; Throws an exception that nobody catches.
(module
  (tag $oops)
  (func (export "_start") (throw $oops)))
