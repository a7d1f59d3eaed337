// docs/hardening.md: attacks as the tests tell of them, and what the runs by the thousand came to.
//
//   node test/hardening/run.mjs                the table, from results.json and a run of the attacks
//   node test/hardening/run.mjs --minutes 30   more runs before that, with seeds that were not used yet
//   node test/hardening/run.mjs --import FILE  lines that a run with KOALA_HARDENING=FILE wrote
//
// It can be ended at any time and goes on the next time: each round that passed is kept, one that fails ends it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(root, 'test/hardening/results.json');
const DOCUMENT = join(root, 'docs/hardening.md');
/** Seeds of a round are apart by more than a round has runs. */
const STEP = 1000;
const PART = '0.1';

const results = existsSync(RESULTS)
  ? JSON.parse(readFileSync(RESULTS, 'utf8'))
  : { nextSeed: 1_000_000, faults: {}, fuzz: {} };
const work = mkdtempSync(join(tmpdir(), 'koala-hardening-'));
try {
  const [option, value] = process.argv.slice(2);
  if (option === '--import') merge(readFileSync(value, 'utf8'));
  if (option === '--minutes') runFor(Number(value));
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(DOCUMENT, documentOf(attacks()));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function runFor(minutes) {
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    const lines = join(work, 'lines');
    rmSync(lines, { force: true });
    vitest(['test/faults', 'test/fuzz'], {
      KOALA_HARDENING: lines,
      KOALA_SEED: String(results.nextSeed),
      KOALA_PART: PART,
    });
    merge(readFileSync(lines, 'utf8'));
    results.nextSeed += STEP;
    writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  }
}

/** Adds the lines of rounds. */
function merge(lines) {
  for (const line of lines.trim().split('\n')) {
    const { type, what, ended, iterations } = JSON.parse(line);
    if (type === 'fuzz') results.fuzz[what] = (results.fuzz[what] ?? 0) + iterations;
    const known = results.faults[what] ?? { built: 0, refused: 0, stopped: 0 };
    if (type === 'fault') {
      results.faults[what] = {
        built: known.built + (ended.built ?? 0),
        refused: known.refused + (ended.refused ?? 0),
        stopped: known.stopped + (ended.stopped ?? 0),
      };
    }
  }
}

/** @returns what the tests of test/attacks came to: groups of names with outcomes */
function attacks() {
  const report = join(work, 'report.json');
  vitest(['test/attacks', '--reporter=json', `--outputFile=${report}`], {});
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

function vitest(args, environment) {
  const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`the tests failed:\n${stdout}${stderr}`);
}

function documentOf(groups) {
  const total = (object) => Object.values(object).reduce((sum, number) => sum + number, 0);
  const all = [...groups.values()].flat();
  const faultRuns = Object.values(results.faults).reduce((sum, ended) => sum + total(ended), 0);
  const attackRows = [...groups].flatMap(([group, tests]) => [
    `\n### ${cell(group)}\n`,
    '| attack | outcome |',
    '|---|---|',
    ...tests.map(({ title, status }) => `| ${cell(title)} | ${status === 'passed' ? 'as promised' : status} |`),
  ]);
  const faultRows = Object.entries(results.faults)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([what, ended]) =>
        `| ${cell(what)} | ${total(ended)} | ${ended.built} | ${ended.refused} | ${ended.stopped} | 0 |`,
    );
  const fuzzRows = Object.entries(results.fuzz).map(([what, count]) => `| ${cell(what)} | ${number(count)} | 0 | 0 |`);
  return `# Attacks, faults and inputs, and what they came to

Written by \`test/hardening/run.mjs\` from the tests' own results: the attacks from a run of \`test/attacks\`, the rest from
\`test/hardening/results.json\`, to which each round of runs that passed is added. A run that goes wrong fails its test, and its
round counts for nothing. \`THREAT_MODEL.md\` says what is defended and how.

| what | tries | let in, lost, crashed or hung |
|---|---|---|
| attacks by name | ${all.length} | ${all.filter(({ status }) => status === 'failed').length} |
| builds with faults, each with the build after it | ${number(faultRuns)} | 0 |
| inputs of decoders by the fuzzer | ${number(total(results.fuzz))} | 0 |

## Faults

Each run is a whole build with faults that its seed decides, then one without by the same cache. *Built*: the right bytes all the
same. *Refused*: one line that says why, no output and nothing half-done. *Stopped*: cancelled or killed, with the whole output or
none. *Wrong* would be anything else, or that the next build does not give the right bytes.

| fault | runs | built | refused | stopped | wrong |
|---|---|---|---|---|---|
${faultRows.join('\n')}

## Decoders

Inputs are sound ones (of Debian's archive too, where the machine has some) that were changed by a generator that knows formats'
words, numbers and checksums, and keeps what made a decoder behave in a new way. A decoder must take or refuse each in two seconds,
with an error of its own; what is read must be the same in other pieces, and what is written again must be read the same.

| decoder | inputs | crashes | hangs |
|---|---|---|---|
${fuzzRows.join('\n')}

## What they found

Each of these failed a run, was mended, and has a test now: a profile that had any file copied into an image as a keyring; an index
(.zst, .xz) decompressed whole before its size was looked at; a directory in the place of a store entry, of a kept package, of the
cache's own count; a full disk told of by a stack, or hidden behind a directory that a thread still wrote to; too few file
descriptors to start with; a resolver that never answers; a certificate whose subject holds a string that is none.

## Attacks

${attackRows.join('\n').trim()}
`;
}

/** Text from a test's name, in a cell of a table. */
function cell(text) {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function number(count) {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
