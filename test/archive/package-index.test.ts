import { describe, expect, it } from 'vitest';
import { firstMentionIn } from '../../src/archive/first-mention.js';
import { IndexScanner, scanIndex } from '../../src/archive/index-scan.js';
import { openTables } from '../../src/archive/index-tables.js';
import type { NameTable } from '../../src/archive/name-table.js';
import { packageIndex } from '../../src/archive/package-index.js';
import { readPackageRecord } from '../../src/archive/package-record.js';
import type { PackageRecord } from '../../src/archive/types.js';
import { createUniverse } from '../../src/archive/universe.js';
import { formatAlternatives } from '../../src/formats/relation.js';
import { archiveSource } from '../builder/sources.js';

const SOURCE = archiveSource({ suite: 'trixie', uris: ['http://m'] });
const SHA256 = 'a'.repeat(64);

/** A stanza with what each one needs; undefined leaves a field out. */
function stanza(fields: Readonly<Record<string, string | undefined>>): string {
  const all = {
    Package: 'hello',
    Version: '1.0',
    Architecture: 'amd64',
    Filename: 'pool/h.deb',
    Size: '10',
    SHA256,
    ...fields,
  };
  return Object.entries(all)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`]))
    .join('');
}

describe('scanIndex', () => {
  const entriesOf = (table: NameTable) => Object.fromEntries([...table.keys()].map((key) => [key, table.get(key)]));
  const two =
    'Package: a\nProvides: x (= 1), y:any\nPriority: required\n\nPackage: b\nProvides: y,\n z\nEssential: yes\n';
  const expected = {
    byName: { a: [0], b: [1] },
    byProvided: { x: [0], y: [0, 1], z: [1] },
    byPriority: { required: [0] },
    essential: [1],
  };
  it.each([
    ['a plain index', two],
    ['one without a line feed at the end', two.trimEnd()],
    ['several empty lines', `\n\n${two.replace('\n\n', '\n\n\n\n')}\n\n`],
    ['carriage returns', two.replaceAll('\n', '\r\n')],
    ['other cases and blanks', two.replaceAll('Package: ', 'PACKAGE:\t').replaceAll('Essential:', 'essential: ')],
    ['fields in another order', two.replace('Package: a\n', '').replace('required\n', 'required\nPackage: a\n')],
    ['texts that look like fields', two.replace('Package: b', 'Description: d\n Package: c\nPackages: d\nPackage: b')],
  ])('finds what is in %s', (_, text) => {
    const bytes = Buffer.from(text);
    const tables = openTables(scanIndex(bytes));
    expect({
      byName: entriesOf(tables.byName),
      byProvided: entriesOf(tables.byProvided),
      byPriority: entriesOf(tables.byPriority),
      essential: tables.essential,
    }).toEqual(expected);
    expect([tables.count, tables.size]).toEqual([2, bytes.length]);
    const stanzas = [0, 1].map((stanza) => bytes.toString('utf8', ...tables.bounds(stanza)));
    expect(stanzas.map((one) => /^package:\s*(\S)/im.exec(one)?.[1])).toEqual(['a', 'b']);
    expect(stanzas.map((one) => one.slice(0, -1).includes('\n\n'))).toEqual([false, false]);
    // The same in whatever pieces it comes.
    for (const size of [1, 2, 3, 7]) {
      const scanner = new IndexScanner();
      for (let at = 0; at < bytes.length; at += size) scanner.write(bytes.subarray(at, at + size));
      expect(Buffer.compare(scanner.end(), scanIndex(bytes))).toBe(0);
    }
  });

  it('finds nothing in an empty index, and no name in a stanza without one', () => {
    expect(openTables(scanIndex(Buffer.alloc(0)))).toMatchObject({ count: 0, size: 0, essential: [] });
    expect(entriesOf(openTables(scanIndex(Buffer.from('Version: 1\n\nPackage: a\n'))).byName)).toEqual({ a: [1] });
    const cut = openTables(scanIndex(Buffer.from('Package: a\nProvides: b,\n\n c\n')));
    expect(entriesOf(cut.byProvided)).toEqual({ b: [0] });
  });

  it('finds each of many names, whatever they provide', () => {
    const names = Array.from({ length: 5000 }, (_, at) => `lib${at}${at % 3 === 0 ? '-dev' : ''}`);
    const text = names.map((name, at) => `Package: ${name}\nProvides: all, any-${at % 7}, all\n`).join('\n');
    const { byName, byProvided } = openTables(scanIndex(Buffer.from(text)));
    expect([...byName.keys()]).toEqual(names);
    expect(names.map((name) => byName.get(name))).toEqual(names.map((_, at) => [at]));
    expect(byProvided.get('all')).toEqual(names.map((_, at) => at));
    expect(byProvided.get('any-3')?.slice(0, 3)).toEqual([3, 10, 17]);
    expect(byName.get('lib0')).toBeUndefined();
  });

  it('refuses names that were chosen to be slow to find', () => {
    // All of the same slot, as long as the hash table has 2^12 of them at most.
    const hashOf = (name: string): number => {
      let hash = 0x811c9dc5;
      for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
      return (hash ^ (hash >>> 15)) & 0xfff;
    };
    const names: string[] = [];
    for (let at = 0; names.length < 300; at++) if (hashOf(`p${at}`) === 0) names.push(`p${at}`);
    const text = (count: number) =>
      Buffer.from(
        names
          .slice(0, count)
          .map((name) => `Package: ${name}\n\n`)
          .join(''),
      );
    expect(openTables(scanIndex(text(200))).count).toBe(200);
    expect(() => scanIndex(text(300))).toThrow('names were chosen to fall on each other');
  });
});

describe('a package record', () => {
  it('has what the stanza says', () => {
    const record = readPackageRecord(
      stanza({
        Source: 'hi (2.0-1)',
        'Multi-Arch': 'same',
        Essential: 'yes',
        Priority: 'required',
        'Installed-Size': '42',
        Depends: 'a (>= 1) | b:any, c',
        'Pre-Depends': 'd',
        Provides: 'v (= 1)',
      }),
      'http://m/Packages',
      SOURCE,
    );
    expect(record).toMatchObject({
      name: 'hello',
      version: '1.0',
      architecture: 'amd64',
      multiArch: 'same',
      essential: true,
      priority: 'required',
      source: { name: 'hi', version: '2.0-1' },
      filename: 'pool/h.deb',
      size: 10,
      sha256: SHA256,
      installedSize: 42,
      archive: SOURCE,
    });
    expect(record.depends.map(formatAlternatives)).toEqual(['a (>= 1) | b:any', 'c']);
    expect(record.preDepends.map(formatAlternatives)).toEqual(['d']);
    expect(record.provides.map(formatAlternatives)).toEqual(['v (= 1)']);
    expect([record.recommends, record.conflicts, record.breaks, record.replaces]).toEqual([[], [], [], []]);
    expect(record.depends).toBe(record.depends);
    expect(record.stanza().get('Source')).toBe('hi (2.0-1)');
  });

  it('fills in what a stanza need not say', () => {
    expect(readPackageRecord(stanza({}), 'u', SOURCE)).toMatchObject({
      multiArch: 'no',
      essential: false,
      priority: '',
      source: { name: 'hello', version: '1.0' },
      installedSize: 0,
    });
    expect(readPackageRecord(stanza({ Source: 'hi' }), 'u', SOURCE).source).toEqual({ name: 'hi', version: '1.0' });
  });

  it.each([
    [{ Package: undefined }, 'field Package is missing'],
    [{ Package: '../evil' }, 'its Package is "../evil"'],
    [{ Package: 'Upper' }, 'its Package is "Upper"'],
    [{ Version: '1 2' }, 'its Version is "1 2"'],
    [{ Architecture: 'a/b' }, 'its Architecture is "a/b"'],
    [{ Filename: '/etc/passwd' }, 'its Filename is "/etc/passwd"'],
    [{ Filename: 'pool/../../x' }, 'its Filename is "pool/../../x"'],
    [{ Filename: '.' }, 'its Filename is "."'],
    [{ SHA256: undefined }, 'field SHA256 is missing'],
    [{ SHA256: 'A'.repeat(64) }, 'its SHA256 is "AAAA'],
    [{ Size: '-1' }, 'its Size is "-1"'],
    [{ Size: '9007199254740993' }, 'its Size is "9007199254740993"'],
    [{ 'Installed-Size': 'much' }, 'its Installed-Size is "much"'],
    [{ 'Multi-Arch': 'maybe' }, 'its Multi-Arch is "maybe"'],
    [{ Source: 'a b' }, 'its Source is "a b"'],
  ])('is refused with %j', (fields, why) => {
    const read = () => readPackageRecord(stanza(fields), 'http://m/Packages', SOURCE);
    expect(read).toThrow(/^cannot accept the package ".*" of http:\/\/m\/Packages: /);
    expect(read).toThrow(why);
  });

  it('names package and field where a relation cannot be read', () => {
    const record = readPackageRecord(stanza({ Depends: '(>= 1)' }), 'http://m/Packages', SOURCE);
    expect(() => record.depends).toThrow('cannot read Depends of hello 1.0 in http://m/Packages');
  });
});

describe('a universe', () => {
  const index = (suite: string, ...stanzas: Readonly<Record<string, string>>[]) =>
    packageIndex(Buffer.from(stanzas.map(stanza).join('\n')), `http://m/${suite}`, { ...SOURCE, suite });
  const show = (records: readonly PackageRecord[]) =>
    records.map(({ name, version, archive }) => `${name} ${version} ${archive.suite}`);

  const universe = createUniverse('amd64', [
    index(
      'main',
      { Package: 'lib', Version: '1.0', Priority: 'required' },
      { Package: 'base', Version: '1', Essential: 'yes', Architecture: 'all', Priority: 'required' },
      { Package: 'old', Version: '1', Essential: 'yes', Priority: 'required' },
      { Package: 'one', Provides: 'virtual', Version: '1' },
      { Package: 'foreign', Architecture: 'arm64', Provides: 'virtual', Essential: 'yes' },
      { Package: 'café'.slice(0, 3), Description: 'naïve' },
    ),
    index(
      'security',
      { Package: 'lib', Version: '1.0' },
      { Package: 'lib', Version: '1.0-1+deb13u1', Priority: 'required' },
      { Package: 'lib', Version: '1.0~rc1' },
      { Package: 'old', Version: '2', Priority: 'optional' },
      { Package: 'another', Provides: 'virtual (= 1)' },
      { Package: 'one', Provides: 'virtual', Version: '2' },
    ),
  ]);

  it('gives versions newest first, and equal ones once, of the earlier archive', () => {
    expect(show(universe.named('lib'))).toEqual(['lib 1.0-1+deb13u1 security', 'lib 1.0 main', 'lib 1.0~rc1 security']);
    expect(universe.named('absent')).toEqual([]);
    expect(universe.named('lib')).toBe(universe.named('lib'));
  });

  it('gives providers by name, then newest first, and no other architecture’s', () => {
    expect(show(universe.providing('virtual'))).toEqual(['another 1.0 security', 'one 2 security', 'one 1 main']);
    expect(universe.named('foreign')).toEqual([]);
  });

  it('asks the newest version whether it is essential, and for its priority', () => {
    expect(show(universe.essential())).toEqual(['base 1 main']);
    expect(show(universe.ofPriority('required'))).toEqual(['base 1 main', 'lib 1.0-1+deb13u1 security']);
  });

  it('names all packages once, and reads UTF-8', () => {
    expect([...universe.names()].sort()).toEqual(['another', 'base', 'caf', 'foreign', 'lib', 'old', 'one']);
    expect(universe.named('caf')[0]?.stanza().get('Description')).toBe('naïve');
  });

  it('knows which name was met first', () => {
    const order = ['one', 'virtual', 'another', 'lib', 'base'].sort(
      (a, b) => (universe.firstMention?.(a) ?? 0) - (universe.firstMention?.(b) ?? 0),
    );
    expect(order).toEqual(['lib', 'base', 'one', 'virtual', 'another']);
  });
});

describe('firstMentionIn', () => {
  const text = 'Package: mawk-doc\nDescription: mawk\nVersion: mawk\nDepends: x (>= mawk), libmawk,\n y | mawk:any\n';
  it.each([
    ['mawk', text.indexOf('mawk:any')],
    ['mawk-doc', text.indexOf('mawk-doc')],
    ['libmawk', text.indexOf('libmawk')],
    ['any', undefined],
    ['absent', undefined],
  ])('finds %s as a name, not in versions, texts or longer names', (name, at) => {
    expect(firstMentionIn(Buffer.from(text), name)).toBe(at);
  });
});
