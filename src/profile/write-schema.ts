import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { profileJsonSchemaText } from './json-schema.js';
import { prepareProfiles } from './prepared.js';

/**
 * The build script's step: writes the JSON Schema to the file that it is given, if it would change it, and prepares the built-in
 * profiles, which lie beside it.
 */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('cannot write the schema: give the file to write');
const text = profileJsonSchemaText();
if (readIfThere(file) !== text) writeFileSync(file, text);
await prepareProfiles({ profilesDirectory: dirname(file) });

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
