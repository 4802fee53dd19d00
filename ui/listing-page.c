/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One listing and its purchase. See listing-page.h.
 */
#include "ui/listing-page.h"

#include "ui/model/amount.h"
#include "ui/model/item-list.h"
#include "ui/place.h"
#include "ui/timeline.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SoukListingPage {
  AdwNavigationPage parent_instance;
  SoukClient *client;
  SoukItem *listing;
  SoukItem *order;     /* NULL: none yet */
  bool is_order_fixed; /* opened for this order, not for the newest */
  bool is_asking;      /* the purchase is on its way to the node */
  bool has_content;
  GtkLabel *facts;
  AdwWrapBox *tags;
  GtkWidget *description;
  GtkButton *buy;
  GtkWidget *copy;
  GtkWidget *order_box;
  GtkLabel *order_title;
  SoukTimeline *timeline;
  GtkLabel *order_money;
  GtkWidget *content_box;
  GtkLabel *content;
  GtkWidget *sample_box;
  GtkLabel *sample;
};

enum { PROP_LISTING = 1 };

G_DEFINE_FINAL_TYPE (SoukListingPage, souk_listing_page, ADW_TYPE_NAVIGATION_PAGE)

/* ---- what it is ---- */

static void
show_facts (SoukListingPage *self)
{
  static const char *const names[]
      = { "category-text", "seller-text", "size-text", "created-text", "models-text" };
  g_autoptr (GString) facts = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *text = souk_item_dup_text (self->listing, names[i]);
      if (*text != '\0')
        g_string_append_printf (facts, "%s%s", facts->len > 0 ? " · " : "", text);
    }
  gtk_label_set_label (self->facts, facts->str);
}

static void
show_tags (SoukListingPage *self)
{
  g_auto (GStrv) words = souk_item_dup_words (self->listing, "tags");
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->tags))) != NULL)
    adw_wrap_box_remove (self->tags, child);
  for (char **at = words; *at != NULL; at++)
    {
      GtkWidget *label = gtk_label_new (*at);
      gtk_widget_add_css_class (label, "pill-label");
      adw_wrap_box_append (self->tags, label);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->tags), words[0] != NULL);
}

/* ---- the text ---- */

static void
on_content (gpointer owner, SoukItem *result, const char *problem)
{
  SoukListingPage *self = owner;
  if (result == NULL)
    {
      self->has_content = false;
      souk_toast (GTK_WIDGET (self), problem);
      return;
    }
  g_autofree char *text = souk_item_dup_text (result, "text");
  gtk_label_set_label (self->content, text);
  gtk_widget_set_visible (self->content_box, TRUE);
}

static void
fetch_content (SoukListingPage *self)
{
  if (self->has_content)
    return;
  self->has_content = true;
  souk_client_fetch_content (self->client, self->listing, self, on_content);
}

static void
on_copy (SoukListingPage *self)
{
  souk_copy (GTK_WIDGET (self), gtk_label_get_label (self->content), _ ("Copied"));
}

/* ---- the purchase ---- */

static bool
is_buying (SoukListingPage *self)
{
  return self->is_asking
         || (self->order != NULL && souk_item_is (self->order, "role", "buyer")
             && !souk_item_get_flag (self->order, "is-final"));
}

static void
show_buy (SoukListingPage *self)
{
  g_autofree char *price = souk_item_dup_text (self->listing, "price-text");
  g_autofree char *plain = souk_item_dup_text (self->listing, "price");
  bool is_known = *plain != '\0';
  bool is_free = souk_amount_is_zero (plain);
  g_autofree char *label = is_buying (self) ? g_strdup (_ ("On Its Way…"))
                           : is_free        ? g_strdup (_ ("Get"))
                                            : g_strdup_printf (_ ("Buy for %s"), price);
  gtk_button_set_label (self->buy, label);
  gtk_widget_set_visible (GTK_WIDGET (self->buy),
                          is_known && !souk_item_get_flag (self->listing, "is-owned")
                              && !souk_item_get_flag (self->listing, "is-mine"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->buy), !is_buying (self));
}

