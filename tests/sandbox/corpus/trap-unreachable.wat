;; SPDX-License-Identifier: GPL-3.0-or-later
;; A trap that catch_all must not hide.
(module
  (func (export "_start")
    (try (do (unreachable)) (catch_all))))
