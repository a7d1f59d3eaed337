/**
 * `npm run bench:peers [-- --rounds N --suite SUITE --check]`: koala-bootstrap beside debootstrap, mmdebstrap, cdebootstrap and
 * plain decoding, on the same packages from a loopback mirror that is filled from this machine's apt sources and then frozen. Needs
 * root for debootstrap; a peer that is not installed is skipped aloud. Each round runs everybody in turn; what counts is
 * the median of the ratios of a round. Writes `bench/results/peers.json` and `bench/results/peers.svg`; `--check` fails where
 * a ratio to the floor became worse by a quarter since the results that are there.
 */
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chart } from './peers/chart.mjs';
import { hasProgram, hasTime, measure, median } from './peers/measure.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    suite: { type: 'string', default: 'trixie' },
    check: { type: 'boolean', default: false },
  },
});
const { suite } = values;
const rounds = Number(values.rounds);
const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));
const KOALA = [process.execPath, fileURLToPath(new URL('../bin/koala-bootstrap.js', import.meta.url))];
const KEYRING = fileURLToPath(new URL('../profiles/keyrings/debian-archive', import.meta.url));

/** What is compared: at most this part of the other run's wall time (or CPU time). */
const TARGETS = [
  ['koala minbase', 'debootstrap minbase', 0.14],
  ['koala minbase', 'mmdebstrap minbase', 0.2],
  ['koala minbase', 'mmdebstrap extract', 0.4],
  ['koala minbase', 'cdebootstrap minimal', undefined],
  ['koala minbase', 'floor', undefined],
  ['koala minbase', 'floor', 1.5, 'cpu'],
  ['koala minbase, from a lock', 'floor', 1.15],
  ['koala minbase, from a lock, warm', 'floor', 0.25],
  ['koala debug after base, warm', 'floor', 0.1],
  ['koala base', 'mmdebstrap extract, base', 0.4],
  ['koala minbase.tar.gz, warm', ['koala minbase, from a lock, warm', 'pigz -6'], 1],
  ['koala minbase.tar.zst, warm', ['koala minbase, from a lock, warm', 'zstd -T0'], 1],
];

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
  const runs = runsOf({ set, base, cache });
  // Once for the mirror's sake, then nothing comes from anywhere else.
  for (const one of runs) once(one);
  await mirror.freeze();
  const figures = new Map(runs.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`round ${round} of ${rounds}`);
    for (const one of runs) figures.get(one.name).push(once(one));
  }
  return { set, runs, figures };
}

function once({ command, prepare }) {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  prepare?.();
  return measure(command, { cwd: scratch, environment });
}

/** What is run. Names are those of the table. */
function runsOf({ set, base, cache }) {
  const names = ({ packages }) => packages.map(({ name }) => name).join(',');
  const source = `deb [signed-by=${keyring}] ${mirror.url} ${suite} main`;
  const koala = (...args) => [...KOALA, ...args, '--suite', suite, '--mirror', mirror.url, '--quiet'];
  const fresh = (...args) => koala(...args, '--cache-dir', join(scratch, 'cache'));
  const warm = (...args) => koala(...args, '--cache-dir', cache);
  const locked = (...args) => [...KOALA, 'build', '--lock', join(work, 'lock'), ...args, '--offline', '--quiet'];
  const xargs = (program) => [
    'xargs',
    '-a',
    join(work, 'debs'),
    '-P',
    String(cpus().length),
    '-n1',
    'sh',
    '-c',
    program,
  ];
  const extract = (list) => ['mmdebstrap', '--quiet', '--variant=extract', `--include=${list}`, suite, 'x.tar', source];
  return [
    { name: 'floor', needs: ['dpkg-deb', 'xargs'], command: xargs('dpkg-deb --fsys-tarfile "$0" >/dev/null') },
    {
      name: 'debootstrap minbase',
      needs: ['debootstrap'],
      root: true,
      command: ['debootstrap', '--variant=minbase', `--keyring=${keyring}`, suite, 'd', mirror.url],
    },
    {
      name: 'cdebootstrap minimal',
      needs: ['cdebootstrap'],
      root: true,
      command: ['cdebootstrap', '--flavour=minimal', `--keyring=${keyring}`, suite, 'c', mirror.url],
    },
    {
      name: 'mmdebstrap minbase',
      needs: ['mmdebstrap'],
      command: ['mmdebstrap', '--quiet', '--variant=minbase', suite, 'm.tar', source],
    },
    { name: 'mmdebstrap extract', needs: ['mmdebstrap'], command: extract(names(set)) },
    { name: 'mmdebstrap extract, base', needs: ['mmdebstrap'], command: extract(names(base)) },
    { name: 'koala minbase', ours: true, command: fresh('--profile', 'minbase', '--output', 'k.tar') },
    {
      name: 'koala minbase, from a lock',
      ours: true,
      prepare: () => rmSync(join(cache, 'unpacked'), { recursive: true, force: true }),
      command: locked('--cache-dir', cache, '--output', 'l.tar'),
    },
    {
      name: 'koala minbase, from a lock, warm',
      ours: true,
      command: locked('--cache-dir', cache, '--output', 'w.tar'),
    },
    { name: 'koala base', ours: true, command: fresh('--profile', 'base', '--output', 'b.tar') },
    { name: 'koala debug after base, warm', ours: true, command: warm('--profile', 'debug', '--output', 'g.tar') },
    { name: 'koala minbase.tar.gz, warm', ours: true, command: warm('--profile', 'minbase', '--output', 'k.tar.gz') },
    { name: 'koala minbase.tar.zst, warm', ours: true, command: warm('--profile', 'minbase', '--output', 'k.tar.zst') },
    { name: 'pigz -6', needs: ['pigz'], command: ['sh', '-c', `pigz -6 < ${join(work, 'minbase.tar')} > p.gz`] },
    {
      name: 'zstd -T0',
      needs: ['zstd'],
      command: ['sh', '-c', `zstd -q -T0 -9 < ${join(work, 'minbase.tar')} > z.zst`],
    },
  ].filter(possible);
}

