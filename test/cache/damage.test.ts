import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KindName, LAYOUT } from '../../src/archive/layout.js';
import { type Entry, listEntries } from '../../src/cache/entries.js';
import { KIND_NAMES } from '../../src/cache/kinds.js';
import { namesOf } from '../../src/cache/names.js';
import { verify } from '../../src/cache/verify.js';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from '../e2e/archive.js';
import { sha256Of } from '../e2e/command.js';
import { build } from './build.js';

const base = workDirectory('damage');
const whole = join(base, 'whole');
const cache = join(base, 'cache');
const archive = await testArchive(base);
let right: string;

beforeAll(async () => {
  await build(archive, whole, join(base, 'right.tar'));
  right = sha256Of(join(base, 'right.tar'));
});

/** What an entry is for, and without which other kinds it is needed. */
const PARTS = {
  'a .deb': ['downloads', /^libhello_/, ['unpacked']],
  'a packed index': ['downloads', /Packages/, ['indices']],
  'an InRelease file': ['downloads', /InRelease/, []],
  'an unpacked package': ['unpacked', /^libhello_/, []],
  'an unpacked package whose .deb is gone': ['unpacked', /^libhello_/, ['downloads']],
  'an index': ['indices', /./, []],
  'a configured stage': ['stages', /./, []],
  'an answer of OpenPGP': ['verified', /./, []],
} as const satisfies Readonly<Record<string, readonly [KindName, RegExp, readonly KindName[]]>>;

