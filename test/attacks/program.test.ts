import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type SmallArchive, smallArchive } from '../e2e/archive.js';
import { koala, type Outcome } from '../e2e/command.js';
import { TERMINAL_CONTROLS } from './ground.js';

const base = mkdtempSync(join(tmpdir(), 'koala-program-'));
const bin = fileURLToPath(new URL('../../bin/koala-bootstrap.js', import.meta.url));
let archive: SmallArchive;
let work: string;
let runs = 0;

beforeAll(async () => {
  archive = await smallArchive(base);
});
beforeEach(() => {
  runs += 1;
  work = join(base, `run-${runs}`);
  mkdirSync(work);
});
afterEach(() => {
  archive.server.clearFaults();
  rmSync(work, { recursive: true, force: true });
});
afterAll(async () => {
  await archive.server.close();
  rmSync(base, { recursive: true, force: true });
});

const run = (args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> =>
  koala([...args, '--cache-dir', join(work, 'cache')], { cwd: work, environment });

/** All that a run said and left behind, but for what it was told to make. */
const traces = ({ stdout, stderr }: Outcome): string => {
  const left = readdirSync(work, { recursive: true, encoding: 'utf8' }).map((name) => join(work, name));
  return [
    stdout,
    stderr,
    ...left,
    ...left.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1')),
  ].join('\n');
};

describe('secrets', () => {
  const SECRET = 'sesame-4711';
  const withPassword = (): string[] => archive.args.map((word) => word.replace('http://', `http://me:${SECRET}@`));

  it.each([
    ['a build', [], 0],
    ['a build with all notes, in JSON', ['--verbose', '--json'], 0],
    ['a build that fails: no such package', ['--include', 'nothing-of-that-name'], 1],
    ['a build that fails: no such suite', ['--suite', 'other', '--verbose'], 1],
  ])('a password in the URL of a mirror is in nothing that is said or kept: %s', async (_, more, status) => {
    const outcome = await run([...withPassword(), ...more]);
    expect(outcome.status).toBe(status);
    expect(archive.server.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
    const found = traces(outcome);
    expect(found).not.toContain(SECRET);
    expect(found).not.toContain(encodeURIComponent(Buffer.from(`me:${SECRET}`).toString('base64')));
  });

  it('nor in a lock, a plan, or what is fetched', async () => {
    const lock = await run(['lock', ...withPassword()]);
    const plan = await run(['plan', ...withPassword(), '--json']);
    const [profile, file, mirror, url] = withPassword();
    const fetch = await run([
      'fetch',
      '--lock',
      'small.lock.json',
      profile ?? '',
      file ?? '',
      mirror ?? '',
      url ?? '',
      '--verbose',
    ]);
    expect([lock.status, plan.status, fetch.status]).toEqual([0, 0, 0]);
    expect(traces(lock) + traces(plan) + traces(fetch)).not.toContain(SECRET);
  });

  it('a password of a proxy that does not answer is masked', async () => {
    const outcome = await run([...archive.args, '--limit', 'retries=1'], {
      http_proxy: `http://me:${SECRET}@127.0.0.1:1`,
      no_proxy: '',
    });
    expect(outcome.status).toBe(1);
    expect(traces(outcome)).not.toContain(SECRET);
  });

  it('HTTP_PROXY in capitals, which a request to a CGI program sets, is no proxy', async () => {
    const outcome = await run(archive.args, { HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: '' });
    expect(outcome.status).toBe(0);
  });
});

describe('terminal escapes', () => {
  const HOSTILE = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e';

  it('in the status line of a server', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(`HTTP/1.1 403 no\u001b[2J\u001b]0;owned\u0007\r\ncontent-length: 0\r\n\r\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const [profile = '', file = ''] = archive.args;
    const { status, stderr } = await run([
      profile,
      file,
      '--mirror',
      `http://127.0.0.1:${port}`,
      '--arch',
      'amd64',
      '--limit',
      'retries=1',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('cannot fetch http://127.0.0.1:');
    expect(stderr).not.toMatch(TERMINAL_CONTROLS);
  });

  it('in where a server redirects to', async () => {
    archive.server.fault(/\.deb$/, { type: 'redirect', to: 'ftp://x/%1b[2J' });
    const { status, stderr } = await run(archive.args);
    expect(status).toBe(1);
    expect(stderr).not.toMatch(TERMINAL_CONTROLS);
  });

  it.each([
    [
      'the name of a mirror',
      (): string[] => [
        ...archive.args.slice(0, 2),
        '--mirror',
        `http://127.0.0.1:1/${HOSTILE}`,
        '--limit',
        'retries=1',
      ],
    ],
    ['the name of a profile', (): string[] => ['--profile', `./${HOSTILE}.yaml`]],
    ['a package that is asked for', (): string[] => [...archive.args, '--include', HOSTILE]],
    ['an option', (): string[] => [`--${HOSTILE}`]],
    ['an output', (): string[] => [...archive.args, '--output', `/nowhere/${HOSTILE}.tar`]],
    ['a limit', (): string[] => [...archive.args, '--limit', HOSTILE]],
  ])('in %s', async (_, args) => {
    const { status, stdout, stderr } = await run(args());
    expect(status).toBeGreaterThan(0);
    expect(stderr.length).toBeGreaterThan(20);
    expect(stdout + stderr).not.toMatch(TERMINAL_CONTROLS);
  });

  it('in a profile from elsewhere', async () => {
    writeFileSync(
      join(work, 'p.yaml'),
      `name: "x"\ndescription: "${HOSTILE.replaceAll('\u001b', '\\e').replaceAll('\u0007', '\\a').replaceAll('\u009b', '\\x9b')}"\n"wrong\\e[2J": 1\n`,
    );
    const { status, stderr } = await run(['--profile', './p.yaml']);
    expect(status).toBe(1);
    expect(stderr).toContain('p.yaml:3:1');
    expect(stderr).not.toMatch(TERMINAL_CONTROLS);
  });

  it('in a lock from elsewhere', async () => {
    writeFileSync(join(work, 'x.lock.json'), JSON.stringify({ version: '\u001b[2J', digest: 'x' }));
    const { status, stderr } = await run(['--lock', 'x.lock.json']);
    expect([status, TERMINAL_CONTROLS.test(stderr)]).toEqual([1, false]);
  });
});

describe('files', () => {
  it('are private: the cache and all that is in it, whatever the umask', async () => {
    const { status } = await koala([...archive.args, '--cache-dir', join(work, 'cache')], { cwd: work, umask: '000' });
    expect(status).toBe(0);
    const open = execFileSync('find', [join(work, 'cache'), '-perm', '/077'], { encoding: 'utf8' });
    expect(open).toBe('');
  });

  it('while a build runs, nobody else can read or write its own', async () => {
    archive.server.fault(/libhello\S*\.deb$/, { type: 'stall', after: 100, times: 1 });
    let seen: string | undefined;
    await koala([...archive.args, '--cache-dir', join(work, 'cache'), '--verbose'], {
      cwd: work,
      umask: '000',
      watch: (text, kill) => {
        if (seen !== undefined || !text.includes('plan:')) return;
        seen = execFileSync('find', [join(work, 'cache/tmp'), join(work, 'cache/builds'), '-perm', '/077'], {
          encoding: 'utf8',
        });
        kill('SIGINT');
      },
    });
    expect(seen).toBe('');
  });

  it('that others could have written are not believed: the store of another', async () => {
    expect((await run([...archive.args, '-o', 'a.tar'])).status).toBe(0);
    execFileSync('chmod', ['-R', 'a+rwX', join(work, 'cache')]);
    for (const place of ['verified', 'indices', 'unpacked']) {
      const [name = ''] = readdirSync(join(work, 'cache', place));
      writeFileSync(join(work, 'cache', place, name), 'nonsense');
    }
    expect((await run([...archive.args, '-o', 'b.tar'])).status).toBe(0);
    const digest = (name: string): string =>
      createHash('sha256')
        .update(readFileSync(join(work, name)))
        .digest('hex');
    expect(digest('b.tar')).toBe(digest('a.tar'));
  });

  it('a link in the place of the output: the file is replaced whole or not at all', async () => {
    writeFileSync(join(work, 'victim'), 'mine');
    symlinkSync('victim', join(work, 'out.tar'));
    archive.server.fault(/libhello\S*\.deb$/, { type: 'flip', at: 200 });
    expect((await run([...archive.args, '-o', 'out.tar'])).status).toBe(1);
    expect(readFileSync(join(work, 'victim'), 'utf8')).toBe('mine');
  });

  it('of the host cannot be had by a profile of somebody else', async () => {
    for (const name of ['small.yaml', 'keyring.asc']) cpSync(join(base, name), join(work, name));
    const text = readFileSync(join(work, 'small.yaml'), 'utf8').replace(
      'keyring: ./keyring.asc',
      'updates: true, keyring: /etc/shadow',
    );
    writeFileSync(join(work, 'small.yaml'), text);
    const { status, stderr } = await run(['--profile', './small.yaml', ...archive.args.slice(2)]);
    expect(status).toBe(1);
    expect(stderr).toContain('/etc/shadow is outside of');
    expect(existsSync(join(work, 'small-test-amd64.tar'))).toBe(false);
  });

  it('of the host cannot be had by a lock of somebody else', async () => {
    cpSync(join(base, 'keyring.asc'), join(work, 'keyring.asc'));
    mkdirSync(join(work, 'lock'));
    expect((await run(['lock', ...archive.args, '-o', 'lock/x.lock.json'])).status).toBe(0);
    const { status, stderr } = await run(['--lock', 'lock/x.lock.json', '--mirror', archive.server.url]);
    expect(status).toBe(2);
    expect(stderr).toContain('that the lock names: it is outside of');
    const allowed = ['--lock', 'lock/x.lock.json', '--mirror', archive.server.url, '--allow-path', base, '-o', 'x.tar'];
    expect((await run(allowed)).status).toBe(0);
  });
});

describe('no program is started', () => {
  // Node's permission model: what is not allowed by name throws.
  const PERMISSIONS = [
    '--experimental-permission',
    '--allow-fs-read=*',
    '--allow-fs-write=*',
    '--allow-worker',
    '--allow-addons',
  ];
  const build = (more: readonly string[]) =>
    spawnSync(process.execPath, [...PERMISSIONS, ...more], {
      cwd: work,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    });
  const isKnown = build(['-e', '0']).status === 0;

  it('by a whole build, where Node forbids child processes (skipped where Node has no permission model)', async ({
    skip,
  }) => {
    skip(!isKnown);
    const denied = build(['-e', 'require("node:child_process").spawnSync("true")']);
    expect(denied.stderr).toContain('ERR_ACCESS_DENIED');
    // The archive is read from a directory: the server is in this process, which waits.
    const args = [
      bin,
      ...archive.args.slice(0, 2),
      '--mirror',
      join(base, 'archive'),
      '--arch',
      'amd64',
      '--include',
      'odd',
      '--cache-dir',
      'cache',
      '-o',
      'x.tar',
    ];
    const { status, stderr } = build(args);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(existsSync(join(work, 'x.tar'))).toBe(true);
  });

  it('for one module alone knows a way to: the one that asks a credential helper for a registry', () => {
    const dist = fileURLToPath(new URL('../../dist', import.meta.url));
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    expect(files.length).toBeGreaterThan(200);
    const having = (words: RegExp): string[] =>
      files.filter((name) => words.test(readFileSync(join(dist, name), 'utf8')));
    const isOurs = (name: string): boolean => !name.startsWith('program/');
    const found = having(/child_process|node:vm|\beval\(|new Function\(/);
    expect(found.filter(isOurs)).toEqual(['registry/credential-helper.js']);
    // And the one file of the bundle that it is in; zod, which is in another one, makes functions of schemas.
    expect(having(/child_process|node:vm|\beval\(/).length).toBe(2);
  });
});
