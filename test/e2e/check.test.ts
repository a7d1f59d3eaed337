import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { makeElf } from '../builder/elf.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { koala } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const work = mkdtempSync(join(tmpdir(), 'koala-check-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const LIB = '/usr/lib/x86_64-linux-gnu';
const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** tool does not say that it needs libz1 and a shell. */
const PACKAGES: Readonly<
  Record<string, { readonly control?: Record<string, string>; readonly files: readonly DebFile[] }>
> = {
  libc6: {
    files: [
      { path: `${LIB}/ld-linux-x86-64.so.2`, content: makeElf({ soname: 'ld-linux-x86-64.so.2' }) },
      { path: '/usr/lib64/ld-linux-x86-64.so.2', type: 'symlink', target: `..${LIB.slice(4)}/ld-linux-x86-64.so.2` },
      { path: `${LIB}/libc.so.6`, content: makeElf({ soname: 'libc.so.6' }) },
    ],
  },
  libz1: {
    control: { 'Installed-Size': '100' },
    files: [{ path: `${LIB}/libz.so.1`, content: makeElf({ soname: 'libz.so.1' }) }],
  },
  dash: { files: [{ path: '/usr/bin/sh', mode: 0o755, content: makeElf({ interpreter: LOADER }) }] },
  tool: {
    control: { Depends: 'libc6' },
    files: [
      {
        path: '/usr/bin/tool',
        mode: 0o755,
        content: makeElf({ interpreter: LOADER, needed: ['libz.so.1', 'libc.so.6'] }),
      },
      { path: '/usr/bin/script', mode: 0o755, content: '#!/bin/sh\n' },
    ],
  },
  coreutils: {
    control: { Depends: 'libc6, libgmp10' },
    files: [
      { path: '/usr/bin/env', mode: 0o755, content: makeElf({ interpreter: LOADER, needed: ['libc.so.6'] }) },
      {
        path: '/usr/bin/sort',
        mode: 0o755,
        content: Buffer.concat([makeElf({ interpreter: LOADER, needed: ['libgmp.so.10'] }), Buffer.alloc(300_000)]),
      },
      { path: '/usr/libexec/coreutils/data', content: 'data\n' },
      { path: '/usr/share/doc/coreutils/copyright', content: 'GPL\n' },
      { path: '/usr/share/doc/coreutils/NEWS', content: 'new\n' },
    ],
  },
  libgmp10: { files: [{ path: `${LIB}/libgmp.so.10`, content: makeElf({ soname: 'libgmp.so.10' }) }] },
  'env-tool': {
    control: { Depends: 'libc6' },
    files: [{ path: '/usr/bin/env-tool', mode: 0o755, content: '#!/usr/bin/env tool\n' }],
  },
  honest: {
    control: { Depends: 'libc6, libz1' },
    files: [{ path: '/usr/bin/honest', mode: 0o755, content: makeElf({ interpreter: LOADER, needed: ['libz.so.1'] }) }],
  },
};

let options: string[] = [];
beforeAll(async () => {
  const packages = await Promise.all(
    Object.entries(PACKAGES).map(async ([name, { control = {}, files }]) => {
      const fields = { Package: name, Version: '1', Architecture: 'amd64', ...control };
      return { control: fields, deb: await makeDeb({ control: fields, files }) };
    }),
  );
  await writeArchive({ directory: join(work, 'archive'), suite: 'trixie', packages });
  const keyring = await writeKeyring(work, 'keyring.asc', [await testKey()]);
  options = [
    '--mirror',
    join(work, 'archive'),
    '--keyring',
    keyring,
    '--cache-dir',
    join(work, 'cache'),
    '--arch',
    'amd64',
  ];
});

