import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/formats/limits.js';
import { unpackDeb } from '../../src/unpack/deb.js';
import { makeDeb } from '../builder/deb.js';
import { testDirectory } from '../builder/directory.js';
import { listPackage } from '../builder/listing.js';

const DEB = await makeDeb({
  control: { Package: 'sample' },
  files: [
    { path: '/usr/share/sample', content: 'sample' },
    { path: '/usr/share/link', target: 'sample' },
  ],
});

describe('an unpacked package that is kept', () => {
  let directory: string;
  let kept: string;
  beforeEach(() => {
    directory = testDirectory();
    kept = join(directory, 'unpacked', 'sample');
    writeFileSync(join(directory, 'sample.deb'), DEB);
  });

  const unpack = (spool: string, deb = 'sample.deb', version = '1.0-1') => {
    const sha256 = createHash('sha256').update(DEB).digest('hex');
    const promised = { size: DEB.byteLength, sha256 };
    const request = { deb: join(directory, deb), promised, name: 'sample', version, architecture: 'amd64', kept };
    return unpackDeb(request, join(directory, spool), DEFAULT_LIMITS);
  };

  it('is the same without the .deb', async () => {
    const first = await unpack('1');
    const second = await unpack('2', 'none.deb');
    expect(listPackage(second)).toEqual(listPackage(first));
    expect(second.control).toEqual(first.control);
    expect(second.bytes).toBe(first.bytes);
    expect(statSync(join(directory, '2')).ino).toBe(statSync(kept).ino);
  });

  it('is held against the index again', async () => {
    await unpack('1');
    await expect(unpack('2', 'sample.deb', '2')).rejects.toThrow('its Version is 1.0-1, the index says 2');
  });

  it('is thrown away where any byte of it changed, and made again', async () => {
    const first = await unpack('1');
    const bytes = readFileSync(kept);
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(kept, damaged);
      await expect(unpack(`damaged-${at}`, 'none.deb')).rejects.toThrow(/^cannot open .*none\.deb/);
      expect(existsSync(kept)).toBe(false);
      expect(listPackage(await unpack(`again-${at}`))).toEqual(listPackage(first));
    }
  });

  it.each(['unpacked', 'unpacked/sa'])('is kept although a file is where the directory %s has to be', async (place) => {
    kept = join(directory, 'unpacked/sa/sample');
    mkdirSync(dirname(join(directory, place)), { recursive: true });
    writeFileSync(join(directory, place), 'in the way');
    const first = await unpack('1');
    expect(listPackage(await unpack('2', 'none.deb'))).toEqual(listPackage(first));
  });

  it.each([0, 10, 2000])('is thrown away where it ends after %i bytes', async (length) => {
    await unpack('1');
    truncateSync(kept, length);
    await expect(unpack('2', 'none.deb')).rejects.toThrow(/^cannot open/);
    expect(existsSync(kept)).toBe(false);
  });
});
