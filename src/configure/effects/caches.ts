import type { Command } from '../shell/types.js';
import { fcCache } from './fc-cache.js';
import { gdkPixbufQueryLoaders } from './gdk-pixbuf-query-loaders.js';
import { gioQuerymodules } from './gio-querymodules.js';
import { glibCompileSchemas } from './glib-compile-schemas.js';
import { gtkQueryImmodules } from './gtk-query-immodules.js';
import { java, keytool } from './java.js';
import { updateCatalog } from './update-catalog.js';
import { updateDesktopDatabase } from './update-desktop-database.js';
import { gtkUpdateIconCache } from './update-icon-cache.js';
import { updateMimeDatabase } from './update-mime-database.js';
import { updateXmlcatalog } from './update-xmlcatalog.js';

/** The programs that make caches and databases from what other packages ship, by name. */
export const CACHE_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['fc-cache', fcCache],
  ['gdk-pixbuf-query-loaders', gdkPixbufQueryLoaders],
  ['gio-querymodules', gioQuerymodules],
  ['glib-compile-schemas', glibCompileSchemas],
  ['gtk-query-immodules-2.0', gtkQueryImmodules],
  ['gtk-query-immodules-3.0', gtkQueryImmodules],
  ['gtk-update-icon-cache', gtkUpdateIconCache],
  ['gtk-update-icon-cache-3.0', gtkUpdateIconCache],
  ['java', java],
  ['keytool', keytool],
  ['update-catalog', updateCatalog],
  ['update-desktop-database', updateDesktopDatabase],
  ['update-mime-database', updateMimeDatabase],
  ['update-xmlcatalog', updateXmlcatalog],
]);
