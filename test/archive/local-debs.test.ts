import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fetchDeb } from '../../src/archive/debs.js';
import { archivesOfSources } from '../../src/archive/given-sources.js';
import { localIndex } from '../../src/archive/local-debs.js';
import { openArchives } from '../../src/archive/open-archives.js';
import { resolveArchives } from '../../src/archive/resolve.js';
import { promiseOf } from '../../src/archive/store.js';
import { pin } from './scratch.js';
import { keyring, NOW, packageOf, place, prepare, write } from './sources.js';

beforeEach(prepare);

describe('a local .deb', () => {
  const control = 'Package: hello\nVersion: 0.5\nArchitecture: amd64\nDescription: x\n y\nSize: 1\n';
  const file = async (text = control) => {
    const path = join(place.directory, 'a dir#', 'hello 0.5%41.deb');
    const bytes = Buffer.from('local hello');
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
    return { path, control: text, promise: promiseOf(bytes) };
  };

  it('is chosen over archives and pins, and goes through the store', async () => {
    await write({ packages: [packageOf('hello', '1.0'), packageOf('hello', '0.5')] });
    const { sources } = await resolveArchives({
      archives: archivesOfSources(
        [{ text: `deb [signed-by=${keyring}] ${place.server.url} test main`, origin: 'x' }],
        'amd64',
      ),
      architecture: 'amd64',
      mirrors: [],
      keyrings: [],
      snapshot: undefined,
      aptRoot: place.directory,
      bundledKeyrings: place.directory,
    });
    const local = [localIndex(await file(), 'amd64')];
    const pins = [pin('hello', 32_767, { version: '1.0' }), pin('hello', -1, { version: '0.5' })];
    const { store } = place;
    const { universe } = await openArchives({
      sources,
      architecture: 'amd64',
      pins,
      local,
      store,
      transport: place.transport(),
      now: NOW,
    });
    const [record] = universe.named('hello');
    expect(universe.named('hello').map(({ version }) => version)).toEqual(['0.5', '1.0']);
    if (record === undefined) throw new Error('there is no hello');
    expect(await fetchDeb(store, place.transport({ offline: true }), record)).toMatchObject({ fromStore: false });
    expect(String(await store.read(record))).toBe('local hello');
    await rm(join(place.directory, 'a dir#'), { recursive: true });
    expect(await fetchDeb(store, place.transport({ offline: true }), record)).toMatchObject({ fromStore: true });
  });

  it.each([
    ['of another architecture', control.replace('amd64', 'arm64'), /hello is for arm64, not for amd64$/],
    ['without a version', control.replace(/Version.*\n/, ''), /field Version is missing/],
  ])('cannot be one %s', async (_, text, message) => {
    const deb = await file(text);
    expect(() => localIndex(deb, 'amd64')).toThrow(message);
  });
});
