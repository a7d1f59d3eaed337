import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { layoutIn } from '../sign/images.js';
import { testArchive } from './archive.js';
import { koala, type Outcome } from './command.js';

const work = workDirectory('reproduce');
const archive = await testArchive(work);

/** Each builds with a cache of its own, in a place of its own. */
function run(args: readonly string[], machine: string, environment: Record<string, string> = {}): Promise<Outcome> {
  const cwd = join(work, machine);
  mkdirSync(cwd, { recursive: true });
  return koala([...args, '--cache-dir', join(cwd, 'cache')], { cwd, environment });
}

const lock = join(work, 'small.lock.json');
const artifact = (name: string) => join(work, 'artifacts', name);
const LOCKED = ['--lock', lock];
const ALL = ['small.tar', 'small.tar.gz', 'small.tar.zst', 'small.oci', 'small.oci.tar', 'small.docker.tar', 'small/'];

beforeAll(async () => {
  mkdirSync(join(work, 'artifacts'));
  expect(await run(['lock', ...archive.args, '--output', lock], 'one')).toMatchObject({ status: 0 });
  for (const name of ALL) {
    const built = await run([...LOCKED, '--mirror', archive.server.url, '--output', artifact(name), '--quiet'], 'one');
    expect(built).toMatchObject({ status: 0, stderr: '' });
  }
});

const verify = (path: string, machine = 'one', more: readonly string[] = [], environment = {}) => {
  const args = ['verify', '--reproduce', path, ...LOCKED, '--mirror', archive.server.url, '--quiet', ...more];
  return run(args, machine, environment);
};

describe('verify --reproduce', () => {
  it.each(ALL)('finds %s equal, of another cache, time zone and number of threads', async (name) => {
    const environment = { TZ: 'Pacific/Kiritimati', LC_ALL: 'C', KOALA_TEST: name };
    expect(await verify(artifact(name), 'two', ['--jobs', '7'], environment)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('says so, in words and in JSON', async () => {
    const path = artifact('small.tar');
    const args = ['verify', '--reproduce', path, ...LOCKED, '--mirror', archive.server.url];
    expect((await run(args, 'one')).stdout).toBe(`${path}: the same as ${lock} gives\n`);
    const { stdout } = await run([...args, '--json'], 'one');
    expect(JSON.parse(stdout)).toEqual({ artifact: path, verified: [], reproduced: true });
  });

  /** A copy of the tar that GNU tar or a flipped byte changed. */
  function unpacked(change: (root: string) => void): string {
    const root = mkdtempSync(join(work, 'root-'));
    const path = `${root}.tar`;
    execFileSync('tar', ['-xpf', artifact('small.tar'), '-C', root, '--no-same-owner']);
    change(root);
    execFileSync('tar', ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '-cf', path, '-C', root, '.']);
    return path;
  }
  function flipped(text: string): string {
    const bytes = readFileSync(artifact('small.tar'));
    // Content begins behind the zeros of a header.
    const at = bytes.indexOf(`\0${text}`) + 1;
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    const path = join(mkdtempSync(join(work, 'flip-')), 'small.tar');
    writeFileSync(path, bytes);
    return path;
  }

  it.each<[string, () => string, RegExp]>([
    [
      'a byte of a file',
      () => flipped('hello\n'),
      /: \/usr\/bin\/again differs in content\n +~ \/usr\/bin\/again +content\n +and 1 more file of it\n$/,
    ],
    ['a byte of another', () => flipped('made\n'), /: \/etc\/made differs in content\n/],
    [
      'a mode',
      () => unpacked((root) => chmodSync(join(root, 'etc/made'), 0o644)),
      /: \/etc\/made differs in mode\n.*mode 0644 (?:->|→) 0600\n/,
    ],
    [
      'a time',
      () => unpacked((root) => utimesSync(join(root, 'etc/made'), 1, 7)),
      /: \/etc\/made differs in mtime\n.*1970-01-01T00:00:07Z (?:->|→) /,
    ],
    [
      'a file less',
      () =>
        unpacked((root) => {
          const { mtime } = statSync(join(root, 'etc'));
          rmSync(join(root, 'etc/made'));
          utimesSync(join(root, 'etc'), mtime, mtime);
        }),
      /: \/etc\/made is missing\n/,
    ],
  ])('names what differs: %s', async (_, tampered, message) => {
    const { status, stderr } = await verify(tampered());
    expect(stderr).toMatch(/^koala-bootstrap: cannot reproduce /);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('names a layer whose bytes are others', async () => {
    const copy = join(work, 'tampered.oci');
    cpSync(artifact('small.oci'), copy, { recursive: true });
    const layout = layoutIn(copy);
    const manifest = layout.manifest(layout.index().manifests[0]?.digest ?? '');
    appendFileSync(layout.blob(manifest.layers[0]?.digest ?? ''), 'x');
    const { status, stderr } = await verify(copy);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/: layer 1 of 1 of linux\/amd64: its bytes do not have its digest\n$/),
    });
  });

  it('names what an option made other', async () => {
    const path = join(work, 'epoch.tar');
    const args = [...LOCKED, '--mirror', archive.server.url, '--output', path, '--quiet'];
    await run(args, 'one', { SOURCE_DATE_EPOCH: '86400' });
    expect((await verify(path)).stderr).toMatch(/: \/ differs in mtime\n/);
    expect(await verify(path, 'one', [], { SOURCE_DATE_EPOCH: '86400' })).toMatchObject({ status: 0 });
  });

  it.each<[string, () => readonly string[], RegExp]>([
    [
      'no lock',
      () => [artifact('small.tar')],
      /^koala-bootstrap: cannot build .*small\.tar anew without a lock: give --lock FILE\n/,
    ],
    ['no artifact', () => [join(work, 'none.tar'), ...LOCKED], /cannot read .*none\.tar: there is no such file/],
    [
      'something else',
      () => [lock, ...LOCKED],
      /cannot build .*small\.lock\.json anew: it is nothing that a build writes\n$/,
    ],
    [
      'attestations without a key',
      () => [artifact('small.tar'), ...LOCKED, '--require', 'spdx'],
      /cannot verify attestations without a key/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const { status, stderr } = await run(['verify', '--reproduce', ...args()], 'one');
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});
