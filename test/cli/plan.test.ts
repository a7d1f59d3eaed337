import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { hasProgram } from '../builder/programs.js';
import { place } from './planned.js';
import { Capture, run } from './run.js';

const plan = (line = '', columns?: number, environment = { LANG: 'C.UTF-8', NO_COLOR: '1' }) =>
  run(['plan', ...place.profile, ...line.split(' ').filter(Boolean)], { stdout: new Capture(columns), environment });

const FOOT = `
packages    8 packages, 5.9 MB, 23.1 MB installed
archives    test 2024-05-01
updates     not read: --updates adds test-updates
left out    awk (of files): Nothing calls one
left out    perl (files does not ask for it): Nor that
`;

const WIDE = `
bottom: 4 packages, 3.0 MB, 13.9 MB installed
files       1.0-1            60.0 kB   307 kB  asked for
gcc-base    1.0-1            49.0 kB   113 kB  libgcc depends on gcc-base (= 1.0-1)
libc        2.41-12+deb13u4   2.8 MB  13.3 MB  asked for
libgcc      1.0-1            72.0 kB   195 kB  libc depends on libgcc

top: 4 packages, 2.9 MB, 9.2 MB installed
docs        2:1.0~rc1         1.0 kB  10.2 kB  web recommends docs
libssl3t64  1.0-1             2.5 MB   8.2 MB  web depends on libssl3t64
postman     1.0-1            20.0 kB  51.2 kB  web depends on mail-agent
web         1.0-1             400 kB   922 kB  asked for as web | apache
${FOOT}`;

describe('the table', () => {
  it.each([
    ['200 columns', 200, WIDE],
    ['a pipe', undefined, WIDE],
    [
      '80 columns',
      80,
      `
bottom: 4 packages, 3.0 MB, 13.9 MB installed
files       1.0-1            60.0 kB   307 kB  asked for
gcc-base    1.0-1            49.0 kB   113 kB  for libgcc
libc        2.41-12+deb13u4   2.8 MB  13.3 MB  asked for
libgcc      1.0-1            72.0 kB   195 kB  for libc

top: 4 packages, 2.9 MB, 9.2 MB installed
docs        2:1.0~rc1         1.0 kB  10.2 kB  for web
libssl3t64  1.0-1             2.5 MB   8.2 MB  for web
postman     1.0-1            20.0 kB  51.2 kB  for web
web         1.0-1             400 kB   922 kB  asked for
${FOOT}`,
    ],
    [
      '40 columns',
      40,
      `
bottom: 4 packages, 3.0 MB, 13.9 MB ins…
files 1.0-1
  60.0 kB, 307 kB installed, asked for
gcc-base 1.0-1
  49.0 kB, 113 kB installed, for libgcc
libc 2.41-12+deb13u4
  2.8 MB, 13.3 MB installed, asked for
libgcc 1.0-1
  72.0 kB, 195 kB installed, for libc

top: 4 packages, 2.9 MB, 9.2 MB install…
docs 2:1.0~rc1
  1.0 kB, 10.2 kB installed, for web
libssl3t64 1.0-1
  2.5 MB, 8.2 MB installed, for web
postman 1.0-1
  20.0 kB, 51.2 kB installed, for web
web 1.0-1
  400 kB, 922 kB installed, asked for

packages    8 packages, 5.9 MB, 23.1 MB
            installed
archives    test 2024-05-01
updates     not read: --updates adds
            test-updates
left out    awk (of files): Nothing
            calls one
left out    perl (files does not ask for
            it): Nor that
`,
    ],
  ])('for %s', async (_, columns, expected) => {
    const { status, stdout, stderr } = await plan('', columns);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(`\n${stdout}`).toBe(expected);
  });

  it.each([41, 59, 60, 61, 66, 72, 79, 100])('keeps to %i columns', async (columns) => {
    const { stdout } = await plan('', columns);
    expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    for (const name of ['gcc-base', 'libssl3t64', 'postman']) expect(stdout).toContain(`\n${name}`);
  });
});

describe('the tree', () => {
  const tree = `bottom
files 1.0-1, asked for
libc 2.41-12+deb13u4, asked for
└─ libgcc 1.0-1
   ├─ libc 2.41-12+deb13u4 (above)
   └─ gcc-base 1.0-1

top
web 1.0-1, asked for as web | apache
├─ postman 1.0-1
│  └─ libc (in bottom)
├─ libc (in bottom)
├─ libssl3t64 1.0-1
│  └─ libc (in bottom) [pre-depends]
└─ docs 2:1.0~rc1 [recommends]
`;

  it.each([80, undefined])('shows each package with what it needs once (%s columns)', async (columns) => {
    expect((await plan('--tree', columns)).stdout).toBe(tree);
    expect((await plan('--format tree', columns)).stdout).toBe(tree);
  });

  it('is cut to narrow terminals, and drawn in ASCII where there is no more', async () => {
    const { stdout } = await plan('--tree', 24, { LANG: 'C', NO_COLOR: '1' });
    expect(stdout).toContain('`- libgcc 1.0-1\n   |- libc 2.41-12+deb1~\n   `- gcc-base 1.0-1\n');
  });
});

describe('--format names', () => {
  const names = `docs 2:1.0~rc1 all
files 1.0-1 all
gcc-base 1.0-1 amd64
libc 2.41-12+deb13u4 amd64
libgcc 1.0-1 amd64
libssl3t64 1.0-1 amd64
postman 1.0-1 amd64
web 1.0-1 amd64
`;

  it('prints sorted names and nothing else', async () => {
    expect(await plan('--format names', 20)).toMatchObject({ status: 0, stdout: names, stderr: '' });
  });

  it('needs no profile', async () => {
    const argv = ['plan', '--packages', 'postman, libgcc (>= 1)', '--format', 'names', ...place.packages];
    expect(await run(argv)).toMatchObject({
      status: 0,
      stdout: names.replace(/^(?:docs|files|libssl3t64|web) .*\n/gm, ''),
      stderr: '',
    });
  });
});

