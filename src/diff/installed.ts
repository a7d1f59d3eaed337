import { installedStanzas } from '../configure/database/installed.js';
import type { InstalledPackage } from './types.js';

/** What dpkg's database says is installed, by name. @throws KoalaError `archive` where it cannot be read */
export function installedPackages(database: ReadonlyMap<string, Uint8Array>, origin: string): InstalledPackage[] {
  return installedStanzas(database, origin).map((stanza) => ({
    name: stanza.require('Package'),
    version: stanza.require('Version'),
    architecture: stanza.get('Architecture') ?? 'all',
  }));
}
