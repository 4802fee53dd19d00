/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Wallet. See wallet-page.h.
 */
#include "ui/wallet-page.h"

#include "ui/list-frame.h"
#include "ui/model/item-list.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukWalletPage {
  SoukPlace parent_instance;
  AdwBanner *banner;
  GtkLabel *balance, *credit;
  AdwActionRow *address_row;
  GtkWidget *copy;
  SoukListFrame *frame;
  GtkListView *view;
  SoukItemList *transactions;
};

G_DEFINE_FINAL_TYPE (SoukWalletPage, souk_wallet_page, SOUK_TYPE_PLACE)

/* Returns: what is wrong with the chain, or NULL. */
static const char *
chain_sentence (const char *chain)
{
  if (*chain == '\0' || strcmp (chain, "none") == 0)
    return _ ("No chain is set: only what is free can be traded. Start Souk with --network.");
  if (strcmp (chain, "connecting") == 0)
    return _ ("Connecting to the chain…");
  if (strcmp (chain, "unreachable") == 0)
    return _ ("The chain cannot be reached. Payments wait and are sent when it can.");
  return NULL;
}

static void
on_account_changed (SoukWalletPage *self)
{
  SoukItem *account = souk_client_account (souk_place_client (SOUK_PLACE (self)));
  g_autofree char *address = souk_item_dup_text (account, "address");
  g_autofree char *balance = souk_item_dup_text (account, "balance-text");
  g_autofree char *credit = souk_item_dup_text (account, "credit-text");
  g_autofree char *chain = souk_item_dup_text (account, "chain");
  const char *sentence = chain_sentence (chain);

  adw_action_row_set_subtitle (self->address_row, *address != '\0' ? address : _ ("None"));
  gtk_widget_set_sensitive (self->copy, *address != '\0');
  gtk_label_set_label (self->balance, *balance != '\0' ? balance : "–");
  gtk_label_set_label (self->credit, credit);
  gtk_widget_set_visible (GTK_WIDGET (self->credit), *credit != '\0');
  if (sentence != NULL)
    adw_banner_set_title (self->banner, sentence);
  adw_banner_set_revealed (self->banner, sentence != NULL);
}

static void
on_copy (SoukWalletPage *self)
{
  SoukItem *account = souk_client_account (souk_place_client (SOUK_PLACE (self)));
  g_autofree char *address = souk_item_dup_text (account, "address");
  souk_copy (GTK_WIDGET (self), address, _ ("Address copied"));
}

/* The balance moves by what others do as well, of which no event tells. */
static void
on_map (SoukWalletPage *self)
{
  SoukClient *client = souk_place_client (SOUK_PLACE (self));
  if (client != NULL)
    souk_client_refresh_account (client);
}

static void
souk_wallet_page_connected (SoukPlace *place, SoukClient *client)
{
  SoukWalletPage *self = SOUK_WALLET_PAGE (place);
  g_clear_object (&self->transactions);
  self->transactions = souk_item_list_new (client, SOUK_LIST_TRANSACTIONS);
  g_autoptr (GtkNoSelection) model
      = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->transactions)));
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (model));
  g_object_set (self->frame, "list", self->transactions, NULL);
  g_signal_connect_object (souk_client_account (client), "notify", G_CALLBACK (on_account_changed),
                           self, G_CONNECT_SWAPPED);
  on_account_changed (self);
}

static void
souk_wallet_page_dispose (GObject *object)
{
  SoukWalletPage *self = SOUK_WALLET_PAGE (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_WALLET_PAGE);
  g_clear_object (&self->transactions);
  G_OBJECT_CLASS (souk_wallet_page_parent_class)->dispose (object);
}

static void
souk_wallet_page_init (SoukWalletPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (on_map), NULL);
}

static void
souk_wallet_page_class_init (SoukWalletPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_wallet_page_dispose;
  SOUK_PLACE_CLASS (klass)->connected = souk_wallet_page_connected;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/wallet-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, banner);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, balance);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, credit);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, address_row);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, copy);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, frame);
  gtk_widget_class_bind_template_child (widget_class, SoukWalletPage, view);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}
