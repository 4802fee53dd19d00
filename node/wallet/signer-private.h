/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For wallet/ alone: the key itself, for an encrypted export. GLIB.
 */
#pragma once
#include "wallet/signer.h"

/* Copies the key; the caller clears it. */
void souk_signer_copy_secret (SoukSigner *self, uint8_t out_secret[32]);
