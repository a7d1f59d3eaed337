import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import arAsync, { type ArEntry } from 'ar-async';
import { describe, expect, it } from 'vitest';
import { walkAr } from '../../src/formats/ar.js';

const MAGIC = '!<arch>\n';

/** A header and content with padding; `size` and `end` can be spoilt. */
function member(name: string, content: string, spoilt: { size?: string; end?: string } = {}): string {
  const { size = String(content.length), end = '`\n' } = spoilt;
  const numbers = `${'1700000000'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${size.padEnd(10)}`;
  return `${name.padEnd(16)}${numbers}${end}${content}${content.length % 2 === 1 ? '\n' : ''}`;
}

const DEB =
  MAGIC + member('debian-binary', '2.0\n') + member('control.tar.gz', 'odd') + member('data.tar.xz/', 'x'.repeat(99));

function walk(archive: string, fileSize = archive.length) {
  const bytes = Buffer.from(archive, 'latin1');
  return walkAr((offset, length) => bytes.subarray(offset, offset + length), fileSize, 'x.deb');
}

/** What ar-async finds in an archive. */
async function oracle(archive: string): Promise<{ name: string; content: string }[]> {
  const directory = mkdtempSync(join(tmpdir(), 'koala-ar-'));
  try {
    const file = join(directory, 'x.deb');
    writeFileSync(file, archive, 'latin1');
    const reader = new arAsync.ArReader(file);
    const members: { name: string; content: string }[] = [];
    reader.on('entry', (entry: ArEntry, next: () => void) => {
      buffer(entry.fileData()).then((content) => {
        members.push({ name: entry.fileName(), content: content.toString('latin1') });
        next();
      });
    });
    await new Promise((resolve, reject) => reader.on('close', resolve).on('error', reject));
    return members;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('walkAr', () => {
  it('lists the members of a .deb', () => {
    expect(walk(DEB)).toEqual([
      { name: 'debian-binary', offset: 68, size: 4 },
      { name: 'control.tar.gz', offset: 132, size: 3 },
      { name: 'data.tar.xz', offset: 196, size: 99 },
    ]);
  });

  it('takes an archive without members and a member without content', () => {
    expect(walk(MAGIC)).toEqual([]);
    expect(walk(MAGIC + member('sixteen-letters_', ''))).toEqual([{ name: 'sixteen-letters_', offset: 68, size: 0 }]);
  });

  it.each([DEB, MAGIC + member('a', 'b'), MAGIC + member('a/', 'bb') + member('_x', 'é'.repeat(1500))])(
    'finds what ar-async finds (%#)',
    async (archive) => {
      const ours = walk(archive).map(({ name, offset, size }) => ({
        name,
        content: archive.slice(offset, offset + size),
      }));
      expect(ours).toEqual(await oracle(archive));
    },
  );

  it('refuses every truncation but those at the end of a member', () => {
    const ends = [8, 72, 136, DEB.length];
    const taken = Array.from({ length: DEB.length + 1 }, (_, length) => length).filter((length) => {
      try {
        walk(DEB.slice(0, length));
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'unpack', message: expect.stringContaining('cannot read x.deb: ') });
        return false;
      }
    });
    expect(taken).toEqual(ends);
  });

  it.each<[why: string, archive: string]>([
    ['it is not an ar archive', ''],
    ['it is not an ar archive', '!<arch>'],
    ['it is not an ar archive', '!<thin>\n'],
    ['the ar header at byte 8 is damaged', MAGIC + member('a', 'b', { end: '`\r' })],
    ['the ar header at byte 70 is damaged', MAGIC + member('a', 'bb') + member('a', 'b', { end: '  ' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '-60' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '+1' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '0x1' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '1e0' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '1 1' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: ' 1' })],
    ['the size of ar member a is not a decimal number', MAGIC + member('a', 'b', { size: '' })],
    ['ar member a ends after the file, which has 70 bytes', MAGIC + member('a', 'b', { size: '9999999999' })],
    ['the padding after ar member a is not a line feed', `${MAGIC}${member('a', 'b').slice(0, -1)}\0`],
    ['the ar header at byte 8 has the name ""', MAGIC + member('', 'b')],
    ['the ar header at byte 8 has the name "/"', MAGIC + member('/', 'b')],
    ['the ar header at byte 8 has the name "//"', MAGIC + member('//', 'b')],
    ['the ar header at byte 8 has the name "/12"', MAGIC + member('/12', 'b')],
    ['the ar header at byte 8 has the name "#1/20"', MAGIC + member('#1/20', 'b')],
    ['the ar header at byte 8 has the name "../a"', MAGIC + member('../a', 'b')],
    ['the ar header at byte 8 has the name "a b"', MAGIC + member('a b', 'b')],
    ['the ar header at byte 8 has the name "a\\u0000"', MAGIC + member('a\0', 'b')],
    ['the ar archive has more than 1024 members', MAGIC + member('a', '').repeat(1025)],
  ])('refuses an archive: %s', (why, archive) => {
    expect(() => walk(archive)).toThrow(
      expect.objectContaining({ code: 'unpack', message: `cannot read x.deb: ${why}` }),
    );
  });

  it('notices a file that is shorter than it was said to be', () => {
    expect(() => walk(DEB.slice(0, 100), DEB.length)).toThrow('the ar archive ends before byte 132');
  });
});
