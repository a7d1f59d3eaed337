import { join } from 'node:path';
import { fetchDeb } from '../../src/archive/debs.js';
import { archivesOfSources } from '../../src/archive/given-sources.js';
import { openArchives } from '../../src/archive/open-archives.js';
import { type ResolveOptions, resolveArchives } from '../../src/archive/resolve.js';
import type { Pin } from '../../src/profile/types.js';
import { type ArchiveOptions, writeArchive } from '../builder/archive.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { type Scratch, scratch } from './scratch.js';

export const NOW = new Date('2024-05-02T00:00:00Z');

/** The server, store and directory of the test that runs, and a keyring with the key that signs archives. */
export let place: Scratch;
export let keyring: string;

/** For `beforeEach`. */
export async function prepare(): Promise<void> {
  place = await scratch();
  keyring = await writeKeyring(place.store.directory, 'keyring.asc', [await testKey()]);
}

/** A package that is not a .deb: nobody opens it here. */
export function packageOf(name: string, version: string, more: { component?: string; architecture?: string } = {}) {
  const control = { Package: name, Version: version, Architecture: more.architecture ?? 'amd64' };
  const deb = Buffer.from(`${name} ${version}`);
  return more.component === undefined ? { control, deb } : { control, deb, component: more.component };
}

/** Writes the archive `test` with hello 1.0, but for what the options say. */
export const write = (options: Partial<ArchiveOptions>) =>
  writeArchive({ directory: place.directory, suite: 'test', packages: [packageOf('hello', '1.0')], ...options });

interface Opening {
  readonly options?: Partial<ResolveOptions>;
  readonly pins?: readonly Pin[];
  readonly offline?: boolean;
  readonly architecture?: string;
  readonly now?: Date;
}

/** Reads sources.list(5) lines, in which SERVER and KEYRING stand for those of the test. */
export async function open(text: string, { options = {}, pins = [], offline = false, ...more }: Opening = {}) {
  const { architecture = 'amd64', now = NOW } = more;
  const filled = text.replaceAll('SERVER', place.server.url).replaceAll('KEYRING', keyring);
  const { sources, notes } = await resolveArchives({
    archives: archivesOfSources([{ text: filled, origin: 'x.list' }], architecture),
    architecture,
    mirrors: [],
    keyrings: [],
    snapshot: undefined,
    aptRoot: place.directory,
    bundledKeyrings: join(place.directory, 'keyrings'),
    ...options,
  });
  const { store } = place;
  const transport = place.transport({ offline });
  const opened = await openArchives({ sources, architecture, pins, local: [], store, transport, now });
  return { ...opened, notes: [...notes, ...opened.notes] };
}

/** The versions of a package in the order of choice. */
export const versions = ({ universe }: Awaited<ReturnType<typeof open>>, name = 'hello') =>
  universe
    .named(name)
    .map(({ version }) => version)
    .join(' ');

/** The .deb of the first choice, fetched. */
export async function fetched({ universe }: Awaited<ReturnType<typeof open>>, name = 'hello'): Promise<string> {
  const [record] = universe.named(name);
  if (record === undefined) throw new Error(`there is no ${name}`);
  await fetchDeb(place.store, place.transport(), record);
  return String(await place.store.read(record));
}
