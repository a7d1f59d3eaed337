import type { Command } from '../shell/types.js';
import { fcCache } from './fc-cache.js';
import { glibCompileSchemas } from './glib-compile-schemas.js';
import { java, keytool } from './java.js';

/** The programs that make caches and databases from what other packages ship, by name. */
export const CACHE_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['fc-cache', fcCache],
  ['glib-compile-schemas', glibCompileSchemas],
  ['java', java],
  ['keytool', keytool],
]);
