import { compareStrings, textOf } from '../shell/bytes.js';
import type { Bytes, Command } from '../shell/types.js';
import { Failure, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';

const DATA = '/var/lib/xml-core';
const CATALOGS = '/etc/xml';
const PARTS = '/usr/share/xml-core';

/** The catalog that is to change, and its entry. */
interface Change {
  readonly catalog: Bytes;
  readonly data: Bytes;
  readonly key: Bytes;
  readonly entry: Bytes;
}

/** update-xmlcatalog(8) of xml-core: an entry of the root catalog, of a package's or of a local one, comes or goes. */
export const updateXmlcatalog: Command = (process) =>
  withFailures(process, 'update-xmlcatalog: error: ', () => {
    const options = parseOptions(
      process.args.slice(1),
      'add del file: help id: local: package: root type: verbose sort',
    );
    const files = new Files(process);
    const isAdd = options.has('add');
    if (isAdd === options.has('del')) throw new Failure("either 'add' or 'del' must be given");
    const need = (name: string): Bytes => {
      const value = options.get(name);
      if (value === undefined) throw new Failure(`${name} not given`);
      return value;
    };
    const type = need('type');
    if (!/^(?:public|system|uri)$/.test(type)) throw new Failure('wrong type');
    const { catalog, data, key, entry } = changeOf(files, type, need, options);
    const entries = new Map(
      files.lines(data).map((line) => {
        const [left = '', right = ''] = line.split('>').map((part) => part.replace(/^</, ''));
        return [left, right] as const;
      }),
    );
    if (isAdd && (entries.get(key) ?? entry) !== entry) {
      throw new Failure('entity already registered with a different value');
    }
    if (!isAdd && !entries.has(key)) throw new Failure('entity not registered');
    if (isAdd) entries.set(key, entry);
    else entries.delete(key);
    // Without --sort the order is that of Perl's hashes, which is another one each time.
    const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b));
    if (files.isFile(catalog)) files.rename(catalog, `${catalog}.old`);
    if (sorted.length === 0) {
      files.unlink(data);
      return 0;
    }
    files.write(data, sorted.map(([left, right]) => `<${left}><${right}>\n`).join(''));
    const [header = [], footer = []] = ['header', 'footer'].map((part) => files.lines(`${PARTS}/catalog.${part}`));
    const lines = [...header, ...sorted.map(([left, right]) => `<${left} ${right}/>`), ...footer];
    files.write(catalog, textOf(lines));
    return 0;
  });

function changeOf(
  files: Files,
  type: Bytes,
  need: (name: string) => Bytes,
  options: ReturnType<typeof parseOptions>,
): Change {
  const isAdd = options.has('add');
  const id = need('id');
  const name = type === 'uri' ? type : `${type}Id`;
  const delegate = `delegate${type === 'uri' ? 'URI' : type[0]?.toUpperCase() + type.slice(1)} ${name}StartString="${id}"`;
  const existing = (path: Bytes): Bytes => {
    if (isAdd && !files.isFile(path)) throw new Failure(`${path} not found`);
    return path;
  };
  if (options.has('root')) {
    const target = isAdd ? existing(`${CATALOGS}/${need('package')}.xml`) : '';
    const entry = `catalog="file://${target}"`;
    return { catalog: `${CATALOGS}/catalog`, data: `${DATA}/catalog`, key: delegate, entry };
  }
  const owner = options.get('package');
  if (owner !== undefined) {
    const local = isAdd ? existing(need('local')) : '';
    const entry = `catalog="file://${local}"`;
    return { catalog: `${CATALOGS}/${owner}.xml`, data: `${DATA}/${owner}`, key: delegate, entry };
  }
  const catalog = need('local');
  const entry = `uri="${isAdd ? existing(need('file')) : ''}"`;
  const key = `${type} ${type === 'uri' ? 'name' : name}="${id}"`;
  return { catalog, data: `${DATA}/${catalog.replaceAll('/', '_')}`, key, entry };
}
