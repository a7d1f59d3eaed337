/**
 * `npm run bench:peers [-- --rounds N --suite SUITE --only REGEXP --check]`: koala-bootstrap beside debootstrap, mmdebstrap,
 * cdebootstrap, multistrap and plain decoding, on the same packages from a loopback mirror that is filled from this machine's apt
 * sources and then frozen. Needs root for most peers; one that is not installed or does not work is skipped aloud. Each
 * round runs everybody in turn; what counts is the median of the ratios of a round. Writes `bench/results/peers.json` and
 * `bench/results/peers.svg`.
 *
 * `npm run bench:check`, or `--check`, measures the floor and koala-bootstrap alone, writes nothing, and ends with 1 where a ratio to
 * the floor is worse than in the results that are there: wall by more than a quarter, CPU by more than 15 %.
 */
import { fork, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sitting } from './machine.mjs';
import { chart } from './peers/chart.mjs';
import { hasTime, measure } from './peers/measure.mjs';
import { runsOf } from './peers/runs.mjs';
import { MEMORY, SETS, TARGETS } from './peers/targets.mjs';
import { floorsOf, median, regressions } from './regressions.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    suite: { type: 'string', default: 'trixie' },
    only: { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
  },
});
const { suite } = values;
const rounds = Number(values.rounds);
/** Runs that are measured, by their names. */
const only = values.check ? /^(?:floor|koala (?!set))/ : new RegExp(values.only);
const UNITS = hasTime ? ['wall', 'cpu'] : ['wall'];
const TOLERANCE = { wall: 0.25, cpu: 0.15 };
const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));
const KOALA = [process.execPath, fileURLToPath(new URL('../bin/koala-bootstrap.js', import.meta.url))];
const KEYRING = fileURLToPath(new URL('../profiles/keyrings/debian-archive', import.meta.url));

const work = mkdtempSync(join(tmpdir(), 'koala-peers-'));
const scratch = join(work, 'scratch');
const environment = { TMPDIR: work, SOURCE_DATE_EPOCH: '1750000000' };
const upstream = jsonOf(['plan', '--profile', 'static', '--suite', suite, '--json']).archives[0].url.replace(
  /\/dists\/.*/,
  '',
);
const keyring = keyringFile();
const mirror = await startMirror(join(work, 'mirror'), upstream);
try {
  const results = await bench();
  report(results);
} finally {
  mirror.process.kill();
  rmSync(work, { recursive: true, force: true });
}

async function bench() {
  const cache = join(work, 'cache');
  const full = ['--suite', suite, '--mirror', mirror.url, '--cache-dir', cache, '--json', '--quiet'];
  const set = jsonOf(['--profile', 'minbase', ...full, '--output', join(work, 'minbase.tar')]);
  const base = jsonOf(['--profile', 'base', ...full, '--output', join(work, 'base.tar')]);
  jsonOf([
    'lock',
    '--profile',
    'minbase',
    '--suite',
    suite,
    '--mirror',
    mirror.url,
    '--cache-dir',
    cache,
    '--output',
    join(work, 'lock'),
  ]);
  const debs = set.packages.map(({ sha256 }) => join(cache, 'sha256', sha256.slice(0, 2), sha256));
  writeFileSync(join(work, 'debs'), `${debs.join('\n')}\n`);
  const places = { work, scratch, cache, environment };
  const archive = { url: mirror.url, suite, keyring };
  const possible = runsOf(KOALA, { set, base }, places, archive).filter(({ name }) => only.test(name));
  // Once for the mirror's sake, then nothing comes from anywhere else.
  const runs = possible.filter(works);
  await mirror.freeze();
  const figures = new Map(runs.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}`);
    for (const one of runs) figures.get(one.name).push(once(one));
  }
  return { set, runs, figures };
}

function once({ command, prepare, output }) {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  prepare?.();
  const figures = measure(command, { cwd: scratch, environment });
  return output === undefined ? figures : { ...figures, bytes: statSync(join(scratch, output)).size };
}

/** A peer may not know the suite, or want more than it is given here; ours has to work. */
function works(one) {
  try {
    once(one);
    return true;
  } catch (error) {
    if (one.name.startsWith('koala') || one.name === 'floor') throw error;
    console.error(`skipped: ${one.name}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
    return false;
  }
}

