/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window on a real node: its places, its keyboard, what follows by itself, what it leaves.
 */
#include "support.h"

#include "ui/request-dialog.h"
#include "ui/shortcuts-dialog.h"

#include <string.h>

static GtkWidget *
widget (Desk *desk, const char *id)
{
  GtkWidget *found = find_by_id (GTK_WIDGET (desk->window), id);
  g_assert_nonnull (found);
  return found;
}

static void
set_text (GtkWidget *root, const char *id, const char *text)
{
  GtkWidget *row = find_by_id (root, id);
  g_assert_nonnull (row);
  if (GTK_IS_TEXT_VIEW (row))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (row)), text, -1);
  else
    gtk_editable_set_text (GTK_EDITABLE (row), text);
}

/* ---- the frame ---- */

static void
test_opens (void)
{
  Desk desk;
  desk_open (&desk, true);
  gtk_test_accessible_assert_role (desk.window, GTK_ACCESSIBLE_ROLE_WINDOW);
  g_assert_cmpstr (souk_window_get_place (desk.window), ==, "market");
  wait_until (find_label (GTK_WIDGET (desk.window), "The Market Is Quiet") != NULL);
  wait_until (find_label (GTK_WIDGET (desk.window), "0 peers") != NULL);
  desk_close (&desk);
}

static void
test_keyboard (void)
{
  static const struct {
    const char *keys;
    const char *place;
  } cases[] = {
    { "alt+2", "jobs" }, { "alt+3", "provide" }, { "alt+4", "wallet" },
    { "alt+5", "logs" }, { "alt+1", "market" },
  };
  Desk desk;
  desk_open (&desk, true);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      press_keys (cases[i].keys);
      wait_until (strcmp (souk_window_get_place (desk.window), cases[i].place) == 0);
    }
  press_keys ("ctrl+n");
  wait_until (shown_dialog (desk.window) != NULL);
  GtkWidget *dialog = GTK_WIDGET (shown_dialog (desk.window));
  wait_until (gtk_widget_get_state_flags (dialog) & GTK_STATE_FLAG_FOCUS_WITHIN);
  press_keys ("Escape");
  wait_until (shown_dialog (desk.window) == NULL);
  press_keys ("ctrl+f");
  GtkWidget *search = widget (&desk, "search");
  wait_until (gtk_widget_get_state_flags (search) & GTK_STATE_FLAG_FOCUS_WITHIN);
  desk_close (&desk);
}

static void
test_shortcuts (void)
{
  for (unsigned i = 0; i < souk_shortcuts_count; i++)
    {
      guint key = 0;
      GdkModifierType modifiers = 0;
      g_assert_true (gtk_accelerator_parse (souk_shortcuts[i].accelerator, &key, &modifiers));
    }
  Desk desk;
  desk_open (&desk, true);
  gtk_widget_activate_action (GTK_WIDGET (desk.window), "win.shortcuts", NULL);
  wait_until (shown_dialog (desk.window) != NULL);
  wait_until (find_label (GTK_WIDGET (shown_dialog (desk.window)), "Ctrl+N") != NULL);
  desk_close (&desk);
}

static void
test_failure (void)
{
  Desk desk;
  desk_open (&desk, true);
  souk_window_show_failure (desk.window, "The folder <x> is in use & more.", "/somewhere");
  wait_until (find_label (GTK_WIDGET (desk.window), "is in use & more") != NULL);
  g_assert_nonnull (find_label (GTK_WIDGET (desk.window), "/somewhere"));
  desk_close (&desk);
}

/* ---- the market ---- */

static void
test_publish (void)
{
  Desk desk;
  desk_open (&desk, true);
  gtk_widget_activate_action (GTK_WIDGET (desk.window), "win.publish", NULL);
  wait_until (shown_dialog (desk.window) != NULL);
  GtkWidget *dialog = GTK_WIDGET (shown_dialog (desk.window));
  GtkWidget *button = find_by_id (dialog, "publish");
  g_assert_false (gtk_widget_get_sensitive (button));
  set_text (dialog, "title_row", "Letters that get answers");
  g_assert_false (gtk_widget_get_sensitive (button));
  set_text (dialog, "content", "Write a letter that gets an answer.");
  set_text (dialog, "tags_row", "letters, , work ");
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
  wait_until (shown_dialog (desk.window) == NULL);
  wait_until (find_label (GTK_WIDGET (desk.window), "Letters that get answers") != NULL);
  desk_close (&desk);
}