static void
show_order (SoukListingPage *self)
{
  gtk_widget_set_visible (self->order_box, self->order != NULL);
  if (self->order == NULL)
    return;
  bool is_sale = souk_item_is (self->order, "role", "seller");
  g_autofree char *net = souk_item_dup_text (self->order, "net");
  g_autofree char *fee = souk_item_dup_text (self->order, "fee");
  g_autofree char *gas = souk_item_dup_text (self->order, "gas");
  g_autofree char *deal = souk_item_dup_text (self->order, "deal");
  g_autoptr (GString) money = g_string_new (NULL);
  if (*deal != '\0')
    {
      g_string_append_printf (money,
                              is_sale ? _ ("You receive %s; the contract keeps %s.")
                                      : _ ("The seller receives %s; the contract keeps %s."),
                              net, fee);
      if (*gas != '\0')
        g_string_append_printf (money, _ (" This node spent %s on gas."), gas);
    }
  gtk_label_set_label (self->order_title, is_sale ? _ ("Your Sale") : _ ("Your Purchase"));
  gtk_label_set_label (self->order_money, money->str);
  gtk_widget_set_visible (GTK_WIDGET (self->order_money), money->len > 0);
}

static void
on_order_changed (SoukListingPage *self)
{
  show_order (self);
  show_buy (self);
}

static void
set_order (SoukListingPage *self, SoukItem *order)
{
  if (self->order == order)
    return;
  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  g_set_object (&self->order, order);
  souk_timeline_set_item (self->timeline, order);
  if (order != NULL)
    g_signal_connect_object (order, "notify", G_CALLBACK (on_order_changed), self,
                             G_CONNECT_SWAPPED);
  on_order_changed (self);
}

/* The newest order for this listing: the list has the newest first. */
static void
on_orders_changed (SoukListingPage *self)
{
  if (self->is_order_fixed)
    return;
  g_autofree char *id = souk_item_dup_text (self->listing, "id");
  g_autoptr (SoukItem) order
      = souk_item_list_find (souk_client_orders (self->client), "listing", id);
  if (order != NULL)
    set_order (self, order);
}

static void
on_bought (gpointer owner, SoukItem *result, const char *problem)
{
  SoukListingPage *self = owner;
  self->is_asking = false;
  if (result != NULL)
    {
      self->is_order_fixed = false;
      set_order (self, result);
      souk_client_refresh_item (self->client, self->listing);
    }
  else
    souk_toast (GTK_WIDGET (self), problem);
  show_buy (self);
}

static void
on_buy (SoukListingPage *self)
{
  self->is_asking = true;
  show_buy (self);
  souk_client_purchase (self->client, self->listing, self, on_bought);
}

/* The keyboard begins at what can be done here; a text that is selected by the way is no help. */
static void
on_shown (SoukListingPage *self)
{
  bool can_buy = gtk_widget_get_visible (GTK_WIDGET (self->buy))
                 && gtk_widget_get_sensitive (GTK_WIDGET (self->buy));
  gtk_label_select_region (self->sample, 0, 0);
  gtk_widget_grab_focus (can_buy ? GTK_WIDGET (self->buy) : self->copy);
}

/* ---- withdrawing ---- */

static void
on_withdrawn (gpointer owner, SoukItem *result, const char *problem)
{
  SoukListingPage *self = owner;
  souk_toast (GTK_WIDGET (self), problem != NULL ? problem : _ ("Withdrawn from the market"));
  if (problem != NULL)
    return;
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_NAVIGATION_VIEW);
  if (view != NULL)
    adw_navigation_view_pop (ADW_NAVIGATION_VIEW (view));
}

