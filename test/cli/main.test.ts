import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { KoalaError } from '../../src/formats/errors.js';
import { testDirectory } from '../builder/directory.js';
import { Capture, run, SUMMARY } from './run.js';

const ROOT = new URL('../../', import.meta.url);

describe('the executable', () => {
  const bin = fileURLToPath(new URL('bin/koala-bootstrap.js', ROOT));

  it('says its version', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bin, '--version']);
    const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8'));
    expect(stdout).toBe(`${version}\n`);
  });

  it('ends with the status of the command', async () => {
    await expect(promisify(execFile)(process.execPath, [bin, '--profile', 'bsae'])).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^koala-bootstrap: cannot find the profile "bsae"\nhint: did you mean base\?/),
    });
  });
});

describe('--help', () => {
  it.each([['--help'], ['-h'], ['build', '--help']])('%s shows the options in groups', async (...argv) => {
    const { status, stdout, stderr } = await run(argv);
    expect([status, stderr]).toEqual([0, '']);
    const headings = stdout.split('\n').filter((line) => /^[A-Z][a-z ]+:$/.test(line));
    expect(headings).toEqual(
      expect.arrayContaining(['What to build:', 'Where from:', 'Output:', 'Running:', 'Options:']),
    );
    for (const option of [
      'profile',
      'suite',
      'arch',
      'include',
      'exclude-path',
      'mirror',
      'keyring',
      'cache-dir',
      'offline',
    ]) {
      expect(stdout).toMatch(new RegExp(`--${option} `));
    }
  });

  it.each([60, 80, 100])('keeps to %i columns', async (columns) => {
    for (const argv of [[], ...Object.keys(COMMANDS).map((name) => [name])]) {
      const { stdout } = await run([...argv, '--help'], { stdout: new Capture(columns) });
      expect(stdout.split('\n').filter((line) => line.length > columns)).toEqual([]);
      expect(stdout).toMatch(/^koala-bootstrap .*\n/);
    }
  });

  it('has examples that can be pasted, whatever the width', async () => {
    for (const columns of [40, 60, 80, 100]) {
      const { stdout } = await run(['sign', '--help'], { stdout: new Capture(columns) });
      const examples = stdout.slice(stdout.indexOf('Examples:')).replaceAll(/ \\\n */g, ' ');
      expect(examples).toContain('\n  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out koala.key\n');
      expect(examples).toMatch(
        /\n {2}koala-bootstrap sign base\.tar --key cosign\.key(?:\n {6}# | +)base\.tar\.sigstore\.json\n/,
      );
    }
  });
});

describe('wrong usage', () => {
  it.each([
    ['--profil base', 'cannot read the command line: --profil is not known here', 'did you mean --profile?'],
    ['--cacheDir=/x', 'cannot read the command line: --cacheDir is not known here', 'did you mean --cache-dir?'],
    ['profles', 'cannot read the command line: profles is not known here', 'did you mean profiles?'],
    ['-p base -z', 'cannot read the command line: -z is not known here', '--help'],
    ['-p base extra', 'cannot read the command line: extra is not known here', '--help'],
    ['-p base -- extra', 'cannot read the command line: extra is not known here', '--help'],
    [
      'profiles --suite sid',
      'cannot read the command line: --suite is not known here',
      'koala-bootstrap profiles --help',
    ],
    ['-p base --suite', 'cannot read the command line: --suite needs a value', undefined],
    ['', 'cannot choose packages without a profile', 'built in are base, debug, minbase, static'],
    ['-p bsae', 'cannot find the profile "bsae"', 'did you mean base?'],
    [
      '-p base -o x.zip',
      'cannot tell the format of x.zip by its ending',
      'known are .oci.tar .docker.tar .oci .oci/ .tar .tar.gz .tgz .tar.xz .txz .tar.zst /',
    ],
    ['-p base --format tra', 'cannot write the format "tra"; did you mean "tar"?', 'known are tar, tar.gz'],
    ['-p base --format dir -o -', 'cannot do both', undefined],
    ['-p base --json -o -', 'cannot do both: --json and --output -', undefined],
    ['-p base --sbom spdx -o -', 'cannot do both: --sbom writes beside the output, and - has no place', undefined],
    [
      '-p base --sbom spdx,cyclonDX',
      'cannot write the SBOM "cyclonDX"; did you mean "cyclonedx"?',
      '--sbom takes spdx, cyclonedx',
    ],
    ['-p base -qv', 'cannot do both: --quiet and --verbose', undefined],
    ['fetch --lock x -qv', 'cannot do both: --quiet and --verbose', undefined],
    ['-p base -j 0', 'cannot run "0" jobs', undefined],
    ['-p base -j 1.5', 'cannot run "1.5" jobs', undefined],
    ['-p base -j 99999', 'cannot run "99999" jobs', undefined],
    ['-p base -a amd65', 'cannot build for the architecture "amd65"', 'did you mean amd64?'],
    ['-p base -s ../etc', 'cannot use "../etc" as the name of a suite', undefined],
    ['-p base --include jq,(', 'cannot use --include "jq,("', 'write names with commas'],
    ['-p base --exclude-path doc', 'cannot use --exclude-path "doc"', 'begin it with / or *'],
  ])('%s', async (line, message, hint) => {
    const { status, stdout, stderr, options } = await run(line === '' ? [] : line.split(' '));
    expect({ status, stdout, options }).toEqual({ status: 2, stdout: '', options: undefined });
    const [first, second] = stderr.split('\n');
    expect(first).toContain(`koala-bootstrap: ${message}`);
    if (hint !== undefined) expect(second).toMatch(/^hint: /);
    expect(second).toContain(hint ?? '');
  });

  it.each(['x', '-1', '1.5', '99999999999'])('SOURCE_DATE_EPOCH=%s', async (SOURCE_DATE_EPOCH) => {
    const { status, stderr } = await run(['-p', 'base'], { environment: { SOURCE_DATE_EPOCH } });
    expect([status, stderr]).toEqual([2, expect.stringContaining('cannot use SOURCE_DATE_EPOCH=')]);
  });

  it('is an archive for a terminal', async () => {
    const { status, stderr } = await run(['-p', 'base', '-o', '-'], { stdout: new Capture(80) });
    expect([status, stderr]).toEqual([2, expect.stringContaining('cannot write an archive to a terminal')]);
  });
});

describe('a build', () => {
  it('has these defaults', async () => {
    const { status, options } = await run(['--profile', 'base', '--arch', 'arm64']);
    expect(status).toBe(0);
    expect(options).toMatchObject({
      profile: { name: 'base' },
      suite: 'trixie',
      architecture: 'arm64',
      mirrors: [],
      output: 'base-trixie-arm64.tar',
      format: 'tar',
      include: [],
      excludePaths: [],
      jobs: availableParallelism(),
      cacheDir: '/home/me/.cache/koala-bootstrap',
      offline: false,
      keyrings: [],
      epoch: undefined,
      sbom: { beside: [], inside: [] },
    });
  });

  it('is told what the options say', async () => {
    const line =
      'build -p static -s sid -a riscv64 -m http://a.example -m /srv/b --keyring k.asc --include jq,curl|wget --include zsh ' +
      '--exclude-path /a* --exclude-path *.h -j 3 --cache-dir /c --offline -o out/x.tgz ' +
      '--sbom cyclonedx,spdx --sbom spdx --sbom-in-image spdx';
    const environment = { SOURCE_DATE_EPOCH: '1700000000', http_proxy: 'http://proxy.example' };
    const { options } = await run(line.split(' '), { environment });
    expect(options).toMatchObject({
      profile: { name: 'static' },
      suite: 'sid',
      architecture: 'riscv64',
      mirrors: ['http://a.example', '/srv/b'],
      output: 'out/x.tgz',
      format: 'tar.gz',
      include: ['jq', 'curl | wget', 'zsh'],
      excludePaths: ['/a*', '*.h'],
      sbom: { beside: ['spdx', 'cyclonedx'], inside: ['spdx'] },
      jobs: 3,
      cacheDir: '/c',
      offline: true,
      keyrings: ['k.asc'],
      epoch: 1_700_000_000,
      environment,
    });
  });

  it.each([
    ['jq, curl | wget', ['jq', 'curl | wget'], []],
    ['jq=1.7.1-6,nginx/trixie-backports', ['jq=1.7.1-6', 'nginx/trixie-backports'], []],
    ['./a.deb', [], ['./a.deb']],
    ['jq,/x/y_1.0-1_amd64.deb, ../b.deb', ['jq'], ['/x/y_1.0-1_amd64.deb', '../b.deb']],
    ['a.deb', ['a.deb'], []],
  ])('--include %s tells packages from files', async (list, include, localDebs) => {
    const { options } = await run(['-p', 'base', '--include', list]);
    expect(options).toMatchObject({ include, localDebs });
  });

  it('reads --sources and --snapshot', async () => {
    const file = join(testDirectory(), 'my.sources');
    await writeFile(file, 'Types: deb\n');
    const stdin = Readable.from(['deb http://a ', 'sid main\n']);
    const line = `-p base --sources ${file} --sources - --snapshot 20260701T000000Z`;
    const { options } = await run(line.split(' '), { stdin });
    expect(options).toMatchObject({
      sources: [
        { origin: file, text: 'Types: deb\n' },
        { origin: '-', text: 'deb http://a sid main\n' },
      ],
      snapshot: '20260701T000000Z',
    });
  });

  it.each([
    ['--format tar.zst', 'base-trixie-amd64.tar.zst', 'tar.zst'],
    ['--format dir', 'base-trixie-amd64', 'dir'],
    ['-o root/', 'root/', 'dir'],
    ['-o odd.name --format tar.xz', 'odd.name', 'tar.xz'],
    ['-o -', '-', 'tar'],
    ['-o - --format tar.gz', '-', 'tar.gz'],
    ['-o a.tar -v -v -o b.tar.xz', 'b.tar.xz', 'tar.xz'],
  ])('%s writes %s', async (line, output, format) => {
    const { options } = await run(['-p', 'base', '-a', 'amd64', ...line.split(' ')]);
    expect(options).toMatchObject({ output, format });
  });

  it('with --json prints the summary, and nothing else on standard output', async () => {
    const { stdout } = await run(['-p', 'base', '--json']);
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(JSON.parse(stdout)).toEqual(SUMMARY);
  });

  it('shows its table beside an archive that goes to standard output', async () => {
    const { stdout, stderr } = await run(['-p', 'base', '-o', '-']);
    expect(stdout).toBe('');
    expect(stderr).toContain(`sha256      ${SUMMARY.output.sha256}\n`);
  });

  it('with --quiet says nothing', async () => {
    const { status, stdout, stderr } = await run(['-p', 'base', '-q']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('a failure', () => {
  const cause = new Error('connection reset', { cause: new Error('ECONNRESET\x1b[31m') });
  const error = new KoalaError('archive', 'cannot fetch http://a.example/\x1b[2J', {
    hint: 'try again',
    details: ['a', 'b'],
    cause,
  });
  const build = (): Promise<never> => Promise.reject(error);

  it('shows message, details and hint', async () => {
    const { status, stdout, stderr } = await run(['-p', 'base', '-q'], { build });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe('koala-bootstrap: cannot fetch http://a.example/\\x1b[2J\n  a\n  b\nhint: try again\n');
  });

  it('shows its causes with --verbose', async () => {
    const { stderr } = await run(['-p', 'base', '-v'], { build });
    expect(stderr).toContain('  caused by: Error: connection reset\n  caused by: Error: ECONNRESET\\x1b[31m\nhint:');
  });

  it.each([
    [{}, false],
    [{ KOALA_DEBUG: '1' }, true],
  ])('shows a stack with %j: %s', async (environment, shown) => {
    const { stderr } = await run(['-p', 'base'], { build, environment });
    expect(/^ +at .*main\.test/m.test(stderr)).toBe(shown);
  });

  it('of the program itself is told apart', async () => {
    const { status, stderr } = await run(['-p', 'base', '-q'], {
      build: () => Promise.reject(new TypeError('x is not y')),
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^koala-bootstrap: cannot go on: x is not y\nhint: this should not happen/);
  });

  it('is a profile with errors', async () => {
    const file = join(testDirectory(), 'p.yaml');
    await writeFile(file, 'name: a\n');
    const { status, stderr, options } = await run(['-p', file]);
    expect({ status, options }).toEqual({ status: 1, options: undefined });
    expect(stderr).toContain(
      `koala-bootstrap: cannot use the profile ${file}: 4 errors\n  ${file}:1:1: description is missing\n`,
    );
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s cancels, and waits for the clean-up', async (name, expected) => {
    const signals = new EventEmitter();
    let cleaned = false;
    const { status, stderr } = await run(['-p', 'base', '-q'], {
      signals,
      build: async ({ signal }) => {
        signals.emit(name);
        expect(signal.aborted).toBe(true);
        await new Promise((resolve) => setImmediate(resolve));
        cleaned = true;
        throw signal.reason;
      },
    });
    expect({ status, stderr, cleaned }).toEqual({
      status: expected,
      stderr: 'koala-bootstrap: cancelled\n',
      cleaned: true,
    });
    expect(signals.listenerCount(name)).toBe(0);
  });

  it('that comes twice ends at once', async () => {
    const signals = new EventEmitter();
    const exits: number[] = [];
    await run(['-p', 'base'], {
      signals,
      exit: (status) => exits.push(status),
      build: async ({ signal }) => {
        signals.emit('SIGINT');
        expect(exits).toEqual([]);
        signals.emit('SIGINT');
        throw signal.reason;
      },
    });
    expect(exits).toEqual([130]);
  });
});

describe('profiles', () => {
  it('lists the built-in ones with their stages', async () => {
    const { status, stdout } = await run(['profiles']);
    expect(status).toBe(0);
    expect(stdout).toContain('  static  base-files, netbase, tzdata, media-types, ca-certificates\n');
    expect(stdout).toContain('  minbase  Essential, priority required, apt\n');
    expect(stdout.match(/^[a-z]+(?=: )/gm)).toEqual(['base', 'debug', 'minbase', 'static']);
  });

  it('prints one JSON document with --json', async () => {
    const { stdout } = await run(['profiles', '--json']);
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual([
      'base',
      'debug',
      'minbase',
      'static',
    ]);
  });
});