static void
test_price_preview (void)
{
  Desk desk;
  desk_open (&desk, true);
  gtk_widget_activate_action (GTK_WIDGET (desk.window), "win.publish", NULL);
  wait_until (shown_dialog (desk.window) != NULL);
  GtkWidget *dialog = GTK_WIDGET (shown_dialog (desk.window));
  set_text (dialog, "title_row", "A title");
  set_text (dialog, "content", "A text");
  set_text (dialog, "price_row", "0.25");
  AdwActionRow *preview = ADW_ACTION_ROW (find_by_id (dialog, "price_preview"));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (preview), "0.2425"));
  g_assert_true (gtk_widget_get_sensitive (find_by_id (dialog, "publish")));
  set_text (dialog, "price_row", "0,25");
  g_assert_false (gtk_widget_get_sensitive (find_by_id (dialog, "publish")));
  desk_close (&desk);
}

/* What another program publishes comes in, and its page shows the text. */
static void
test_listing_page (void)
{
  Desk desk;
  desk_open (&desk, true);
  publish (&desk, "From elsewhere");
  wait_until (find_label (GTK_WIDGET (desk.window), "From elsewhere") != NULL);
  GtkWidget *grid = widget (&desk, "discover_grid");
  g_signal_emit_by_name (grid, "activate", 0u);
  wait_until (find_label (GTK_WIDGET (desk.window), "Say what matters, and stop.") != NULL);
  g_assert_nonnull (find_label (GTK_WIDGET (desk.window), "For those who have no time."));
  desk_close (&desk);
}

static void
test_search (void)
{
  Desk desk;
  desk_open (&desk, true);
  publish (&desk, "Apples");
  publish (&desk, "Oranges");
  wait_until (find_label (GTK_WIDGET (desk.window), "Oranges") != NULL);
  set_text (GTK_WIDGET (desk.window), "search", "apples");
  wait_until (find_label (GTK_WIDGET (desk.window), "Oranges") == NULL);
  wait_until (find_label (GTK_WIDGET (desk.window), "Apples") != NULL);
  set_text (GTK_WIDGET (desk.window), "search", "pears");
  wait_until (find_label (GTK_WIDGET (desk.window), "Nothing Found") != NULL);
  set_text (GTK_WIDGET (desk.window), "search", "");
  wait_until (find_label (GTK_WIDGET (desk.window), "Oranges") != NULL);
  desk_close (&desk);
}

/* ---- trades between two nodes ---- */

static void
test_get (void)
{
  Desk seller;
  Desk desk;
  desk_open (&seller, false);
  publish (&seller, "From a neighbour");
  desk_open_near (&desk, &seller);
  GtkWidget *window = GTK_WIDGET (desk.window);
  wait_until (find_label (window, "From a neighbour") != NULL);
  g_signal_emit_by_name (widget (&desk, "discover_grid"), "activate", 0u);
  wait_until (find_by_id (window, "buy") != NULL);
  GtkWidget *buy = widget (&desk, "buy");
  wait_until (gtk_widget_get_mapped (buy));
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (buy)), ==, "Get");
  g_assert_null (find_label (window, "Say what matters, and stop."));
  g_signal_emit_by_name (buy, "clicked");
  wait_until (find_label (window, "Say what matters, and stop.") != NULL);
  wait_until (find_label (window, "Your Purchase") != NULL);
  wait_until (!gtk_widget_get_visible (buy));
  desk_close (&desk);
  desk_close (&seller);
}

static void
on_shared (gpointer owner, SoukItem *result, const char *problem)
{
  g_assert_null (problem);
}

