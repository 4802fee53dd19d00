/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Market. See market-page.h.
 */
#include "ui/market-page.h"

#include "ui/list-frame.h"
#include "ui/listing-page.h"
#include "ui/model/item-list.h"
#include "ui/model/words.h"
#include "ui/publish-dialog.h"

#include <glib/gi18n.h>

struct _SoukMarketPage {
  SoukPlace parent_instance;
  AdwNavigationView *navigation;
  AdwViewStack *views;
  GtkSearchEntry *search;
  GtkDropDown *categories;
  SoukListFrame *discover_frame, *mine_frame, *orders_frame;
  GtkScrolledWindow *discover_scroller;
  GtkGridView *discover_grid, *mine_grid;
  guint top_id; /* the view goes back to its top */
  GtkListView *orders_view;
  SoukItemList *listings, *mine;
  GtkStringList *category_names; /* what the drop-down shows; the first is all */
  GPtrArray *category_ids;       /* what the node calls them, in the same order */
};

G_DEFINE_FINAL_TYPE (SoukMarketPage, souk_market_page, SOUK_TYPE_PLACE)

/* ---- browsing ---- */

static void
on_search_changed (SoukMarketPage *self)
{
  if (self->listings == NULL)
    return;
  g_autofree char *query = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  souk_item_list_filter (self->listings, "query", g_strstrip (query));
}

static void
on_category_changed (SoukMarketPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->categories);
  if (self->listings != NULL && selected < self->category_ids->len)
    souk_item_list_filter (self->listings, "category", self->category_ids->pdata[selected]);
}

/* A category that a listing has and the drop-down has not yet. */
static void
learn_category (SoukMarketPage *self, const char *category)
{
  if (*category == '\0')
    return;
  for (guint i = 0; i < self->category_ids->len; i++)
    if (g_strcmp0 (self->category_ids->pdata[i], category) == 0)
      return;
  g_autofree char *name = souk_words_phrase (category);
  g_ptr_array_add (self->category_ids, g_strdup (category));
  gtk_string_list_append (self->category_names, name);
}

/* A stranger's listings can name any number of categories; a person reads so many. */
#define CATEGORIES_MAX 40
#define CATEGORY_SCAN_MAX 200

static gboolean
on_top_time (gpointer user_data)
{
  SoukMarketPage *self = user_data;
  self->top_id = 0;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->listings)) > 0)
    gtk_grid_view_scroll_to (self->discover_grid, 0, GTK_LIST_SCROLL_NONE, NULL);
  return G_SOURCE_REMOVE;
}

/* A view stays with the cards that it shows. A person who looks at the top wants the new one. */
static void
stay_at_top (SoukMarketPage *self)
{
  GtkAdjustment *vertical = gtk_scrolled_window_get_vadjustment (self->discover_scroller);
  if (gtk_adjustment_get_value (vertical) < 1 && self->top_id == 0)
    self->top_id = g_idle_add_full (G_PRIORITY_LOW, on_top_time, self, NULL);
}

static void
on_listings_changed (SoukMarketPage *self, guint position, guint removed, guint added)
{
  if (position == 0 && added > 0)
    stay_at_top (self);
  for (guint i = 0; i < MIN (added, CATEGORY_SCAN_MAX); i++)
    {
      g_autoptr (SoukItem) item
          = g_list_model_get_item (G_LIST_MODEL (self->listings), position + i);
      g_autofree char *category = souk_item_dup_text (item, "category");
      if (self->category_ids->len < CATEGORIES_MAX)
        learn_category (self, category);
    }
}

/* ---- details ---- */

static void
show_listing (SoukMarketPage *self, SoukItem *listing)
{
  SoukClient *client = souk_place_client (SOUK_PLACE (self));
  adw_navigation_view_push (self->navigation, souk_listing_page_new (client, listing));
}

static void
on_listing_activated (SoukMarketPage *self, guint position, GtkGridView *view)
{
  GListModel *model = G_LIST_MODEL (gtk_grid_view_get_model (view));
  g_autoptr (SoukItem) listing = g_list_model_get_item (model, position);
  show_listing (self, listing);
}

/* The order's listing may be in no list here any more: then it is asked for, and the page shows
 * what comes. */
static void
show_order (SoukMarketPage *self, SoukItem *order)
{
  SoukClient *client = souk_place_client (SOUK_PLACE (self));
  adw_navigation_view_push (self->navigation, souk_listing_page_new_for_order (client, order));
}

