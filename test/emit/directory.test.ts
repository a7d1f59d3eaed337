import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDirectory } from '../../src/emit/directory.js';
import { emit } from '../../src/emit/output.js';
import { testDirectory } from '../builder/directory.js';
import { shortHash } from '../builder/listing.js';
import { device, fifo, file, sampleNodes, symlink, treeOf } from './trees.js';

/** The directory as lines like those of `listTree`, with times and without owners, which need root. */
function listDirectory(root: string, path = '/'): string[] {
  const at = join(root, path);
  const status = lstatSync(at);
  const mode = (status.mode & 0o7777).toString(8).padStart(4, '0');
  const time = `@${Math.floor(status.mtimeMs / 1000)}`;
  if (status.isSymbolicLink()) return [`${path}: symlink -> ${readlinkSync(at)} ${time}`];
  if (status.isFile()) return [`${path}: file ${mode} ${shortHash(readFileSync(at))} ${time}`];
  return [
    `${path}: directory ${mode} ${time}`,
    ...readdirSync(at)
      .sort()
      .flatMap((name) => listDirectory(root, join(path, name))),
  ];
}

describe('writeDirectory', () => {
  it('writes contents, modes, times and links', async () => {
    const parent = testDirectory();
    const output = join(parent, 'root');
    const umask = process.umask(0o077);
    try {
      const written = await writeDirectory(treeOf(sampleNodes(testDirectory())), output);
      expect(written.notes).toEqual([]);
      expect(written.bytes).toBe(2_500_000 + 3 + 4 + 4 + 4 + 1 + 1);
    } finally {
      process.umask(umask);
    }
    const time = '@1700000000';
    expect(listDirectory(output).filter((line) => !line.includes('/usr/share/'))).toEqual([
      `/: directory 0755 ${time}`,
      `/bin: symlink -> usr/bin ${time}`,
      `/etc: directory 0755 ${time}`,
      `/etc/conf: file 0600 ${shortHash('x=1\n')} ${time}`,
      `/etc/empty: file 0644 ${shortHash('')} ${time}`,
      `/usr: directory 0755 ${time}`,
      `/usr/bin: directory 0755 ${time}`,
      `/usr/bin/a-tool: file 4755 ${shortHash('tool')} ${time}`,
      `/usr/bin/b-tool: file 4755 ${shortHash('tool')} ${time}`,
      `/usr/share: directory 0755 ${time}`,
      `/var: directory 0755 ${time}`,
      `/var/readonly: directory 0555 ${time}`,
      `/var/readonly/file: file 0444 ${shortHash('r')} ${time}`,
      '/var/tmp: directory 1777 @12345',
    ]);
    expect(statSync(join(output, 'usr/bin/a-tool')).ino).toBe(statSync(join(output, 'usr/bin/b-tool')).ino);
    const big = readFileSync(join(output, 'usr/share/big'));
    expect(shortHash(big)).toBe(shortHash(Buffer.alloc(3_000_000, '0123456789').subarray(17, 2_500_017)));
    expect(readdirSync(parent)).toEqual(['root']);
  });

  it('takes an empty directory', async () => {
    const output = join(testDirectory(), 'root');
    mkdirSync(output);
    await writeDirectory(treeOf({ '/x': file('x') }), output);
    expect(readdirSync(output)).toEqual(['x']);
  });

  it.each([
    ['a directory with something in it', (output: string) => mkdirSync(join(output, 'x'), { recursive: true })],
    ['a file', (output: string) => writeFileSync(output, '')],
  ])('does not touch %s', async (_, make) => {
    const parent = testDirectory();
    const output = join(parent, 'root');
    make(output);
    await expect(writeDirectory(treeOf({ '/x': file('x') }), output)).rejects.toThrow(
      `cannot write the directory ${output}: it is there already, and not an empty directory`,
    );
    expect(readdirSync(parent)).toEqual(['root']);
  });

  it('refuses a place below a file', async () => {
    await expect(writeDirectory(treeOf({ '/x': file('x') }), '/etc/passwd/x')).rejects.toThrow(
      /^cannot write the directory .*: what its path goes through is no directory$/,
    );
  });

  it('refuses a place that does not exist', async () => {
    const output = join(testDirectory(), 'missing', 'root');
    await expect(writeDirectory(treeOf({ '/x': file('x') }), output)).rejects.toThrow(
      /^cannot write the directory .*: its directory does not exist$/,
    );
  });

  it('never writes through a link of the tree', async () => {
    const outside = testDirectory();
    const output = join(testDirectory(), 'root');
    // A tree cannot hold such a thing; a walk that is not a tree's could.
    const tree = {
      walk: () => {
        const nodes = treeOf({ '/link': symlink(outside) });
        return [...nodes.walk(), ['/link', file('x')] as const];
      },
    };
    await expect(writeDirectory(tree, output)).rejects.toThrow(/^cannot write the directory .*EEXIST/);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('says what it left out', async () => {
    const directory = testDirectory();
    const xattrs = new Map([['security.capability', Buffer.from('01', 'hex')]]);
    const tree = treeOf({
      '/dev/null': device('char', 1, 3),
      '/run/pipe': fifo(),
      '/usr/bin/ping': file('ping', { xattrs }),
      '/var/mail': file('', { gid: 8 }),
    });
    const emitted = await emit(tree, { output: join(directory, 'root'), format: 'dir', jobs: 1 });
    const unprivileged =
      process.geteuid?.() === 0 ? [] : [expect.stringMatching(/^owners were left out, .*: 1 entries/)];
    expect(emitted.notes).toEqual([
      'devices and named pipes were left out: /dev/null, /run/pipe',
      'extended attributes were left out: security.capability of /usr/bin/ping',
      ...unprivileged,
    ]);
    if (unprivileged.length === 0) expect(statSync(join(directory, 'root/var/mail')).gid).toBe(8);
    const tar = await emit(tree, { output: join(directory, 'root.tar'), format: 'tar', jobs: 1 });
    expect({ sha256: emitted.sha256, tarSha256: emitted.tarSha256 }).toEqual({
      sha256: tar.sha256,
      tarSha256: tar.sha256,
    });
    expect([emitted.bytes, emitted.entries]).toEqual([4, tar.entries]);
  });
});
