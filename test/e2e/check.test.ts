import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { makeElf } from '../builder/elf.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { koala } from './command.js';

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

function profile(name: string, more = ''): string {
  const file = join(work, `${name}.yaml`);
  const lines = [
    `name: ${name}`,
    'description: For tests',
    'suite: trixie',
    'archives: [{ suite: trixie, kind: debian }]',
    `stages: [{ name: one, packages: [${name === 'whole' ? 'tool, libz1, dash' : 'tool'}] }]`,
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
      { type: 'interpreter', missing: '/bin/sh', needs: [{ path: '/usr/bin/script', package: 'tool' }] },
      {
        type: 'library',
        missing: 'libz.so.1',
        breaks: ['/usr/bin/tool'],
        chains: ['one asks for tool'],
        suggestions: [{ package: 'libz1', packages: 1, bytes: 102_400 }],
      },
    ]);
  });

  it('proposes lines of a profile', async () => {
    const { status, stdout } = await run('check', '--profile', profile('open'), '--fix');
    expect(status).toBe(1);
    expect(stdout).toContain('      # libz.so.1\n      - libz1\n');
    expect(stdout).toContain('  - missing: "/bin/sh"\n    reason: ""\n');
  });

  it('is content with what is whole, and with what the profile accepts', async () => {
    expect((await run('check', '--profile', profile('whole'))).status).toBe(0);
    const accept = 'accept: [{ missing: "*", path: /usr/bin/*, reason: Nobody starts them }]';
    const { status, stdout } = await run('check', '--profile', profile('accepting', accept));
    expect(stdout).toContain('accepted     Nobody starts them');
    expect(status).toBe(0);
  });

  it('ends a build, which leaves no output, unless it is told not to look', async () => {
    const args = ['--profile', profile('open'), '--output', 'open.tar'];
    const refused = await run('build', ...args);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('cannot close the tree: 2 things that its files need are missing');
    expect(refused.stderr).toContain('libz.so.1 is missing, which /usr/bin/tool needs (DT_NEEDED)');
    expect((await run('check', 'open.tar', '--no-suggest')).status).toBe(2);
    expect((await run('build', ...args, '--no-check')).status).toBe(0);
    const checked = await run('check', 'open.tar', '--no-suggest');
    expect(checked.status).toBe(1);
    expect(checked.stdout).toContain('error: library libz.so.1\n  needed by    /usr/bin/tool');
  });

  it('checks something', async () => {
    const { status, stderr } = await koala(['check'], { cwd: work });
    expect(status).toBe(2);
    expect(stderr).toContain('cannot check nothing');
  });
});
