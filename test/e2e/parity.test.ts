import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/build.js';
import { listTar } from '../builder/listing.js';
import { hasProgram } from '../builder/programs.js';
import { koalaBuild } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const EPOCH = '1750000000';
const KEYRING = fileURLToPath(new URL('../../profiles/keyrings/debian-archive', import.meta.url));
const KEYS = readdirSync(KEYRING).filter((name) => name.endsWith('.asc'));
const HOOKS = '/usr/share/mmdebstrap/hooks/merged-usr';

/** What a tree that dpkg configured has of the machine and the moment, and not of its packages. */
const OF_THE_MACHINE: readonly (readonly [path: RegExp, why: string])[] = [
  [/^\/(?:dev|proc|sys|run)\//, 'made by mmdebstrap, or by what ran in the chroot'],
  [/^\/etc\/(?:fstab|hostname|resolv\.conf|machine-id)$/, "the machine's"],
  [/^\/etc\/dpkg\/dpkg\.cfg\.d\/99mmdebstrap$/, 'its options'],
  [/^\/etc\/apt\/(?:sources\.list|sources\.list\.d\/.*|apt\.conf\.d\/99mmdebstrap)$/, 'where it was installed from'],
  [/^\/var\/(?:cache\/apt|lib\/apt|cache\/debconf|cache\/ldconfig)\//, 'caches, which their programs make again'],
  [/^\/var\/lib\/dpkg\/(?:.*-old|lock.*|triggers\/Lock|available|cmethopt|arch)$/, "dpkg's locks, backups and marks"],
  [/^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid|shells)-$/, 'backups'],
  [/^\/var\/log\//, 'logs'],
];

const isRoot = process.getuid?.() === 0;
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;
const possible = hasArchive && isRoot && machine !== undefined && hasProgram('mmdebstrap');

const work = mkdtempSync(join(tmpdir(), 'koala-parity-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The same packages from the same archives, installed by apt and dpkg in a chroot. */
function mmdebstrap(suite: string, { archives, packages }: BuildSummary, tar: string): void {
  const keys = KEYS.map((name) => join(KEYRING, name)).join(',');
  const sources = archives.map(({ url, suite: name }) => {
    return `deb [signed-by=${keys}] ${url.replace(/\/dists\/.*/, '')} ${url.match(/\/dists\/(.*)\/[^/]+$/)?.[1] ?? name} main`;
  });
  const hook = suite === 'bookworm' ? [`--hook-dir=${HOOKS}`] : [];
  const include = `--include=${packages.map(({ name }) => name).join(',')}`;
  const args = [
    '--quiet',
    '--variant=custom',
    '--mode=root',
    '--dpkgopt=force-unsafe-io',
    ...hook,
    include,
    suite,
    tar,
  ];
  const environment = { ...process.env, SOURCE_DATE_EPOCH: EPOCH };
  const { status, stderr } = spawnSync('mmdebstrap', [...args, ...sources], { env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`mmdebstrap ended with ${status}:\n${stderr}`);
}

/** What a tar holds, less what is of the machine. */
function listing(tar: string): string[] {
  return listTar(readFileSync(tar)).filter((line) => {
    const path = line.slice(0, line.indexOf(':'));
    return !OF_THE_MACHINE.some(([expression]) => expression.test(path));
  });
}

describe.skipIf(!possible)(
  `minbase beside mmdebstrap's (${WHY_NO_ARCHIVE}, or without mmdebstrap, or not as root)`,
  { timeout: 600_000 },
  () => {
    it.each(['trixie', 'bookworm'])(
      'of %s is the same: paths, types, modes, owners, links, contents',
      async (suite) => {
        const ours = join(work, `ours-${suite}.tar`);
        const theirs = join(work, `theirs-${suite}.tar`);
        const args = ['--profile', 'minbase', '--suite', suite, '--cache-dir', join(work, 'cache'), '--output', ours];
        const summary = await koalaBuild(args, { cwd: work, environment: { SOURCE_DATE_EPOCH: EPOCH } });
        expect(summary.notConfigured).toEqual([]);
        mmdebstrap(suite, summary, theirs);
        const [mine, other] = [new Set(listing(ours)), new Set(listing(theirs))];
        expect({
          onlyOurs: [...mine].filter((line) => !other.has(line)),
          onlyTheirs: [...other].filter((line) => !mine.has(line)),
        }).toEqual({ onlyOurs: [], onlyTheirs: [] });
        expect(mine.size).toBeGreaterThan(3000);
      },
    );
  },
);