it('--json has this shape', async () => {
  const { stdout } = await plan('--json');
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({
    profile: 'shop',
    suite: 'test',
    architecture: 'amd64',
    archives: [
      { suite: 'test', date: '2024-05-01T12:00:00.000Z', signedBy: [expect.stringMatching(/^[0-9A-F]{40}$/)] },
    ],
    unread: ['test-updates'],
    stages: [
      { name: 'bottom', packages: 4, size: 2_981_000, installedSize: 13_926_400 },
      { name: 'top', packages: 4, size: 2_921_000, installedSize: 9_175_040 },
    ],
    dropped: [{ package: 'awk', by: 'files', relation: 'awk', reason: 'Nothing calls one' }],
    unusedDrops: [{ package: 'perl', from: 'files', reason: 'Nor that' }],
  });
  expect(found.packages.map(({ name }: { name: string }) => name).join(' ')).toBe(
    'files gcc-base libc libgcc docs libssl3t64 postman web',
  );
  expect(found.packages.at(-2)).toEqual({
    name: 'postman',
    version: '1.0-1',
    architecture: 'amd64',
    stage: 'top',
    source: { name: 'postman', version: '1.0-1' },
    reason: { type: 'depends', by: 'web', relation: 'mail-agent' },
    needs: [{ type: 'depends', relation: 'libc', package: 'libc' }],
    size: 20_000,
    installedSize: 51_200,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    filename: 'pool/main/p/postman/postman_1.0-1_amd64.deb',
    archive: { suite: 'test', url: expect.stringMatching(/^file:\/\/.*\/archive$/) },
  });
});

it('--dot draws a cluster for each stage and an arrow for each dependency', async () => {
  const { stdout } = await plan('--dot');
  expect(stdout).toMatch(/^digraph plan \{\n.*\n\}\n$/s);
  expect(stdout).toContain('  subgraph cluster_1 {\n    label="top";\n    "docs:all" [label="docs\\n2:1.0~rc1"];\n');
  expect(stdout.match(/->.*/g)).toEqual([
    '-> "libgcc:amd64";',
    '-> "libc:amd64";',
    '-> "gcc-base:amd64";',
    '-> "libc:amd64" [style=bold];',
    '-> "libc:amd64";',
    '-> "postman:amd64";',
    '-> "libc:amd64";',
    '-> "libssl3t64:amd64";',
    '-> "docs:all" [style=dashed];',
  ]);
});

it('--dot is what graphviz reads', async (context) => {
  if (!hasProgram('dot')) context.skip('graphviz is not installed');
  const { stdout } = await plan('--dot');
  expect(execFileSync('dot', ['-Tsvg'], { input: stdout, encoding: 'utf8' })).toContain('</svg>');
});

describe('sources', () => {
  it.each(['a file', 'standard input'])('stand in for those of the profile: %s', async (from) => {
    const file = join(place.directory, 'my.sources');
    const entry = `Types: deb\nURIs: file:${place.directory}/archive\nSuites: test\nComponents: main\nSigned-By: ${place.directory}/keyring.asc\n`;
    await writeFile(file, entry);
    const given = from === 'a file' ? file : '-';
    const argv = ['plan', '--sources', given, ...place.profile.filter((word) => !/^--mirror$|archive$/.test(word))];
    const { status, stdout, stderr } = await run(argv, { stdin: Readable.from([given === '-' ? entry : '']) });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('\narchives    test 2024-05-01\nleft out');
  });
});

describe('wrong usage', () => {
  it.each([
    ['', 'cannot choose packages without a profile', 'hint: give --profile'],
    ['--format nmes -p base', 'cannot write the format "nmes"; did you mean "names"?', 'hint: known are table, tree'],
    ['--tree --json -p base', 'cannot do both: tree and json are formats', ''],
    ['--format dot --tree -p base', 'cannot do both: tree and dot are formats', ''],
    ['--tre -p base', 'cannot read the command line: --tre is not known here', 'hint: did you mean --tree?'],
    ['--output x -p base', 'cannot read the command line: --output is not known here', ''],
    ['--packages jq', 'cannot choose --packages without a suite', 'hint: give --suite'],
    ['--packages jq -s sid -p base', 'cannot use both --profile and --packages', ''],
    ['--packages jq,( -s sid', 'cannot use --packages "jq,("', 'hint: write names'],
    ['--components main -p base', 'cannot use --components without --packages', ''],
    ['--packages jq -s sid --components ../x', 'cannot use "../x" as the name of a component', ''],
    ['-p base --snapshot yesterday', 'cannot read "yesterday" as the time of a snapshot', 'hint: write it as'],
    ['-p base --sources /none', 'cannot read --sources /none: there is no such file', 'hint: give a file'],
    ['-p base --sources - --sources -', 'cannot read --sources - more than once', ''],
    ['-p base --include ./none.deb', 'cannot include ./none.deb: there is no such file', 'hint: give the path'],
  ])('%s', async (line, message, hint) => {
    const { status, stdout, stderr } = await run(['plan', '--offline', ...line.split(' ').filter(Boolean)], {
      environment: { HOME: place.directory },
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const [first, second] = stderr.split('\n');
    expect(first).toContain(`koala-bootstrap: ${message}`);
    expect(second).toContain(hint);
  });
});

it('a plan that there is none for is a failure, with its proof', async () => {
  const { status, stdout, stderr } = await plan('--include absent');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^koala-bootstrap: cannot resolve stage top: there is no package absent\n/);
});
