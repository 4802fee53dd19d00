/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pictures of the five places, wide and narrow, light and dark: written beside the test program to
 * be looked at, and checked not to be blank and not to be one another.
 */
#include "support.h"

#include <glib/gstdio.h>

static const char *const places[] = { "market", "jobs", "provide", "wallet", "logs" };

/* Returns: (transfer full) (nullable): the window as it is drawn; NULL while it is laid out. */
static GdkTexture *
draw (SoukWindow *window)
{
  GtkWidget *root = GTK_WIDGET (window);
  int width = gtk_widget_get_width (root);
  int height = gtk_widget_get_height (root);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (root);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return NULL;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);
  return gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &bounds);
}

/* How many colours there are in a picture, counted up to a few. */
static guint
count_colours (GdkTexture *texture)
{
  gsize stride = (gsize)gdk_texture_get_width (texture) * 4;
  gsize size = stride * (gsize)gdk_texture_get_height (texture);
  g_autofree guint8 *pixels = g_malloc (size);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gdk_texture_download (texture, pixels, stride);
  for (gsize i = 0; i + 4 <= size && g_hash_table_size (seen) < 64; i += 4)
    {
      guint32 colour;
      memcpy (&colour, pixels + i, sizeof colour);
      g_hash_table_add (seen, GUINT_TO_POINTER (colour));
    }
  return g_hash_table_size (seen);
}

static char *
checksum (GdkTexture *texture)
{
  gsize stride = (gsize)gdk_texture_get_width (texture) * 4;
  gsize size = stride * (gsize)gdk_texture_get_height (texture);
  g_autofree guint8 *pixels = g_malloc (size);
  gdk_texture_download (texture, pixels, stride);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, pixels, size);
}

/* How long a picture may take to come to rest; a clock in it never does. */
#define REST_MS 10000

/* Returns: (transfer full): a picture that is not blank, not in `sums`, and the same as one turn
 * before; whatever there is when the time is over. */
static GdkTexture *
draw_at_rest (SoukWindow *window, GHashTable *sums)
{
  gint64 end = g_get_monotonic_time () + REST_MS * G_TIME_SPAN_MILLISECOND;
  g_autofree char *before = NULL;
  for (;;)
    {
      support_idle (250);
      g_autoptr (GdkTexture) texture = NULL;
      wait_until ((texture = draw (window)) != NULL);
      g_autofree char *sum = checksum (texture);
      bool is_good = count_colours (texture) > 16 && !g_hash_table_contains (sums, sum);
      if ((is_good && g_strcmp0 (sum, before) == 0) || g_get_monotonic_time () >= end)
        return g_steal_pointer (&texture);
      g_free (before);
      before = g_steal_pointer (&sum);
    }
}

static void
take_pictures (Desk *desk, const char *look)
{
  g_autoptr (GHashTable) sums = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      souk_window_show_place (desk->window, places[i]);
      g_autoptr (GdkTexture) texture = draw_at_rest (desk->window, sums);
      g_autofree char *name = g_strdup_printf ("%s-%s.png", look, places[i]);
      g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "screenshots", name, NULL);
      g_assert_true (gdk_texture_save_to_png (texture, path));
      g_assert_cmpuint (count_colours (texture), >, 16);
      g_assert_true (g_hash_table_add (sums, checksum (texture)));
    }
}

static void
play (const char *look, int width, int height, AdwColorScheme scheme)
{
  Desk desk;
  g_autofree char *folder = g_test_build_filename (G_TEST_BUILT, "screenshots", NULL);
  g_mkdir_with_parents (folder, 0755);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  desk_open (&desk, true);
  gtk_window_set_default_size (GTK_WINDOW (desk.window), width, height);
  publish (&desk, "Plain-language contract reader");
  publish (&desk, "Commit message from a diff");
  wait_until (find_label (GTK_WIDGET (desk.window), "Commit message from a diff") != NULL);
  take_pictures (&desk, look);
  desk_close (&desk);
}

static void
test_light (void)
{
  play ("light", 1000, 700, ADW_COLOR_SCHEME_FORCE_LIGHT);
}

static void
test_dark (void)
{
  play ("dark", 1000, 700, ADW_COLOR_SCHEME_FORCE_DARK);
}

static void
test_narrow (void)
{
  play ("narrow", 400, 700, ADW_COLOR_SCHEME_FORCE_LIGHT);
}

static void
test_right_to_left (void)
{
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  play ("rtl", 1000, 700, ADW_COLOR_SCHEME_FORCE_LIGHT);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

int
main (int argc, char **argv)
{
  support_init (&argc, &argv);
  g_test_add_func ("/screenshots/five-places-in-the-light-style", test_light);
  g_test_add_func ("/screenshots/five-places-in-the-dark-style", test_dark);
  g_test_add_func ("/screenshots/five-places-on-a-narrow-screen", test_narrow);
  g_test_add_func ("/screenshots/five-places-from-right-to-left", test_right_to_left);
  return g_test_run ();
}