static void
test_request (void)
{
  const char *corpus = g_getenv ("SOUK_SANDBOX_CORPUS");
  if (corpus == NULL)
    {
      g_test_skip ("there is no worker, or no compiler for its programs");
      return;
    }
  Desk provider;
  Desk desk;
  SoukProviderChange share = { .set_enabled = true, .enabled = true };
  desk_open (&provider, false);
  souk_client_set_provider (provider.client, &share, provider.client, on_shared);
  desk_open_near (&desk, &provider);
  GtkWidget *window = GTK_WIDGET (desk.window);
  wait_until (souk_item_get_integer (souk_client_state (desk.client), "peers") == 1);

  gtk_widget_activate_action (window, "win.request-job", NULL);
  wait_until (shown_dialog (desk.window) != NULL);
  GtkWidget *dialog = GTK_WIDGET (shown_dialog (desk.window));
  g_autofree char *path = g_build_filename (corpus, "hello.wasm", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  souk_request_dialog_set_file (SOUK_REQUEST_DIALOG (dialog), file);
  set_text (dialog, "args_row", "'dear reader'");
  wait_until (gtk_widget_get_sensitive (find_by_id (dialog, "request")));
  g_signal_emit_by_name (find_by_id (dialog, "request"), "clicked");
  wait_until (shown_dialog (desk.window) == NULL);
  wait_until (find_by_id (window, "bids") != NULL);
  wait_until (find_label (window, "hello dear reader from nowhere") != NULL);
  g_assert_nonnull (find_label (window, "Settled"));
  desk_close (&desk);
  desk_close (&provider);
}

/* ---- the other places ---- */

static void
test_jobs (void)
{
  Desk desk;
  desk_open (&desk, true);
  souk_window_show_place (desk.window, "jobs");
  wait_until (find_label (GTK_WIDGET (desk.window), "No Jobs Yet") != NULL);
  gtk_widget_activate_action (GTK_WIDGET (desk.window), "win.request-job", NULL);
  wait_until (shown_dialog (desk.window) != NULL);
  GtkWidget *dialog = GTK_WIDGET (shown_dialog (desk.window));
  g_assert_false (gtk_widget_get_sensitive (find_by_id (dialog, "request")));
  desk_close (&desk);
}

static void
test_provide (void)
{
  Desk desk;
  desk_open (&desk, true);
  souk_window_show_place (desk.window, "provide");
  SoukItem *provider = souk_client_provider (desk.client);
  wait_until (!souk_item_is (provider, "state", ""));
  g_assert_true (souk_item_is (provider, "state", "off"));
  adw_switch_row_set_active (ADW_SWITCH_ROW (widget (&desk, "enabled")), TRUE);
  wait_until (souk_item_get_flag (provider, "enabled"));
  wait_until (!souk_item_is (provider, "state", "off"));
  adw_switch_row_set_active (ADW_SWITCH_ROW (widget (&desk, "enabled")), FALSE);
  wait_until (souk_item_is (provider, "state", "off"));
  desk_close (&desk);
}

static void
test_wallet (void)
{
  Desk desk;
  desk_open (&desk, true);
  souk_window_show_place (desk.window, "wallet");
  wait_until (find_label (GTK_WIDGET (desk.window), "No chain is set") != NULL);
  wait_until (find_label (GTK_WIDGET (desk.window), "No Transactions Yet") != NULL);
  desk_close (&desk);
}

static void
test_logs (void)
{
  Desk desk;
  desk_open (&desk, true);
  souk_window_show_place (desk.window, "logs");
  wait_until (find_label (GTK_WIDGET (desk.window), "The node is ready") != NULL);
  publish (&desk, "To be noted");
  wait_until (find_label (GTK_WIDGET (desk.window), "prompt.published") != NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (widget (&desk, "level")), 4);
  wait_until (find_label (GTK_WIDGET (desk.window), "The node is ready") == NULL);
  desk_close (&desk);
}

/* ---- accessibility and icons ---- */

static void
check_names (GtkWidget *root)
{
  bool is_icon_only = (GTK_IS_BUTTON (root) && gtk_button_get_icon_name (GTK_BUTTON (root)) != NULL)
                      || (GTK_IS_MENU_BUTTON (root)
                          && gtk_menu_button_get_icon_name (GTK_MENU_BUTTON (root)) != NULL);
  const char *id = gtk_buildable_get_buildable_id (GTK_BUILDABLE (root));
  /* Buttons inside of library widgets are the library's to name. */
  bool is_ours = id == NULL || !g_str_has_suffix (id, "_button");
  if (is_icon_only && is_ours && gtk_widget_get_tooltip_text (root) != NULL)
    g_assert_true (
        gtk_test_accessible_has_property (GTK_ACCESSIBLE (root), GTK_ACCESSIBLE_PROPERTY_LABEL));
  if (GTK_IS_LIST_BASE (root) || GTK_IS_COLUMN_VIEW (root) || GTK_IS_DROP_DOWN (root)
      || GTK_IS_SEARCH_ENTRY (root))
    {
      if (id != NULL)
        g_assert_true (gtk_test_accessible_has_property (GTK_ACCESSIBLE (root),
                                                         GTK_ACCESSIBLE_PROPERTY_LABEL));
    }
  /* What a drop-down is made of is the library's. */
  for (GtkWidget *child = gtk_widget_get_first_child (root);
       child != NULL && !GTK_IS_DROP_DOWN (root); child = gtk_widget_get_next_sibling (child))
    check_names (child);
}

static void
test_names (void)
{
  Desk desk;
  desk_open (&desk, true);
  check_names (GTK_WIDGET (desk.window));
  desk_close (&desk);
}

/* Every icon that a source of the window names. */
static void
test_icons (void)
{
  const char *folder = g_getenv ("SOUK_UI_SOURCES");
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());
  g_autoptr (GRegex) regex = g_regex_new ("\"([a-z0-9-]+-symbolic)\"", 0, 0, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n_found = 0;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (GMatchInfo) match = NULL;
      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
           g_match_info_next (match, NULL))
        {
          g_autofree char *icon = g_match_info_fetch (match, 1);
          if (!gtk_icon_theme_has_icon (theme, icon))
            g_error ("%s names the icon %s, which is not there", name, icon);
          n_found++;
        }
    }
  g_assert_cmpuint (n_found, >, 10);
  g_assert_true (gtk_icon_theme_has_icon (theme, "io.github.soukmarket.Souk"));
}

