import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasProgram } from '../builder/programs.js';
import { compareTars } from '../oracle/parity.mjs';
import { EPOCH, mmdebstrap } from '../oracle/peers.mjs';
import { koalaBuild } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const isRoot = process.getuid?.() === 0;
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;
const possible = hasArchive && isRoot && machine !== undefined && hasProgram('mmdebstrap');

const work = mkdtempSync(join(tmpdir(), 'koala-parity-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

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
        await mmdebstrap(summary, theirs);
        const { onlyOurs, onlyTheirs, same } = compareTars(ours, theirs);
        expect({ onlyOurs, onlyTheirs }).toEqual({ onlyOurs: [], onlyTheirs: [] });
        expect(same).toBeGreaterThan(3000);
      },
    );
  },
);
