import { textOf } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';
import { debianState } from './state.js';

const DIRECTORY = '/etc/sgml';
const SUPER = '/var/lib/sgml-base/supercatalog';
const HEADER = `--
## This file is created by update-catalog with update-super.
## Please see update-catalog(8) for how to modify this file.
--
`;
/** Blanks and comments; literals; other words. */
const TOKENS = /((?:\s+|--[\s\S]*?--)+)|'([\s\S]*?)'|"([\s\S]*?)"|(\S+)/g;

/** update-catalog(8) of sgml-base: the list of all catalogs of SGML, or an entry in one of them. */
export const updateCatalog: Command = (process) =>
  withFailures(process, 'update-catalog: ', () => {
    const options = parseOptions(process.args.slice(1), '+add remove quiet super test update-super');
    const files = new Files(process);
    if (options.has('update-super')) {
      const names = files.list(DIRECTORY).filter((name) => /^[^.].*\.cat$/.test(name));
      const catalogs = names.map((name) => `${DIRECTORY}/${name}`).filter((path) => isComplete(process, files, path));
      if (files.exists(SUPER)) files.rename(SUPER, `${SUPER}.old`);
      files.write(SUPER, HEADER + catalogs.map((path) => `CATALOG ${path}\n`).join(''));
      return 0;
    }
    const isAdd = options.has('add');
    if (isAdd === options.has('remove')) throw new Failure('one of --add, --remove and --update-super is needed');
    if (options.has('super')) {
      debianState(process).triggers.activate(DIRECTORY);
      return 0;
    }
    const [catalog, entry] = options.operands;
    if (catalog === undefined || entry === undefined) throw new Failure('a catalog and an entry are needed');
    const lines = files.isFile(catalog)
      ? files.lines(catalog).filter((line) => !line.includes(entry))
      : files.lines('/usr/share/sgml-base/catalog.centralized').map((line) => line.replace('CATALOG', catalog));
    if (isAdd) lines.push(`CATALOG ${entry}`);
    if (files.isFile(catalog)) files.rename(catalog, `${catalog}.old`);
    files.write(catalog, textOf(lines));
    return 0;
  });

/** Whether all catalogs that one refers to are there. */
function isComplete(process: Process, files: Files, catalog: Bytes): boolean {
  let base = DIRECTORY;
  let keyword = '';
  for (const [, blank, single, double, word] of (files.read(catalog) ?? '').matchAll(TOKENS)) {
    if (blank !== undefined) continue;
    const token = single ?? double ?? word ?? '';
    if (keyword === 'catalog' && !files.isFile(token.startsWith('/') ? token : `${base}/${token}`)) {
      complain(process, `Warning ignoring catalog \`${catalog}' which references non-existent catalogs.`);
      return false;
    }
    if (keyword === 'base') base = token;
    const isKeyword = keyword === '' && word !== undefined && /^(?:catalog|base)$/i.test(word);
    keyword = isKeyword ? token.toLowerCase() : '';
  }
  return true;
}
