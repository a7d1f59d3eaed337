import { compareStrings } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, say, withFailures } from './console.js';
import { Files } from './files.js';
import { GlibHashTable } from './glib-hash-table.js';
import { schemaDatabase } from './gsettings-database.js';
import { applyOverrides } from './gsettings-override.js';
import { addSchemas, type SchemaTable } from './gsettings-schema.js';
import { parseOptions } from './options.js';

const FILE = 'gschemas.compiled';

/**
 * glib-compile-schemas(1): all schemas of a directory, with the vendor's overrides, in one GVDB file. A file with an error is
 * left out as a whole, as there.
 */
export const glibCompileSchemas: Command = (process) =>
  withFailures(process, '', () => {
    const options = parseOptions(process.args.slice(1), 'strict dry-run allow-any-name targetdir:');
    const [directory, ...more] = options.operands;
    if (directory === undefined || more.length > 0) throw new Failure('You should give exactly one directory name');
    const files = new Files(process);
    const target = `${options.get('targetdir') ?? directory}/${FILE}`;
    if (!files.isDirectory(directory))
      throw new Failure(`Error opening directory “${directory}”: No such file or directory`);
    const names = files.list(directory);
    const sources = names.filter((name) => name.endsWith('.gschema.xml') || name.endsWith('.enums.xml'));
    if (sources.length === 0) {
      const removed = files.unlink(target);
      say(process, `No schema files found: ${removed ? 'removed existing output file.' : 'doing nothing.'}`);
      return 0;
    }
    const strict = options.has('strict');
    const schemas = readSchemas(process, files, directory, sources, strict);
    for (const name of names.filter((each) => each.endsWith('.gschema.override'))) {
      const warnings = applyOverrides(schemas, files.read(`${directory}/${name}`) ?? '');
      for (const warning of warnings) complain(process, `${directory}/${name}: ${warning}`);
      if (strict && warnings.length > 0) throw new Failure('--strict was specified; exiting.');
    }
    if (!options.has('dry-run')) files.replace(target, schemaDatabase(schemas).toString('latin1'));
    return 0;
  });

function readSchemas(
  process: Process,
  files: Files,
  directory: Bytes,
  names: readonly Bytes[],
  strict: boolean,
): SchemaTable {
  const isEnums = (name: Bytes): number => Number(name.endsWith('.enums.xml'));
  const ordered = [...names].sort((a, b) => isEnums(b) - isEnums(a) || compareStrings(a, b));
  const table: SchemaTable = { schemas: new GlibHashTable(), enums: new Map(), flags: new Map() };
  for (const name of ordered) {
    try {
      addSchemas(table, files.read(`${directory}/${name}`) ?? '');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const rest = strict ? '--strict was specified; exiting.' : 'This entire file has been ignored.';
      complain(process, `${directory}/${name}: ${error.message}.  ${rest}`);
      if (strict) throw new Failure('');
    }
  }
  return table;
}