function profile(name: string, more = '', packages = name === 'whole' ? 'tool, libz1, dash' : 'tool'): string {
  const file = join(work, `${name}.yaml`);
  const lines = [
    `name: ${name}`,
    'description: For tests',
    'suite: trixie',
    'archives: [{ suite: trixie, kind: debian }]',
    more.startsWith('stages:') ? '' : `stages: [{ name: one, packages: [${packages}] }]`,
    more,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

describe('check', { timeout: 60_000 }, () => {
  const run = (...args: string[]) => koala([...args, ...options], { cwd: work });

  it('finds what nobody declared, says who would supply it, and exits with 1', async () => {
    const { status, stdout } = await run('check', '--profile', profile('open'), '--json');
    expect(status).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ closed: false, architecture: 'amd64' });
    expect(report.findings).toMatchObject([
      {
        type: 'library',
        missing: 'libz.so.1',
        stops: { programs: ['/usr/bin/tool'], scripts: [] },
        chains: ['one asks for tool'],
        suggestions: [{ package: 'libz1', packages: 1, bytes: 102_400 }],
      },
      {
        type: 'interpreter',
        missing: '/bin/sh',
        needs: [{ path: '/usr/bin/script', package: 'tool' }],
        stops: { programs: [], scripts: ['/usr/bin/script'] },
        suggestions: [{ package: 'dash', packages: 1 }],
      },
    ]);
  });

  it('proposes lines of a profile', async () => {
    const { status, stdout } = await run('check', '--profile', profile('open'), '--fix');
    expect(status).toBe(1);
    expect(stdout).toContain('      # libz.so.1\n      - libz1\n');
    expect(stdout).toContain('      # /bin/sh\n      - dash\n');
  });

  it('proposes no more of a package than is needed, and what it proposes closes the tree', async () => {
    const { stdout } = await run('check', '--profile', profile('slicing', '', 'tool, libz1, dash, env-tool'), '--fix');
    expect(stdout.replace(/^#.*/, '#')).toBe(`#
stages:
  - name: closed
    packages:
      # /usr/bin/env
      - coreutils
    drop:
      - { package: "libgmp10", reason: Nothing that is kept needs it }
slices:
  - package: "coreutils"
    keep:
      - "/usr/bin/env"
      - "/usr/libexec/coreutils/data"
`);
    const closed = join(work, 'sliced.yaml');
    writeFileSync(closed, `name: sliced\ndescription: Closed\nextends: ./slicing.yaml\n${stdout}`);
    expect((await run('build', '--profile', closed, '--strict', '--output', 'sliced/')).status).toBe(0);
    const files = readdirSync(join(work, 'sliced'), { recursive: true, encoding: 'utf8' });
    const own = files.filter((path) => /coreutils\/|bin\/(?:env|sort)$|gmp/.test(path) && path.startsWith('usr/'));
    expect(own.sort()).toEqual(['usr/bin/env', 'usr/libexec/coreutils/data', 'usr/share/doc/coreutils/copyright']);
  });

  it('is content with what is whole, and with what the profile accepts', async () => {
    expect((await run('check', '--profile', profile('whole'))).status).toBe(0);
    const accept = 'accept: [{ missing: "*", path: /usr/bin/*, reason: Nobody starts them }]';
    const { status, stdout } = await run('check', '--profile', profile('accepting', accept));
    expect(stdout).toContain('accepted     Nobody starts them');
    expect(status).toBe(0);
  });

  it('is told by a build, which ends with 0, unless it is strict', async () => {
    const args = ['--profile', profile('open'), '--output', 'open.tar'];
    const refused = await run('build', ...args, '--strict');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('cannot build with --strict: 2 things that files need are missing');
    expect(refused.stderr).toContain('libz.so.1 is missing, which /usr/bin/tool needs (DT_NEEDED)');
    expect((await run('check', 'open.tar', '--no-suggest')).status).toBe(2);

    const built = await run('build', ...args, '--json');
    expect(built.status).toBe(0);
    const summary = JSON.parse(built.stdout);
    expect(summary.check).toMatchObject({
      closed: false,
      findings: [{ missing: 'libz.so.1' }, { missing: '/bin/sh' }],
    });
    expect(summary.warnings).toEqual([
      'open tree: 2 things that files need are missing; koala-bootstrap check shows all, and what would supply it',
      'open tree: libz.so.1 is missing, which /usr/bin/tool needs (DT_NEEDED)',
      'open tree: /bin/sh is missing, which /usr/bin/script needs (#!/bin/sh)',
    ]);
    const silent = JSON.parse((await run('build', ...args, '--json', '--no-check')).stdout);
    expect(silent).toMatchObject({ warnings: [] });
    expect(silent.check).toBeUndefined();

    const checked = await run('check', 'open.tar', '--no-suggest');
    expect(checked.status).toBe(1);
    expect(checked.stdout).toContain(
      'error: library libz.so.1 (stops 1 program)\n  needed by    /usr/bin/tool (DT_NEEDED)\n',
    );
    expect(checked.stdout).toContain('open         2 errors (1 of them of scripts only), 0 warnings');
    const fix = await run('check', 'open.tar', '--fix');
    expect(fix.stdout).toContain(
      '# No archive was asked for these (the tree does not say of which suite of Debian it is',
    );
    expect((await run('check', 'open.tar', '--fix', '--suite', 'trixie')).stdout).toContain('      - libz1\n');
  });

  const drop = 'stages: [{ name: one, packages: [honest], drop: [{ package: libz1, reason: Not needed }] }]';
  const exclude = `stages: [{ name: one, packages: [honest] }]\nexclude-paths: ["*/libz.so*"]`;
  it.each([
    ['a drop', drop, 'drop', 'the profile drops libz1 of honest'],
    ['exclude-paths', exclude, 'exclude-paths', 'exclude-paths takes it out'],
  ])(
    'ends a build where %s of the profile breaks a kept file, unless that is accepted',
    async (what, lines, cause, detail) => {
      const args = ['--output', `${what.replace(' ', '-')}.tar`, '--json'];
      const refused = await run('build', '--profile', profile('broken', lines), ...args);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(
        'cannot build what breaks itself: the profile takes away something that kept files need',
      );
      const said = `libz.so.1 is missing, which /usr/bin/honest needs (DT_NEEDED): ${detail}`;
      expect(refused.stderr).toContain(said);

      const checked = await run('check', '--profile', profile('broken', lines), '--json');
      expect(checked.status).toBe(1);
      expect(JSON.parse(checked.stdout)).toMatchObject({
        closed: false,
        findings: [{ severity: 'error', missing: 'libz.so.1', cause, detail }],
      });

      expect((await run('lock', '--profile', profile('broken', lines), '--output', 'broken.lock.json')).status).toBe(0);
      const places = ['--cache-dir', join(work, 'cache'), '--output', 'locked.tar'];
      const locked = await koala(['build', '--lock', 'broken.lock.json', ...places], { cwd: work });
      expect([locked.status, locked.stderr]).toEqual([1, expect.stringContaining(said)]);
      expect(readdirSync(work)).not.toContain('locked.tar');

      const accept = `${lines}\naccept: [{ missing: libz.so.1, reason: Nobody starts it }]`;
      const accepted = await run('build', '--profile', profile('accepting-it', accept), ...args);
      expect(JSON.parse(accepted.stdout)).toMatchObject({
        warnings: [],
        check: { closed: true, findings: [{ missing: 'libz.so.1', accepted: 'Nobody starts it' }] },
      });
    },
  );

  it('checks something', async () => {
    const { status, stderr } = await koala(['check'], { cwd: work });
    expect(status).toBe(2);
    expect(stderr).toContain('cannot check nothing');
  });
});

describe.skipIf(!hasArchive)(`check, of the real archive (${WHY_NO_ARCHIVE})`, { timeout: 600_000 }, () => {
  const cache = ['--cache-dir', join(work, 'real-cache')];

  it.each(
    ['trixie', 'bookworm'].flatMap((suite) => ['static', 'base', 'debug', 'minbase'].map((name) => [name, suite])),
  )('is silent on %s of %s', async (name, suite) => {
    const args = ['--profile', name, '--suite', suite, '--arch', 'amd64', '--json', ...cache];
    const { status, stdout } = await koala(['check', ...args], { cwd: work });
    const { findings } = JSON.parse(stdout) as { findings: { severity: string; accepted?: string }[] };
    expect(findings.filter(({ severity, accepted }) => severity !== 'information' && accepted === undefined)).toEqual(
      [],
    );
    expect(status).toBe(0);
  });

  it.each(['arm64', 'riscv64'])('reads a tree of %s', async (architecture) => {
    const tar = `minbase-${architecture}.tar`;
    await koala(['build', '--profile', 'minbase', '--suite', 'trixie', '--arch', architecture, '-o', tar, ...cache], {
      cwd: work,
    });
    const { status, stdout } = await koala(['check', tar, '--profile', 'minbase', '--json'], { cwd: work });
    expect(JSON.parse(stdout)).toMatchObject({ closed: true, architecture });
    expect(status).toBe(0);
  });

  it('knows from its Contents which package has what is missing, and proposes lines that close the tree', async () => {
    const args = ['--profile', 'base', '--include', 'gzip', '--suite', 'trixie', '--arch', 'riscv64', ...cache];
    const open = await koala(['check', ...args, '--json'], { cwd: work });
    expect(JSON.parse(open.stdout).findings[0]).toMatchObject({
      type: 'interpreter',
      missing: '/bin/sh',
      suggestions: expect.arrayContaining([expect.objectContaining({ package: 'dash' })]),
    });
    const { stdout } = await koala(['check', ...args, '--fix'], { cwd: work });
    writeFileSync(join(work, 'real.yaml'), `name: real\ndescription: Closed\nextends: base\n${stdout}`);
    const closed = ['build', ...args, '--profile', 'real.yaml', '--strict', '--output', 'real.tar', '--json'];
    expect(JSON.parse((await koala(closed, { cwd: work })).stdout).check).toMatchObject({ closed: true });
  });
});