int
main (int argc, char **argv)
{
  support_init (&argc, &argv);
  g_test_add_func ("/window/opens-on-a-node-and-shows-the-market", test_opens);
  g_test_add_func ("/window/five-places-are-reached-by-keyboard", test_keyboard);
  g_test_add_func ("/window/the-shortcuts-dialog-shows-the-keys-that-are-set", test_shortcuts);
  g_test_add_func ("/window/a-node-that-does-not-start-is-explained", test_failure);
  g_test_add_func ("/window/a-prompt-published-in-the-dialog-appears-by-itself", test_publish);
  g_test_add_func ("/window/a-price-shows-what-the-seller-receives", test_price_preview);
  g_test_add_func ("/window/what-others-publish-appears-and-opens", test_listing_page);
  g_test_add_func ("/window/a-search-narrows-the-market-and-comes-back", test_search);
  g_test_add_func ("/window/a-free-prompt-of-a-neighbour-is-got", test_get);
  g_test_add_func ("/window/a-job-is-requested-and-its-result-is-shown", test_request);
  g_test_add_func ("/window/jobs-say-what-to-do-next", test_jobs);
  g_test_add_func ("/window/the-provider-switch-changes-the-state", test_provide);
  g_test_add_func ("/window/the-wallet-says-that-there-is-no-chain", test_wallet);
  g_test_add_func ("/window/the-log-shows-records-and-follows", test_logs);
  g_test_add_func ("/window/lists-and-icon-buttons-have-accessible-names", test_names);
  g_test_add_func ("/window/every-icon-that-is-named-is-there", test_icons);
  return g_test_run ();
}
