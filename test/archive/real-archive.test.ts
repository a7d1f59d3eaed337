import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readMachineSources } from '../../src/archive/machine.js';
import { openArchives } from '../../src/archive/open-archives.js';
import { resolveArchives } from '../../src/archive/resolve.js';
import { archiveSpec } from '../builder/sources.js';
import { scratch } from './scratch.js';

const { sources } = await readMachineSources('/');
const mirror = sources
  .flatMap(({ uris, types }) => (types.includes('deb') ? uris : []))
  .find((uri) => /\/debian$/.test(uri));
const title = "verifies today's trixie of the machine's own mirror, and opens its amd64 index";
const why = "SKIPPED, since the machine's apt sources name no Debian mirror: ";

it.skipIf(mirror === undefined)(mirror === undefined ? why + title : title, async () => {
  const spec = archiveSpec();
  const { sources: resolved } = await resolveArchives({
    archives: [spec],
    architecture: 'amd64',
    mirrors: [],
    keyrings: [],
    snapshot: undefined,
    aptRoot: '/',
    bundledKeyrings: fileURLToPath(new URL('../../profiles/keyrings', import.meta.url)),
  });
  const place = await scratch();
  const transport = place.transport({ environment: process.env, pause: 500 });
  const { releases, universe } = await openArchives({
    sources: resolved,
    architecture: 'amd64',
    pins: [],
    local: [],
    store: place.store,
    transport,
    now: new Date(),
  });
  expect(releases.map(({ codename }) => codename)).toEqual(['trixie']);
  // The stable release key of trixie.
  expect(releases[0]?.signedBy).toContain('41587F7DB8C774BCCF131416762F67A0B2C39DE4');
  expect(universe.essential().map(({ name }) => name)).toEqual(
    expect.arrayContaining(['base-files', 'dpkg', 'libc-bin']),
  );
  expect(
    universe
      .named('libc6')[0]
      ?.depends.flat()
      .map(({ name }) => name),
  ).toContain('libgcc-s1');
});
