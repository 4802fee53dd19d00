/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The error domain of the wallet. GLIB. See error.h.
 */
#include "wallet/error.h"

G_DEFINE_QUARK (souk - wallet - error - quark, souk_wallet_error)