function report({ set, figures }) {
  const rows = TARGETS.flatMap(([name, against, atMost, unit = 'wall']) => {
    const others = [against].flat();
    if (!figures.has(name) || others.some((other) => !figures.has(other)) || (unit === 'cpu' && !hasTime)) return [];
    const ratios = figures
      .get(name)
      .map((one, at) => one[unit] / others.reduce((sum, other) => sum + figures.get(other)[at][unit], 0));
    return [{ name, against: others.join(' + '), unit, atMost, ratio: median(ratios) }];
  });
  const medians = [...figures].map(([name, list]) => ({
    name,
    ...(list[0]?.bytes === undefined ? {} : { bytes: list[0].bytes }),
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    peak: median(list.map(({ peak }) => peak)),
  }));
  const floors = floorsOf(figures, 'floor', UNITS);
  const results = {
    ...sitting(),
    suite,
    rounds,
    packages: set.packages.length,
    medians,
    rows,
    floors,
  };
  for (const { name, wall, cpu, peak, bytes } of medians) {
    const size = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1).padStart(7)} MB written`;
    console.log(
      `${name.padEnd(36)} ${wall.toFixed(2).padStart(8)} s  CPU ${cpu.toFixed(2).padStart(7)} s  peak ${peak.toFixed(0).padStart(5)} MB${size}`,
    );
  }
  console.log();
  for (const { name, against, unit, atMost, ratio } of rows) {
    const goal = atMost === undefined ? '' : `at most ${atMost}${ratio <= atMost ? '' : ', missed'}`;
    console.log(
      `${name.padEnd(36)} / ${against.padEnd(50)} ${unit.padEnd(4)} ${ratio.toFixed(2).padStart(5)}  ${goal}`,
    );
  }
  for (const [name, atMost] of hasTime ? MEMORY : []) {
    const run = medians.find((one) => one.name === name);
    if (run === undefined) continue;
    const missed = run.peak <= atMost ? '' : ', missed';
    console.log(`${name.padEnd(36)} peak ${run.peak.toFixed(0)} MB, at most ${atMost}${missed}`);
  }
  showLinearity(medians);
  const file = join(RESULTS, 'peers.json');
  if (values.check) return check(file, results);
  // A part of the table would take the place of the whole.
  if (values.only !== '') return;
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  const bars = medians.filter(({ name }) => /minbase|minimal|extract$|floor/.test(name) && !/tar/.test(name));
  const note = `${results.date}, ${results.machine}, median of ${rounds}; floor: dpkg-deb decoding the same .debs on all cores`;
  const title = `A minbase of ${suite}, ${set.packages.length} packages, from a loopback mirror`;
  const ours = (name) => name.startsWith('koala');
  writeFileSync(
    join(RESULTS, 'peers.svg'),
    chart({ title, unit: 's', note, bars: bars.map(({ name, wall }) => ({ name, value: wall, ours: ours(name) })) }),
  );
}

/** What a set takes of CPU for each byte that it writes: the same, where cost grows with bytes alone. */
function showLinearity(medians) {
  const sets = SETS.flatMap(([name]) => medians.find((one) => one.name === name) ?? []);
  for (const { name, wall, cpu, bytes } of sets) {
    const each = `${((wall * 1e9) / bytes).toFixed(2)} s, CPU ${((cpu * 1e9) / bytes).toFixed(2)} s`;
    console.log(`${name.padEnd(36)} ${each} for each GB of ${(bytes / 1e9).toFixed(2)}`);
  }
}

function check(file, results) {
  if (!existsSync(file)) throw new Error(`there are no results in ${file} to compare with`);
  const before = JSON.parse(readFileSync(file, 'utf8'));
  const found = regressions(before, results, TOLERANCE);
  console.log(
    `compared with ${before.date}, ${before.machine}: ${found.length} of ${results.floors.length} ratios are worse`,
  );
  for (const { name, unit, before: old, now } of found) {
    console.error(`${name}: ${now.toFixed(2)} of the floor (${unit}), it was ${old.toFixed(2)}`);
    process.exitCode = 1;
  }
}

function startMirror(directory, from) {
  const child = fork(fileURLToPath(new URL('./peers/mirror.mjs', import.meta.url)), [directory, from]);
  const answer = () => new Promise((resolve) => child.once('message', resolve));
  return answer().then(({ port }) => ({
    process: child,
    url: `http://127.0.0.1:${port}`,
    freeze: () => {
      child.send('freeze');
      return answer();
    },
  }));
}

function jsonOf(args) {
  const { status, stdout, stderr } = spawnSync(KOALA[0], [...KOALA.slice(1), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`koala-bootstrap ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return args.includes('--json') ? JSON.parse(stdout) : undefined;
}

/** The archive's keys in one file, as gpgv wants them: debootstrap reads no armour (RFC 9580, 6.2). */
function keyringFile() {
  const path = join(work, 'archive.gpg');
  const armoured = readdirSync(KEYRING).filter((name) => name.endsWith('.asc'));
  const blocks = armoured.map((name) => {
    const text = readFileSync(join(KEYRING, name), 'utf8');
    const [, body = ''] = /\n\n([\s\S]*?)\n(?:=|-----END)/.exec(text) ?? [];
    return Buffer.from(body, 'base64');
  });
  writeFileSync(path, Buffer.concat(blocks));
  return path;
}