function possible({ name, needs = [], root = false }) {
  const lacking = needs.find((program) => !hasProgram(program));
  const why =
    lacking !== undefined
      ? `${lacking} is not installed`
      : root && process.getuid() !== 0
        ? 'it needs root'
        : undefined;
  if (why !== undefined) console.error(`skipped: ${name}: ${why}`);
  return why === undefined;
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
    wall: median(list.map(({ wall }) => wall)),
    cpu: median(list.map(({ cpu }) => cpu)),
    peak: median(list.map(({ peak }) => peak)),
  }));
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    suite,
    rounds,
    packages: set.packages.length,
    medians,
    rows,
  };
  for (const { name, wall, cpu, peak } of medians) {
    console.log(
      `${name.padEnd(36)} ${wall.toFixed(2).padStart(8)} s  CPU ${cpu.toFixed(2).padStart(7)} s  peak ${peak.toFixed(0).padStart(5)} MB`,
    );
  }
  console.log();
  for (const { name, against, unit, atMost, ratio } of rows) {
    const goal = atMost === undefined ? '' : `at most ${atMost}${ratio <= atMost ? '' : ', missed'}`;
    console.log(
      `${name.padEnd(36)} / ${against.padEnd(50)} ${unit.padEnd(4)} ${ratio.toFixed(2).padStart(5)}  ${goal}`,
    );
  }
  const file = join(RESULTS, 'peers.json');
  const before = values.check && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (before !== undefined) return compareWith(before, rows);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  const bars = medians.filter(({ name }) => /minbase|minimal|extract$|floor/.test(name) && !/tar/.test(name));
  const note = `${results.date}, ${machine}, median of ${rounds}; floor: dpkg-deb decoding the same .debs on all cores`;
  const title = `A minbase of ${suite}, ${set.packages.length} packages, from a loopback mirror`;
  const ours = (name) => name.startsWith('koala');
  writeFileSync(
    join(RESULTS, 'peers.svg'),
    chart({ title, unit: 's', note, bars: bars.map(({ name, wall }) => ({ name, value: wall, ours: ours(name) })) }),
  );
}

/** Machines differ and so do their hours: only what was measured against the floor of its own round is compared. */
function compareWith(before, rows) {
  for (const { name, against, unit, ratio } of rows.filter((row) => row.against === 'floor')) {
    const old = before.rows.find((row) => row.name === name && row.against === against && row.unit === unit);
    if (old === undefined || ratio <= old.ratio * 1.25) continue;
    console.error(`${name}: ${ratio.toFixed(2)} of the floor (${unit}), it was ${old.ratio.toFixed(2)}`);
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
