// docs/hardening.md: attacks as the tests tell of them, and what the runs by the thousand came to.
//
//   node test/hardening/run.mjs                the table, from results.json and a run of the attacks
//   node test/hardening/run.mjs --minutes 30   more rounds before that, with seeds that were not used yet
//                            --only fuzz       rounds of inputs of decoders alone; or `faults`, or `kills` (SIGKILL)
//                            --part 1          of a round's million inputs and 2,700 faults; a tenth unless given
//   node test/hardening/run.mjs --import FILE  lines that a run with KOALA_HARDENING=FILE wrote
//
// It can be ended at any time and goes on the next time: each round is kept. A run that goes wrong ends it with status 1, and is kept
// as well, until the same run passes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { documentOf, merged } from './results.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(root, 'test/hardening/results.json');
const DOCUMENT = join(root, 'docs/hardening.md');
/** What vitest is to run. */
const ROUNDS = {
  all: ['test/faults', 'test/fuzz'],
  faults: ['test/faults'],
  fuzz: ['test/fuzz'],
  kills: ['test/faults/machine.test.ts', '--testNamePattern', 'SIGKILL'],
};

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '0' },
    only: { type: 'string', default: 'all' },
    part: { type: 'string', default: '0.1' },
    import: { type: 'string', multiple: true, default: [] },
  },
});
const wanted = ROUNDS[values.only];
if (wanted === undefined) throw new Error(`there are no rounds of ${values.only}: ${Object.keys(ROUNDS).join(', ')}`);

const work = mkdtempSync(join(tmpdir(), 'koala-hardening-'));
try {
  for (const file of values.import) add(readFileSync(file, 'utf8'));
  const end = Date.now() + Number(values.minutes) * 60_000;
  while (Date.now() < end && process.exitCode !== 1) round();
  const groups = attacks();
  writeFileSync(DOCUMENT, documentOf(readResults(), groups));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function readResults() {
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}

function add(lines) {
  writeFileSync(RESULTS, `${JSON.stringify(merged(readResults(), lines), null, 2)}\n`);
}

function round() {
  const file = join(work, 'lines');
  rmSync(file, { force: true });
  const { nextSeed } = readResults();
  const failed = vitest(wanted, {
    KOALA_HARDENING: file,
    KOALA_SEED: String(nextSeed),
    KOALA_PART: values.part,
  });
  const lines = existsSync(file) ? readFileSync(file, 'utf8') : '';
  add(lines);
  if (failed === undefined) return;
  // A round that failed and has nothing that went wrong says nothing of the program.
  if (!lines.includes('{"type":"wrong"')) throw new Error(`the tests failed:\n${failed}`);
  console.error(failed);
  process.exitCode = 1;
}

/** @returns what the tests of test/attacks came to: groups of names with outcomes */
function attacks() {
  const report = join(work, 'report.json');
  const failed = vitest(['test/attacks', '--reporter=json', `--outputFile=${report}`], {});
  if (!existsSync(report)) throw new Error(`the tests failed:\n${failed}`);
  if (failed !== undefined) process.exitCode = 1;
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const groups = new Map();
  for (const { assertionResults } of testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      const group = ancestorTitles.join(': ');
      groups.set(group, [...(groups.get(group) ?? []), { title, status }]);
    }
  }
  return groups;
}

/** @returns what a run said that failed */
function vitest(args, environment) {
  const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 1 << 28,
  });
  return status === 0 ? undefined : stdout + stderr;
}