/** A fresh copy of the whole cache, without what would do in place of the entry. */
async function entryOf(part: keyof typeof PARTS): Promise<Entry> {
  const [kind, pattern, without] = PARTS[part];
  rmSync(cache, { recursive: true, force: true });
  cpSync(whole, cache, { recursive: true, preserveTimestamps: true });
  const entries = listEntries(cache, [kind]);
  const names = await namesOf(cache, entries);
  const found = entries.find(({ path, key }) => pattern.test(names.get(path) ?? key));
  // A build that was made before would be copied.
  for (const other of ['builds', ...without] as const) {
    rmSync(join(cache, LAYOUT[other].directory), { recursive: true, force: true });
  }
  if (found === undefined) throw new Error(`there is no ${part}`);
  return found;
}

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : Math.floor(at < 1 ? at * bytes.length : at);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
const replace = (path: string, make: () => void): void => {
  rmSync(path);
  make();
};
/** An unpacked package ends with its identity (some 130 bytes) and a trailer of 72. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'is empty': (path) => truncateSync(path, 0),
  'is cut off': (path) => truncateSync(path, 150),
  'has one byte more': (path) => writeFileSync(path, 'x', { flag: 'a' }),
  'has its first byte flipped': (path) => flip(path, 0),
  'has a byte in its middle flipped': (path) => flip(path, 0.5),
  'has a byte near its end flipped': (path) => flip(path, 0.97),
  'has a byte of its identity flipped': (path) => flip(path, -110),
  'has a size in its trailer flipped': (path) => flip(path, -50),
  'has its last byte flipped': (path) => flip(path, -1),
  'is an empty directory': (path) => replace(path, () => mkdirSync(path)),
  'is a directory with something in it': (path) => replace(path, () => mkdirSync(join(path, 'x'), { recursive: true })),
  'is a link to nothing': (path) => replace(path, () => symlinkSync('/nowhere', path)),
  'is a link to something else': (path) => replace(path, () => symlinkSync(process.execPath, path)),
};

describe.each(Object.keys(PARTS) as (keyof typeof PARTS)[])('a build where %s', (part) => {
  it.each(Object.keys(DAMAGES))('%s gives the right bytes and leaves a whole store', async (damage) => {
    const entry = await entryOf(part);
    DAMAGES[damage]?.(entry.path);
    const output = join(base, 'out.tar');
    await build(archive, cache, output, '--jobs', '1');
    expect(sha256Of(output)).toBe(right);
    // What a build did not look at is found by whoever looks at all.
    const { damaged } = await verify(cache, 1, new AbortController().signal);
    const isUnread = part === 'an InRelease file' || entry.kind === 'indices';
    expect(damaged.map(({ entry: { path } }) => path)).toEqual(isUnread ? damaged.map(() => entry.path) : []);
  });
});

describe('a build where a file has the name of a directory of the cache', () => {
  it.each(['unpacked', 'stages', 'builds', 'indices', 'verified'] as const)(
    '%s gives the right bytes',
    async (kind) => {
      rmSync(cache, { recursive: true, force: true });
      cpSync(whole, cache, { recursive: true, preserveTimestamps: true });
      const directory = join(cache, LAYOUT[kind].directory);
      rmSync(directory, { recursive: true });
      writeFileSync(directory, 'in the way');
      const output = join(base, 'out.tar');
      await build(archive, cache, output, '--jobs', '1');
      expect(sha256Of(output)).toBe(right);
    },
  );
});

describe('verify', () => {
  it.each(Object.keys(DAMAGES))('finds one of each kind that %s, and throws it away', async (damage) => {
    await entryOf('an index');
    const before = listEntries(cache, KIND_NAMES);
    const spoilt = KIND_NAMES.flatMap((kind) => before.find((entry) => entry.kind === kind) ?? []);
    for (const { path } of spoilt) DAMAGES[damage]?.(path);
    const { damaged, entries } = await verify(cache, 2, new AbortController().signal);
    expect(entries).toBe(before.length);
    expect(damaged.map(({ entry: { path } }) => path).sort()).toEqual(spoilt.map(({ path }) => path).sort());
    expect(damaged.map(({ stays }) => stays)).toEqual(spoilt.map(() => undefined));
    const left = before.filter(({ path }) => !spoilt.some((one) => one.path === path));
    expect(listEntries(cache, KIND_NAMES).map(({ path }) => path)).toEqual(left.map(({ path }) => path));
  });
});

describe('a build with somebody else’s entries', () => {
  const isRoot = process.getuid?.() === 0;
  it.each(Object.keys(PARTS) as (keyof typeof PARTS)[])('writable for others: %s', async (part) => {
    const entry = await entryOf(part);
    chmodSync(entry.path, 0o666);
    await build(archive, cache, join(base, 'out.tar'), '--jobs', '1');
    expect(sha256Of(join(base, 'out.tar'))).toBe(right);
    expect((await verify(cache, 1, new AbortController().signal)).damaged).toEqual([]);
  });

  it.each(Object.keys(PARTS) as (keyof typeof PARTS)[])('unreadable: %s', async (part) => {
    const entry = await entryOf(part);
    chmodSync(entry.path, 0);
    await build(archive, cache, join(base, 'out.tar'), '--jobs', '1');
    expect(sha256Of(join(base, 'out.tar'))).toBe(right);
  });

  it.skipIf(!isRoot).each(Object.keys(PARTS) as (keyof typeof PARTS)[])(
    'of another user (needs root): %s',
    async (part) => {
      const entry = await entryOf(part);
      chownSync(entry.path, 12345, 12345);
      await build(archive, cache, join(base, 'out.tar'), '--jobs', '1');
      expect(sha256Of(join(base, 'out.tar'))).toBe(right);
      expect((await verify(cache, 1, new AbortController().signal)).damaged).toEqual([]);
    },
  );

  it('under another’s name: an unpacked package', async () => {
    const entry = await entryOf('an unpacked package');
    const other = listEntries(cache, ['unpacked']).find(({ path }) => path !== entry.path);
    cpSync(other?.path ?? '', entry.path);
    await build(archive, cache, join(base, 'out.tar'), '--jobs', '1');
    expect(sha256Of(join(base, 'out.tar'))).toBe(right);
  });
});

describe('the state of a Release file', () => {
  it('is not skipped where it is damaged, until verify has thrown it away', async () => {
    await entryOf('an index');
    const [state] = listEntries(cache, ['releases']);
    writeFileSync(state?.path ?? '', '{');
    await expect(build(archive, cache, join(base, 'out.tar'))).rejects.toThrow(/cannot read .*\.json/);
    const { damaged } = await verify(cache, 1, new AbortController().signal);
    expect(damaged.map(({ entry }) => entry.path)).toEqual([state?.path]);
    await build(archive, cache, join(base, 'out.tar'), '--jobs', '1');
    expect(sha256Of(join(base, 'out.tar'))).toBe(right);
  });
});

describe('a leftover', () => {
  it('of another version of the format is not looked at', async () => {
    const entry = await entryOf('an unpacked package');
    const old = entry.path.replace(LAYOUT.unpacked.suffix, '-v1');
    writeFileSync(old, 'of old');
    utimesSync(old, 1, 1);
    expect(listEntries(cache, KIND_NAMES).filter(({ state }) => state === 'leftover')).toHaveLength(1);
    expect((await verify(cache, 1, new AbortController().signal)).damaged).toEqual([]);
  });
});
