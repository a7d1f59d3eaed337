import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TarReader } from '../../src/formats/tar/reader.js';
import { workDirectory } from '../builder/directory.js';
import { shortHash } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';
import { koalaBuild, sha256Of } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const isRoot = process.getuid?.() === 0;

const work = workDirectory('architectures');

/** What the packages themselves have for one architecture alone: their loaders, hardware and libraries. */
const OF_THE_ARCHITECTURE: readonly (readonly [path: RegExp, why: string])[] = [
  [/^(?:\/usr)?\/lib64(?:\/|$)|\/ld-linux-[^/]*\.so\.\d$/, 'where the dynamic linker is'],
  [/^\/usr\/(?:bin|share\/man\/man8)\/(?:i386|ARCH)(?:\.8\.gz)?$/, "setarch's names for the processor"],
  [/^\/usr\/lib\/ARCH\/(?:engines-3\/padlock\.so|libmvec\.so\.1)$/, "x86's own"],
  [/libseccomp/, 'nothing needs it on riscv64'],
  [/\/changelog\.Debian\.ARCH\.gz$/, 'built again for one architecture'],
  [
    /^\/var\/lib\/dpkg\/diversions(?:-old)?$|^\/var\/lib\/dpkg\/triggers\/File$/,
    'base-files moves /lib64 away, or not',
  ],
];

/** One line for each path, architectures' names replaced; with the contents of what configuring writes as text. */
function listing(tar: string, names: RegExp): string[] {
  const bytes = readFileSync(tar);
  const lines: string[] = [];
  const neutral = (text: string): string => text.replace(names, 'ARCH');
  const reader = new TarReader(
    {
      entry: ({ path, type, mode, uid, gid, target, size }, offset) => {
        const said = /^\/(?:etc|var)\/(?!ld\.so\.cache|lib\/dpkg\/(?:info|status)|lib\/apt\/extended_states)/.test(
          path,
        );
        const text = said ? shortHash(neutral(bytes.toString('latin1', offset, offset + size))) : '';
        lines.push(neutral(`${path} ${type} ${mode.toString(8)} ${uid}:${gid} ${target} ${text}`.trimEnd()));
      },
    },
    tar,
  );
  reader.write(bytes);
  reader.end();
  return lines.filter((line) => {
    const path = line.slice(0, line.indexOf(' '));
    return path !== '/usr/bin/ld.so' && !OF_THE_ARCHITECTURE.some(([expression]) => expression.test(path));
  });
}

const NAMES = {
  amd64: /(?<![a-z0-9])(?:x86_64-linux-gnu|x86[_-]64|amd64)(?![a-z0-9])/g,
  arm64: /(?<![a-z0-9])(?:aarch64-linux-gnu|aarch64|arm64)(?![a-z0-9])/g,
  riscv64: /(?<![a-z0-9])(?:riscv64-linux-gnu|riscv64)(?![a-z0-9])/g,
} as const;

const EMULATORS = {
  arm64: 'aarch64',
  riscv64: 'riscv64',
  s390x: 's390x',
  i386: 'i386',
};

const built = new Map<string, Promise<string>>();

/** The tar of a minbase, built once for all tests, with every script understood. */
function minbase(suite: string, architecture: string): Promise<string> {
  const name = `${suite}-${architecture}.tar`;
  const known = built.get(name) ?? build(name, ['--profile', 'minbase', '--suite', suite, '--arch', architecture]);
  built.set(name, known);
  return known;
}

async function build(name: string, args: readonly string[]): Promise<string> {
  const output = join(work, name);
  const summary = await koalaBuild([...args, '--cache-dir', join(work, 'cache'), '--output', output], { cwd: work });
  expect(summary.notConfigured).toEqual([]);
  return output;
}

function cacheOf(tar: string): string {
  const path = `${tar}.cache`;
  writeFileSync(path, execFileSync('tar', ['-xOf', tar, './etc/ld.so.cache']));
  return path;
}

