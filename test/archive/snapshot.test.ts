import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { resolveArchives } from '../../src/archive/resolve.js';
import { releaseDate } from '../builder/archive.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { archiveSpec } from '../builder/sources.js';
import { keyring, open, packageOf, place, prepare, versions, write } from './sources.js';

beforeEach(prepare);

describe('a snapshot', () => {
  const STAMP = '20240501T180000Z';
  const main = archiveSpec({ keyrings: [] });
  const security = archiveSpec({ suite: 'trixie-security', keyrings: [], kind: 'debian-security' });
  const own = archiveSpec({ suite: 'test', keyrings: [], kind: 'other' });
  const readAll = async () => {
    const archives = [main, security, { ...own, uris: [place.server.url] }].map((spec) => ({
      ...spec,
      keyrings: [keyring],
    }));
    return open('deb http://x y z', {
      options: { archives, snapshot: STAMP, mirrors: [place.server.url] },
      now: new Date('2026-01-01'),
    });
  };
  const at = (kind: string) => join(place.directory, 'archive', kind, STAMP);
  const after = releaseDate(new Date('2024-05-02T00:00:00Z'));

  it('is read as it was then; an archive of others as it is', async () => {
    const release = { 'Valid-Until': after };
    await write({ directory: at('debian'), suite: 'trixie', release });
    await write({
      directory: at('debian-security'),
      suite: 'trixie-security',
      packages: [packageOf('hello', '1.1')],
      release,
    });
    await write({ packages: [packageOf('hello', '0.1')], date: new Date('2025-01-01') });
    const opened = await readAll();
    expect(versions(opened)).toBe('1.1 1.0 0.1');
    expect(opened.releases.map(({ url }) => url.replace(place.server.url, ''))).toEqual([
      `/archive/debian/${STAMP}/dists/trixie/InRelease`,
      `/archive/debian-security/${STAMP}/dists/trixie-security/InRelease`,
      '/dists/test/InRelease',
    ]);
  });

  it('does not come from a later time, nor had it expired', async () => {
    await write({ directory: at('debian-security'), suite: 'trixie-security' });
    await write({});
    await write({ directory: at('debian'), suite: 'trixie', release: { Date: after } });
    await expect(readAll()).rejects.toThrow('is in the future: the snapshot is of 2024-05-01T18:00:00Z');
    await write({
      directory: at('debian'),
      suite: 'trixie',
      release: { 'Valid-Until': releaseDate(new Date('2024-05-01T13:00:00Z')) },
    });
    await expect(readAll()).rejects.toThrow(
      'it expired at 2024-05-01T13:00:00Z: the snapshot is of 2024-05-01T18:00:00Z',
    );
  });

  it('takes a key that has expired since', async () => {
    const lifetime = (Date.parse('2024-06-01') - Date.parse('2020-01-01')) / 1000;
    const key = await testKey('short', lifetime);
    const signers = [key];
    await writeKeyring(place.store.directory, 'keyring.asc', signers);
    await write({ directory: at('debian'), suite: 'trixie', signers });
    const options = { archives: [{ ...main, keyrings: [keyring] }], snapshot: STAMP, mirrors: [place.server.url] };
    const now = new Date('2026-01-01');
    expect(versions(await open('deb http://x y z', { options, now }))).toBe('1.0');
    const today = {
      archives: [{ ...main, keyrings: [keyring] }],
      mirrors: [`${place.server.url}/archive/debian/${STAMP}`],
    };
    await expect(open('deb http://x y z', { options: today, now })).rejects.toMatchObject({ code: 'verify' });
  });

  it('is one of Debian’s own where nobody names another place', async () => {
    const options = { archives: [main, security], keyrings: [keyring], snapshot: STAMP };
    const { sources } = await resolveArchives({
      ...options,
      architecture: 'amd64',
      mirrors: [],
      aptRoot: place.directory,
      bundledKeyrings: place.directory,
    });
    expect(sources.map(({ uris, asOf }) => `${uris} ${asOf}`)).toEqual([
      `http://snapshot.debian.org/archive/debian/${STAMP} 1714586400`,
      `http://snapshot.debian.org/archive/debian-security/${STAMP} 1714586400`,
    ]);
  });

  it.each(['2024-05-01', '20240501', '20240231T000000Z', '20240501T250000Z', '20240501T000000'])(
    'is not of %s',
    async (snapshot) => {
      const options = { archives: [main], snapshot };
      await expect(open('deb http://x y z', { options })).rejects.toMatchObject({
        code: 'usage',
        message: `cannot read "${snapshot}" as the time of a snapshot`,
      });
    },
  );
});