static void
on_withdraw_response (SoukListingPage *self, const char *response)
{
  if (strcmp (response, "withdraw") == 0)
    souk_client_withdraw (self->client, self->listing, self, on_withdrawn);
}

static void
on_withdraw (SoukListingPage *self)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (
      _ ("Withdraw This Listing?"),
      _ ("Nobody can buy it any more. Whoever has bought it keeps it; sales that are under way "
         "are finished.")));
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "withdraw", _ ("_Withdraw"),
                                  NULL);
  adw_alert_dialog_set_response_appearance (dialog, "withdraw", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_withdraw_response), self,
                           G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self));
}

/* ---- following ---- */

static void
on_listing_changed (SoukListingPage *self)
{
  g_autofree char *description = souk_item_dup_text (self->listing, "description");
  g_autofree char *sample = souk_item_dup_text (self->listing, "sample");
  show_facts (self);
  show_tags (self);
  show_buy (self);
  gtk_widget_set_visible (self->description, *description != '\0');
  gtk_widget_set_visible (self->sample_box, *sample != '\0');
  if (souk_item_get_flag (self->listing, "is-owned")
      || souk_item_get_flag (self->listing, "is-mine"))
    fetch_content (self);
}

static void
begin (SoukListingPage *self, SoukClient *client, SoukItem *listing)
{
  SoukItemList *orders = souk_client_orders (client);
  self->client = g_object_ref (client);
  self->listing = g_object_ref (listing);
  g_object_notify (G_OBJECT (self), "listing");
  g_signal_connect_object (listing, "notify", G_CALLBACK (on_listing_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (orders, "items-changed", G_CALLBACK (on_orders_changed), self,
                           G_CONNECT_SWAPPED);
  on_listing_changed (self);
}

AdwNavigationPage *
souk_listing_page_new (SoukClient *client, SoukItem *listing)
{
  SoukListingPage *self = g_object_new (SOUK_TYPE_LISTING_PAGE, NULL);
  begin (self, client, listing);
  on_orders_changed (self);
  souk_client_refresh_item (client, listing);
  return ADW_NAVIGATION_PAGE (self);
}

AdwNavigationPage *
souk_listing_page_new_for_order (SoukClient *client, SoukItem *order)
{
  SoukListingPage *self = g_object_new (SOUK_TYPE_LISTING_PAGE, NULL);
  g_autoptr (SoukItem) listing = souk_client_listing_of (client, order);
  self->is_order_fixed = true;
  begin (self, client, listing);
  set_order (self, order);
  souk_client_refresh_item (client, order);
  return ADW_NAVIGATION_PAGE (self);
}

/* ---- life ---- */

static void
souk_listing_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_LISTING)
    g_value_set_object (value, SOUK_LISTING_PAGE (object)->listing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
souk_listing_page_dispose (GObject *object)
{
  SoukListingPage *self = SOUK_LISTING_PAGE (object);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_LISTING_PAGE);
  g_clear_object (&self->order);
  g_clear_object (&self->listing);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (souk_listing_page_parent_class)->dispose (object);
}

static void
souk_listing_page_init (SoukListingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
souk_listing_page_class_init (SoukListingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->get_property = souk_listing_page_get_property;
  G_OBJECT_CLASS (klass)->dispose = souk_listing_page_dispose;
  g_object_class_install_property (G_OBJECT_CLASS (klass), PROP_LISTING,
                                   g_param_spec_object ("listing", NULL, NULL, SOUK_TYPE_ITEM,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/listing-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, facts);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, tags);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, description);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, buy);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, copy);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, order_box);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, order_title);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, timeline);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, order_money);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, content_box);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, content);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, sample_box);
  gtk_widget_class_bind_template_child (widget_class, SoukListingPage, sample);
  gtk_widget_class_bind_template_callback (widget_class, on_buy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_withdraw);
  gtk_widget_class_bind_template_callback (widget_class, on_shown);
}