static void
on_order_activated (SoukMarketPage *self, guint position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (self->orders_view));
  g_autoptr (SoukItem) order = g_list_model_get_item (model, position);
  show_order (self, order);
}

void
souk_market_page_show_order (SoukMarketPage *self, const char *id)
{
  SoukClient *client = souk_place_client (SOUK_PLACE (self));
  g_autoptr (SoukItem) order = souk_item_list_find (souk_client_orders (client), "id", id);
  adw_view_stack_set_visible_child_name (self->views, "orders");
  adw_navigation_view_pop_to_tag (self->navigation, "browse");
  if (order != NULL)
    show_order (self, order);
}

/* ---- publishing ---- */

static void
on_published (SoukMarketPage *self)
{
  adw_navigation_view_pop_to_tag (self->navigation, "browse");
  souk_toast (GTK_WIDGET (self), _ ("Published. Peers see it by now."));
}

void
souk_market_page_publish (SoukMarketPage *self)
{
  SoukPublishDialog *dialog = souk_publish_dialog_new (souk_place_client (SOUK_PLACE (self)));
  g_signal_connect_object (dialog, "published", G_CALLBACK (on_published), self, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self));
}

/* ---- life ---- */

static void
souk_market_page_search (SoukPlace *place)
{
  SoukMarketPage *self = SOUK_MARKET_PAGE (place);
  adw_navigation_view_pop_to_tag (self->navigation, "browse");
  adw_view_stack_set_visible_child_name (self->views, "discover");
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

static void
souk_market_page_connected (SoukPlace *place, SoukClient *client)
{
  SoukMarketPage *self = SOUK_MARKET_PAGE (place);
  SoukItemList *orders = souk_client_orders (client);
  g_clear_object (&self->listings);
  g_clear_object (&self->mine);
  self->listings = souk_item_list_new (client, SOUK_LIST_LISTINGS);
  self->mine = souk_item_list_new (client, SOUK_LIST_LISTINGS);
  souk_item_list_filter_flag (self->mine, "mine", true);
  g_signal_connect_object (self->listings, "items-changed", G_CALLBACK (on_listings_changed), self,
                           G_CONNECT_SWAPPED);

  g_autoptr (GtkNoSelection) listings
      = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->listings)));
  g_autoptr (GtkNoSelection) mine = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->mine)));
  g_autoptr (GtkNoSelection) trades = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (orders)));
  gtk_grid_view_set_model (self->discover_grid, GTK_SELECTION_MODEL (listings));
  gtk_grid_view_set_model (self->mine_grid, GTK_SELECTION_MODEL (mine));
  gtk_list_view_set_model (self->orders_view, GTK_SELECTION_MODEL (trades));
  g_object_set (self->discover_frame, "list", self->listings, NULL);
  g_object_set (self->mine_frame, "list", self->mine, NULL);
  g_object_set (self->orders_frame, "list", orders, NULL);
}

static void
souk_market_page_dispose (GObject *object)
{
  SoukMarketPage *self = SOUK_MARKET_PAGE (object);
  g_clear_handle_id (&self->top_id, g_source_remove);
  /* The template would take the bin's child away behind its back. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SOUK_TYPE_MARKET_PAGE);
  g_clear_object (&self->listings);
  g_clear_object (&self->mine);
  g_clear_object (&self->category_names);
  g_clear_pointer (&self->category_ids, g_ptr_array_unref);
  G_OBJECT_CLASS (souk_market_page_parent_class)->dispose (object);
}

static void
souk_market_page_init (SoukMarketPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->category_ids = g_ptr_array_new_with_free_func (g_free);
  self->category_names = gtk_string_list_new (NULL);
  g_ptr_array_add (self->category_ids, g_strdup (""));
  gtk_string_list_append (self->category_names, _ ("All categories"));
  gtk_drop_down_set_model (self->categories, G_LIST_MODEL (self->category_names));
}

static void
souk_market_page_class_init (SoukMarketPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = souk_market_page_dispose;
  SOUK_PLACE_CLASS (klass)->connected = souk_market_page_connected;
  SOUK_PLACE_CLASS (klass)->search = souk_market_page_search;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/soukmarket/Souk/ui/market-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, navigation);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, views);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, search);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, categories);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, discover_frame);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, mine_frame);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, orders_frame);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, discover_grid);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, discover_scroller);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, mine_grid);
  gtk_widget_class_bind_template_child (widget_class, SoukMarketPage, orders_view);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_category_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_listing_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_order_activated);
}
