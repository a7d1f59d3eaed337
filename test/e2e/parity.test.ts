import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { hasProgram } from '../builder/programs.js';
import { compareTars } from '../oracle/parity.mjs';
import { AptPeer, EPOCH, mmdebstrap } from '../oracle/peers.mjs';
import { koalaBuild } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const isRoot = process.getuid?.() === 0;
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;
const possible = hasArchive && isRoot && machine !== undefined && hasProgram('mmdebstrap');

/** dpkg waits for the disk after each package, so memory is better where there is enough. */
const place = existsSync('/dev/shm') && freeBytes('/dev/shm') > 3e9 ? '/dev/shm' : tmpdir();
const work = mkdtempSync(join(place, 'koala-parity-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Added to minbase one at a time; `node test/oracle/compare-configured.mjs` compares others. */
const ADDED = ['ca-certificates', 'openssl', 'nginx-light', 'nodejs', 'python3'];

/** Our minbase, with or without a package: equal means paths, types, modes, owners, links and contents. */
async function build(suite: string, include: readonly string[], tar: string): Promise<BuildSummary> {
  const args = ['--profile', 'minbase', '--suite', suite, '--cache-dir', join(work, 'cache'), '--output', tar];
  const wanted = include.flatMap((name) => ['--include', name]);
  const summary = await koalaBuild([...args, ...wanted], { cwd: work, environment: { SOURCE_DATE_EPOCH: EPOCH } });
  expect(summary.notConfigured).toEqual([]);
  return summary;
}

describe.skipIf(!possible).each(['trixie', 'bookworm'])(
  `%s beside what dpkg configured (${WHY_NO_ARCHIVE}, or without mmdebstrap, or not as root)`,
  { timeout: 600_000 },
  (suite) => {
    const ours = join(work, `ours-${suite}.tar`);
    const theirs = join(work, `theirs-${suite}.tar`);
    const minbase = join(work, `minbase-${suite}.tar`);
    let base: BuildSummary;

    beforeAll(async () => {
      base = await build(suite, [], ours);
      await mmdebstrap(base, minbase);
    }, 600_000);

    it("minbase is mmdebstrap's", () => {
      const { onlyOurs, onlyTheirs, same } = compareTars(ours, minbase);
      expect({ onlyOurs, onlyTheirs }).toEqual({ onlyOurs: [], onlyTheirs: [] });
      expect(same).toBeGreaterThan(3000);
    });

    it.each(ADDED)("minbase with %s is mmdebstrap's minbase in which apt installs the same", async (name) => {
      const summary = await build(suite, [name], ours);
      const known = new Set(base.packages.map((one) => one.name));
      const added = summary.packages.filter((one) => !known.has(one.name));
      const scratch = join(work, 'scratch');
      mkdirSync(scratch, { recursive: true });
      const peer = new AptPeer(minbase, join(work, suite), scratch);
      await peer.open(base);
      await peer.install(
        added.map((one) => `${one.name}=${one.version}`),
        theirs,
      );
      const { onlyOurs, onlyTheirs } = compareTars(ours, theirs);
      expect({ onlyOurs, onlyTheirs }).toEqual({ onlyOurs: [], onlyTheirs: [] });
    });
  },
);
