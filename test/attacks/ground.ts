import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { loadProfile } from '../../src/profile/load.js';
import { type ArchiveOptions, writeArchive } from '../builder/archive.js';
import { type DebOptions, makeDeb } from '../builder/deb.js';
import { type SigningKey, testKey, writeKeyring } from '../builder/keys.js';
import { serveDirectory, type TestServer } from '../builder/server.js';
import { type Outcome, type Try, tryBuild, wrongWith } from '../faults/farm.js';

/** A place where an attack is mounted: an archive on a server, and somebody who builds from it. */
export interface Ground {
  readonly directory: string;
  /** The archive's root. */
  readonly archive: string;
  readonly server: TestServer;
  /** A signed archive with one package, `evil`, and what the options say. */
  write(options?: Partial<ArchiveOptions>, deb?: DebOptions | Uint8Array): Promise<void>;
  build(
    options?: Partial<Try> & {
      readonly keyrings?: readonly SigningKey[];
      readonly signers?: readonly string[];
      readonly forbid?: readonly string[];
    },
  ): Promise<Outcome>;
  /** Builds, and holds the end against what an attack must come to: one clear line that says why, and no trace of an output. */
  expectRefused(why: RegExp, options?: Parameters<Ground['build']>[0]): Promise<void>;
  readonly output: string;
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export const CONTROL = { Package: 'evil', Version: '1.0-1', Architecture: 'amd64' };
/** Controls but for line breaks, and what hides or reorders text: none of it may reach a terminal. */
export const TERMINAL_CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** When attacked builds take place by the archive's dates is now, so that dates are no obstacle. */
export const DATE = new Date('2024-05-01T12:00:00Z');

/** Beside the build's own directory, as a home directory would be: no attack may change it. */
const CANARY = 'canary';

export async function ground(): Promise<Ground> {
  const base = mkdtempSync(join(tmpdir(), 'koala-attack-'));
  const directory = join(base, 'work');
  const archive = join(base, 'archive');
  for (const path of [directory, archive, join(directory, 'out')]) mkdirSync(path);
  writeFileSync(join(base, CANARY), CANARY);
  const server = await serveDirectory(archive);
  cleanups.push(() => rmSync(base, { recursive: true, force: true }), server.close);
  const output = join(directory, 'out', 'out.tar');
  const wanted: Try = { cacheDir: join(directory, 'cache'), output, mirrors: [server.url] };
  const place: Ground = {
    directory,
    archive,
    server,
    output,
    async write(options = {}, given = {}) {
      const deb =
        given instanceof Uint8Array ? given : await makeDeb({ control: CONTROL, compression: 'gz', ...given });
      const packages = [{ control: CONTROL, deb }];
      await writeArchive({
        directory: archive,
        suite: 'test',
        packages,
        compressions: ['none', 'gz'],
        date: DATE,
        ...options,
      });
    },
    async build({ keyrings, signers = [], forbid = [], ...options } = {}) {
      await writeKeyring(directory, 'keyring.asc', keyrings ?? [await testKey()]);
      const keyring = JSON.stringify(['./keyring.asc', ...signers]);
      const profile = `name: evil\ndescription: x\nsuite: test\narchives: [{ suite: test, kind: other, keyring: ${keyring}, uris: ["http://127.0.0.1:1/"] }]\nstages: [{ name: evil, packages: [evil] }]\nforbid: [${forbid}]\n`;
      writeFileSync(join(directory, 'evil.yaml'), profile);
      const loaded = await loadProfile(join(directory, 'evil.yaml'), { profilesDirectory: directory });
      return tryBuild({ profile: loaded }, { ...wanted, ...options });
    },
    async expectRefused(why, options) {
      const outcome = await place.build(options);
      expect(outcome.digest).toBeUndefined();
      expect(String((outcome.error as Error).message)).toMatch(why);
      expect(wrongWith(outcome, { ...wanted, ...options }, [])).toBeUndefined();
      expect(existsSync(join(base, CANARY))).toBe(true);
    },
  };
  return place;
}
