import { Failure } from './console.js';
import { GlibHashTable } from './glib-hash-table.js';
import { outOfBounds, type SchemaTable } from './gsettings-schema.js';
import { parseVariant } from './gvariant-text.js';
import { parseKeyFile } from './key-file.js';

/**
 * Puts a vendor's defaults (a key file: groups are schemas, or `schema:desktop`) in place of those of the schemas. Schemas that
 * are not there are passed over.
 *
 * @returns what was not done, and why.
 */
export function applyOverrides({ schemas }: SchemaTable, text: string): string[] {
  const warnings: string[] = [];
  for (const [group, entries] of parseKeyFile(text)) {
    const colon = group.indexOf(':');
    const desktop = colon < 0 ? undefined : group.slice(colon + 1);
    const schema = schemas.get(colon < 0 ? group : group.slice(0, colon));
    if (schema === undefined) continue;
    for (const [name, value] of entries) {
      const key = schema.keys.get(name);
      if (key === undefined || typeof key === 'string') {
        warnings.push(`No such key “${name}” in schema “${group}”; ignoring override for this key.`);
        continue;
      }
      if (desktop !== undefined && key.l10n !== undefined) {
        warnings.push(`Cannot provide per-desktop overrides for localized key “${name}” in schema “${group}”`);
        continue;
      }
      try {
        const variant = parseVariant(key.type, value);
        const problem = outOfBounds(key, variant);
        if (problem !== undefined) throw new Failure(problem);
        if (desktop === undefined) key.defaultValue = variant;
        else {
          key.desktops ??= new GlibHashTable();
          key.desktops.set(desktop, variant);
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        warnings.push(
          `Error parsing key “${name}” in schema “${group}”: ${error.message}. Ignoring override for this key.`,
        );
      }
    }
  }
  return warnings;
}
