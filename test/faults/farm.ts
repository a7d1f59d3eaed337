import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { KoalaError } from '../../src/formats/errors.js';
import type { Limits } from '../../src/formats/limits.js';
import { type BuildOptions, build } from '../../src/index.js';
import { loadProfile } from '../../src/profile/load.js';
import type { Profile } from '../../src/profile/types.js';
import { writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { testKey, writeKeyring } from '../builder/keys.js';

const BIN = fileURLToPath(new URL('../../bin/koala-bootstrap.js', import.meta.url));

/** Two states of an archive, what is built from it, and what must come out. */
export interface Farm {
  readonly directory: string;
  /** Directories of the archive's states. */
  readonly before: string;
  readonly after: string;
  /** The profile's file. */
  readonly profileFile: string;
  readonly profile: Profile;
  /** SHA-256 of the tar of each state; filled in by the first good builds. */
  readonly digests: { before: string; after: string };
}

const SEED_BYTES = createHash('shake256', { outputLength: 400_000 }).update('faults').digest();

const PACKAGES: readonly { name: string; depends?: string; files: readonly DebFile[]; postinst?: string }[] = [
  { name: 'app', depends: 'liba, libb (>= 1), data', files: [{ path: '/usr/bin/app', mode: 0o755, content: 'app\n' }] },
  { name: 'liba', files: [{ path: '/usr/lib/liba.so.1', content: SEED_BYTES.subarray(0, 90_000) }] },
  {
    name: 'libb',
    depends: 'liba',
    files: [{ path: '/usr/lib/libb.so.1', content: SEED_BYTES.subarray(50_000, 70_000) }],
    postinst: '#!/bin/sh\nset -e\necho libb >/etc/libb\n',
  },
  {
    name: 'data',
    files: [
      { path: '/usr/share/data', content: SEED_BYTES },
      { path: '/usr/share/link', target: 'data' },
    ],
  },
];

const PROFILE = `name: app
description: For tests of faults
suite: test
archives: [{ suite: test, kind: other, keyring: ./keyring.asc, uris: ["http://127.0.0.1:1/"] }]
stages: [{ name: app, packages: [app] }]
`;

export async function makeFarm(directory: string): Promise<Farm> {
  const write = async (state: string, version: string, date: string): Promise<string> => {
    const packages = PACKAGES.map(async ({ name, depends, files, postinst }) => {
      const control = {
        Package: name,
        Version: version,
        Architecture: 'amd64',
        ...(depends === undefined ? {} : { Depends: depends }),
      };
      const own = [...files, { path: `/usr/share/doc/${name}`, content: version }];
      const scripts = postinst === undefined ? {} : { postinst };
      return { control, deb: await makeDeb({ control, files: own, scripts, compression: 'gz' }) };
    });
    const place = join(directory, state);
    await writeArchive({
      directory: place,
      suite: 'test',
      packages: await Promise.all(packages),
      compressions: ['none', 'gz'],
      date: new Date(date),
    });
    return place;
  };
  const before = await write('before', '1.0-1', '2024-05-01T12:00:00Z');
  const after = await write('after', '1.0-2', '2024-05-02T12:00:00Z');
  await writeKeyring(directory, 'keyring.asc', [await testKey()]);
  const profileFile = join(directory, 'app.yaml');
  writeFileSync(profileFile, PROFILE);
  const profile = await loadProfile(profileFile, { profilesDirectory: directory });
  const farm: Farm = { directory, before, after, profileFile, profile, digests: { before: '', after: '' } };
  for (const state of ['before', 'after'] as const) {
    const cacheDir = join(directory, `cache-${state}`);
    const outcome = await tryBuild(farm, {
      cacheDir,
      output: join(directory, `${state}.tar`),
      mirrors: [`file://${farm[state]}`],
    });
    if (outcome.digest === undefined) throw new Error(`cannot make the farm: ${outcome.error}`);
    farm.digests[state] = outcome.digest;
    rmSync(cacheDir, { recursive: true });
  }
  return farm;
}

/** A day's patience in a second, for a build that meets faults; one that meets none has a program's usual patience. */
const IMPATIENT: Partial<Limits> = {
  stallSeconds: 0.25,
  stallBytes: 50,
  retries: 3,
  retrySeconds: 0.02,
  transferSeconds: 20,
};

export interface Try {
  readonly cacheDir: string;
  readonly output: string;
  readonly mirrors: readonly string[];
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<Limits>;
  readonly format?: BuildOptions['format'];
}

/** How a build ended. */
export interface Outcome {
  /** SHA-256 of the output, where it was written and the build said that it is done. */
  readonly digest: string | undefined;
  readonly error: unknown;
}

export async function tryBuild({ profile }: Pick<Farm, 'profile'>, wanted: Try): Promise<Outcome> {
  const options: BuildOptions = {
    profile,
    suite: 'test',
    architecture: 'amd64',
    updates: false,
    sources: [],
    snapshot: undefined,
    include: [],
    localDebs: [],
    keyrings: [],
    environment: {},
    locked: undefined,
    jobs: 1,
    epoch: undefined,
    format: 'tar',
    excludePaths: [],
    strict: false,
    check: false,
    stdout: new PassThrough(),
    offline: false,
    limits: IMPATIENT,
    signal: new AbortController().signal,
    onEvent: () => {},
    ...wanted,
  };
  try {
    await build(options);
    const digest =
      wanted.format === 'dir' ? 'a directory' : createHash('sha256').update(readFileSync(wanted.output)).digest('hex');
    return { digest, error: undefined };
  } catch (error) {
    return { digest: undefined, error };
  }
}

/**
 * What is wrong with how a run ended: other bytes than one of `digests`; an error that is not one clear line of ours; an output,
 * or something half-done, that it left behind. Undefined where all is as promised.
 */
export function wrongWith(
  { digest, error }: Outcome,
  { cacheDir, output }: Try,
  digests: readonly string[],
): string | undefined {
  if (digest !== undefined && !digests.includes(digest)) return `it wrote other bytes: ${digest}`;
  if (digest === undefined) {
    if (!(error instanceof KoalaError)) return `it ended with ${error instanceof Error ? error.stack : String(error)}`;
    if (!/^cannot [^\n]+$/.test(error.message)) return `its message is ${JSON.stringify(error.message)}`;
    if (existsSync(output)) return 'it failed and left an output';
  }
  const left = leftIn(cacheDir, output);
  return left.length === 0 ? undefined : `it left ${left.join(', ')}`;
}

/** What a run that came to its end must not leave behind: temporary files, beside the output or in the cache. */
export function leftIn(cacheDir: string, output: string): string[] {
  const beside = readdirSync(join(output, '..')).filter((name) => !['out.tar', 'cache'].includes(name));
  const inside = ['tmp', 'builds'].flatMap((name) => {
    const place = join(cacheDir, name);
    return existsSync(place) ? readdirSync(place).map((entry) => `${name}/${entry}`) : [];
  });
  return [...beside, ...inside];
}

/**
 * A build by the executable, in a process of its own.
 *
 * @param kill after so many milliseconds, if it still runs then
 * @param ulimit what the process may have, as sh's ulimit takes it: `-n 20`
 */
export function spawnBuild(
  farm: Farm,
  { cacheDir, output, mirrors }: Try,
  kill: { readonly after: number; readonly signal: NodeJS.Signals } | undefined,
  ulimit?: string,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const mirror = mirrors.flatMap((url) => ['--mirror', url]);
  const words = [
    '--profile',
    farm.profileFile,
    '--arch',
    'amd64',
    '--cache-dir',
    cacheDir,
    '--output',
    output,
    '--quiet',
    ...mirror,
  ];
  const limit = ulimit === undefined ? '' : `ulimit ${ulimit}; `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'sh', process.execPath, BIN, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: farm.directory },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = kill === undefined ? undefined : setTimeout(() => child.kill(kill.signal), kill.after);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stderr });
    });
  });
}
