import { writeFileSync } from 'node:fs';
import { lockJsonSchemaText } from './schema.js';

/** The build script's step: writes the JSON Schema to the file that it is given. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('cannot write the schema: give the file to write');
writeFileSync(file, lockJsonSchemaText());