/** The sonames that a cache has, each with where it is found. */
function libraries(tar: string, names: RegExp): string[] {
  const lines = execFileSync('ldconfig', ['-p', '-C', cacheOf(tar)], { encoding: 'utf8' }).split('\n');
  const entries = lines.flatMap((line) => /^\t(\S+) \(libc6,[^)]+\) => (.*)$/.exec(line)?.slice(1).join(' ') ?? []);
  return entries.map((line) => line.replace(names, 'ARCH')).filter((line) => !/^(?:ld-|libmvec|libseccomp)/.test(line));
}

function extract(tar: string): string {
  const root = `${tar}.root`;
  mkdirSync(root);
  execFileSync('tar', ['-xpf', tar, '-C', root]);
  return root;
}

describe.skipIf(!hasArchive)(`minbase of other architectures (${WHY_NO_ARCHIVE})`, { timeout: 300_000 }, () => {
  it.each([
    ['trixie', 'arm64'],
    ['trixie', 'riscv64'],
    ['bookworm', 'arm64'],
  ] as const)("of %s for %s is amd64's but for what is of the architecture", async (suite, architecture) => {
    const [tar, reference] = [await minbase(suite, architecture), await minbase(suite, 'amd64')];
    const mine = new Set(listing(tar, NAMES[architecture]));
    const other = new Set(listing(reference, NAMES.amd64));
    expect({
      only: [...mine].filter((line) => !other.has(line)),
      missing: [...other].filter((line) => !mine.has(line)),
    }).toEqual({ only: [], missing: [] });
    expect(mine.size).toBeGreaterThan(5000);
    const found = libraries(tar, NAMES[architecture]);
    expect(found).toEqual(libraries(reference, NAMES.amd64));
    expect(found.length).toBeGreaterThan(55);
  });

  it.for([
    ['trixie', 'arm64'],
    ['trixie', 'riscv64'],
    ['trixie', 's390x'],
    ['bookworm', 'arm64'],
    ['bookworm', 'i386'],
  ] as const)(
    "of %s for %s has the cache that the architecture's own ldconfig writes",
    async ([suite, architecture], context) => {
      const emulator = `qemu-${EMULATORS[architecture]}-static`;
      if (!isRoot || !hasProgram(emulator)) context.skip(`${emulator} is not there, or not started by root`);
      const root = extract(await minbase(suite, architecture));
      expectOwnCache(root, () =>
        spawnSync(emulator, [join(root, 'usr/sbin/ldconfig'), '-r', root], { encoding: 'utf8' }),
      );
    },
  );

  it.for(['trixie', 'bookworm'])(
    'of %s has the libraries of a foreign architecture in its cache',
    async (suite, context) => {
      if (!isRoot || process.arch !== 'x64') context.skip('a chroot of amd64 needs root and that processor');
      const text = readFileSync(new URL('../../profiles/minbase.yaml', import.meta.url), 'utf8');
      const profile = join(work, 'both.yaml');
      writeFileSync(profile, text.replace(/^name: .*$/m, 'name: both\nforeign-architectures: [i386]'));
      const icu = suite === 'trixie' ? 'libicu76:i386' : 'libicu72:i386';
      const tar = await build(`both-${suite}.tar`, [
        '--profile',
        profile,
        '--suite',
        suite,
        '--arch',
        'amd64',
        '--include',
        icu,
      ]);
      const root = extract(tar);
      const run = (...args: readonly string[]) => spawnSync('chroot', [root, ...args], { encoding: 'utf8' });
      for (const check of ['--audit', '--verify']) expect(run('dpkg', check)).toMatchObject({ stdout: '', stderr: '' });
      expect(run('dpkg', '--print-foreign-architectures').stdout).toBe('i386\n');
      const listed = run('ldconfig', '-p').stdout;
      expect(listed).toContain('libc.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libc.so.6\n');
      expect(listed).toContain('libc.so.6 (libc6) => /lib/i386-linux-gnu/libc.so.6\n');
      expectOwnCache(root, () => run('ldconfig'));
    },
  );
});

/** A cache from nothing by the real program is the one that was there. */
function expectOwnCache(
  root: string,
  ldconfig: () => { readonly status: number | null; readonly stderr: string },
): void {
  const path = join(root, 'etc/ld.so.cache');
  const before = sha256Of(path);
  rmSync(path);
  expect(ldconfig()).toMatchObject({ status: 0, stderr: '' });
  expect(sha256Of(path)).toBe(before);
  rmSync(root, { recursive: true });
}
