import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openArtifact } from '../../src/artifact/open.js';
import { packagesOfTree } from '../../src/check/packages.js';
import { makeTar } from '../builder/deb.js';
import { workDirectory } from '../builder/directory.js';
import { CLOSED, type Entries, findingsOf, report } from '../check/trees.js';

const work = workDirectory('artifact');
let made = 0;

/** A fresh directory of these entries. */
function directoryOf(entries: Entries): string {
  const root = join(work, `root-${made++}`);
  mkdirSync(root);
  const all = Object.entries(entries).filter(([path]) => !/^\/(?:lib|lib64|bin)$/.test(path));
  for (const [path, value] of all) {
    if (value === null) continue;
    mkdirSync(join(root, dirname(path)), { recursive: true });
    if (typeof value === 'string' && value.startsWith('→ ')) symlinkSync(value.slice(2), join(root, path));
    else writeFileSync(join(root, path), value, { mode: path.includes('bin/') ? 0o755 : 0o644 });
  }
  for (const name of ['lib', 'lib64', 'bin']) symlinkSync(`usr/${name}`, join(root, name));
  return root;
}

function tar(root: string, name: string, ...options: string[]): string {
  const file = join(work, name);
  execFileSync('tar', ['-C', root, ...options, '-cf', file, '.']);
  return file;
}

/** An OCI layout with a layer of each tar. */
function layoutOf(name: string, layers: readonly string[]): string {
  const root = join(work, name);
  mkdirSync(join(root, 'blobs/sha256'), { recursive: true });
  const blob = (bytes: Uint8Array | string) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(root, 'blobs/sha256', digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const manifest = blob(
    JSON.stringify({ schemaVersion: 2, config: blob('{}'), layers: layers.map((file) => blob(readFileSync(file))) }),
  );
  writeFileSync(join(root, 'index.json'), JSON.stringify({ manifests: [manifest] }));
  writeFileSync(join(root, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return root;
}

async function check(path: string): Promise<string[]> {
  const scratch = mkdtempSync(join(work, 'scratch-'));
  const tree = await openArtifact(path, { architecture: undefined, scratch });
  return findingsOf(report(tree, { architectures: [], packageOf: packagesOfTree(tree) }));
}

const LIBZ = '/usr/lib/x86_64-linux-gnu/libz.so.1';
const OPEN = { ...CLOSED, [LIBZ]: null, [`${LIBZ}.3`]: null };
const FAULT = ['error library libz.so.1: /usr/bin/tool (DT_NEEDED)'];

describe('an artifact is read as', () => {
  it('a directory', async () => {
    expect(await check(directoryOf(CLOSED))).toEqual([]);
    expect(await check(directoryOf(OPEN))).toEqual(FAULT);
  });

  it.each([[], ['-z'], ['-J'], ['--zstd']])('a tar %s', async (...options) => {
    expect(await check(tar(directoryOf(OPEN), `open${options.join('')}.tar`, ...options))).toEqual(FAULT);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'a directory with owners of all kinds (skipped for who is not root)',
    async () => {
      const root = directoryOf({ '/srv/own/file': 'x' });
      for (const [path, uid, gid] of [
        ['srv', 5, 6],
        ['srv/own', 7, 8],
        ['srv/own/file', 9, 10],
      ] as const) {
        chownSync(join(root, path), uid, gid);
      }
      const tree = await openArtifact(root, { architecture: undefined, scratch: work });
      const owners = ['/srv', '/srv/own', '/srv/own/file']
        .map((path) => tree.get(path))
        .map((node) => [node?.uid, node?.gid]);
      expect(owners).toEqual([
        [5, 6],
        [7, 8],
        [9, 10],
      ]);
    },
  );

  it('an OCI layout, whose layers take away what those below have', async () => {
    const whiteout = { [LIBZ.replace('libz', '.wh.libz')]: '', [`${LIBZ}.3`.replace('libz', '.wh.libz')]: '' };
    const layers = [tar(directoryOf(CLOSED), 'one.tar', '-z'), tar(directoryOf(whiteout), 'two.tar')];
    const layout = layoutOf('layout', layers);
    expect(await check(layoutOf('below', layers.slice(0, 1)))).toEqual([]);
    expect(await check(layout)).toEqual(FAULT);
    expect(await check(tar(layout, 'layout.tar'))).toEqual(FAULT);
  });

  it('an image of one layer, in which whiteouts are no files either', async () => {
    const layer = tar(directoryOf({ '/srv/.wh.gone': '', '/srv/here': '' }), 'whiteout.tar');
    const names = async (path: string) => {
      const tree = await openArtifact(path, { architecture: undefined, scratch: work });
      return [...tree.walk('/srv')].map(([name]) => name);
    };
    expect(await names(layoutOf('whiteout', [layer]))).toEqual(['/srv', '/srv/here']);
    expect(await names(layer)).toEqual(['/srv', '/srv/.wh.gone', '/srv/here']);
  });

  it.each(['none', 'gz'])('no tar with a hard link to a directory, which would make a loop of it (%s)', async (how) => {
    const bytes = await makeTar([
      { path: '/a/', type: 'directory' },
      { path: '/a/b', type: 'hardlink', target: '/a' },
    ]);
    const file = join(work, `loop.${how}`);
    writeFileSync(file, how === 'gz' ? gzipSync(bytes) : bytes);
    const message = `cannot read ${file}: /a/b is a hard link to /a, which is no file`;
    await expect(openArtifact(file, { architecture: undefined, scratch: work })).rejects.toThrow(message);
  });

  it('nothing else', async () => {
    const text = join(work, 'text');
    writeFileSync(text, 'no tar\n');
    await expect(check(text)).rejects.toThrow(/^cannot read .*text: it is no tar$/);
    await expect(check(join(work, 'none'))).rejects.toThrow(/^cannot read .*none: there is no such file/);
  });

  it('a tree whose database says which package brought a file', async () => {
    const list = { '/var/lib/dpkg/info/tool:amd64.list': '/.\n/bin\n/bin/tool\n' };
    const tree = await openArtifact(directoryOf({ ...OPEN, ...list }), { architecture: undefined, scratch: work });
    const [finding] = report(tree, { packageOf: packagesOfTree(tree) }).findings;
    expect(finding?.needs).toEqual(
      [{ path: '/usr/bin/tool', package: 'test', how: 'DT_NEEDED' }].map((need) => ({ ...need, package: 'tool' })),
    );
  });
});
