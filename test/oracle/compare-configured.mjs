/**
 * Configures packages with apt and dpkg in a chroot, and by ours without one, and writes down where the trees differ.
 *
 * usage: node test/oracle/compare-configured.mjs --suite SUITE [--arch ARCH] [--work DIR] [--peer auto|apt|mmdebstrap]
 *          [--write FILE] [--resume] [--full] [--keep] PACKAGE…
 *
 * Each package is added to the profile minbase. The peer is a minbase that mmdebstrap made of the very same packages, once, in
 * which apt installs the versions that our plan chose (`apt`); or mmdebstrap makes the whole tree, as slow as that is
 * (`mmdebstrap`). The two differ a little: there a minbase is configured before the rest is unpacked, here all is unpacked first, as
 * ours does it, so that systemctl, say, is there when apt's units are enabled; and a preinst that diverts what its own package brings
 * finds that there already. So the default, `auto`, asks mmdebstrap where apt's tree differs from ours, and takes a path for different
 * that is like neither. What need not be the same is in parity.mjs. A package may be several, joined by `+`.
 *
 * With --write, FILE holds a table with a row for each package and suite; rows that are there stay unless they are asked for again,
 * and with --resume those are not asked for again. --work keeps the minbase and the .debs from one run to the next; it is best in
 * memory. --full prints all differences, --keep leaves the last two trees there as tars. Needs root, mmdebstrap, and apt sources of Debian. Compile first: this runs dist/.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { compareTars, differentInBoth } from './parity.mjs';
import { AptPeer, EPOCH, mmdebstrap } from './peers.mjs';
import { pathOfLine } from './tree-lines.mjs';

const run = promisify(execFile);
const BIN = fileURLToPath(new URL('../../bin/koala-bootstrap.js', import.meta.url));
const OUTCOMES = ['interpreted', 'no-effect', 'native-effect', 'not-understood'];
const TITLES = ['package', 'suite', 'packages', 'scripts', ...OUTCOMES.map((name) => name.replace('-', ' ')), 'tree'];
const NAMED_PATHS = 5;

async function koala(suite, architecture, work, include, tar) {
  const args = ['--profile', 'minbase', '--suite', suite, '--arch', architecture, '--cache-dir', join(work, 'koala')];
  const { stdout } = await run(
    process.execPath,
    [BIN, ...args, ...include.flatMap((name) => ['--include', name]), '--output', tar, '--json', '--quiet'],
    { env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH }, maxBuffer: 1 << 28 },
  );
  return JSON.parse(stdout);
}

/** A minbase of mmdebstrap's and what ours was made of. */
async function openPeer(suite, architecture, work, directory, scratch) {
  const [tar, plan] = [join(directory, 'minbase.tar'), join(directory, 'minbase.json')];
  if (!existsSync(plan)) {
    const summary = await koala(suite, architecture, work, [], join(scratch, 'ours.tar'));
    await mmdebstrap(summary, join(scratch, 'minbase.tar'));
    await rename(join(scratch, 'minbase.tar'), tar);
    await writeFile(plan, JSON.stringify(summary));
  }
  const summary = JSON.parse(await readFile(plan, 'utf8'));
  const peer = new AptPeer(tar, directory, scratch);
  await peer.open(summary);
  return { peer, minbase: new Map(summary.packages.map((one) => [one.name, one.version])) };
}

/** Both trees of a package, compared. */
async function compare(title, suite, architecture, { work, scratch, opened, peerName }) {
  const [ours, theirs] = ['ours.tar', 'theirs.tar'].map((name) => join(scratch, name));
  const row = { package: title, suite };
  let summary;
  try {
    summary = await koala(suite, architecture, work, title.split('+'), ours);
  } catch (error) {
    return { ...row, tree: `not built: ${lastLine(error.stderr ?? String(error))}` };
  }
  const { minbase, peer } = opened;
  const added = summary.packages.filter(({ name }) => !minbase.has(name));
  row.packages = added.length;
  const names = new Set(added.map(({ name }) => name));
  const scripts = summary.scripts.filter((script) => names.has(script.package.replace(/:.*/, '')));
  row.scripts = scripts.length;
  row.notUnderstood = scripts.filter(({ outcome }) => outcome === 'not-understood');
  for (const outcome of OUTCOMES) row[outcome] = scripts.filter((script) => script.outcome === outcome).length;
  const peers = {
    apt: () =>
      peer.install(
        added.map(({ name, version }) => `${name}=${version}`),
        theirs,
      ),
    mmdebstrap: () => mmdebstrap(summary, theirs),
  };
  for (const asked of peerName === 'auto' ? ['apt', 'mmdebstrap'] : [peerName]) {
    try {
      await peers[asked]();
      const comparison = compareTars(ours, theirs);
      row.comparison = row.comparison === undefined ? comparison : differentInBoth(row.comparison, comparison);
      row.tree = verdict(row.comparison);
    } catch (error) {
      row.failure = error.message;
      const said = error.message.split('\n').filter((line) => /^(?:E:|dpkg: error)|error/i.test(line));
      row.tree = `${asked} failed: ${said[0] ?? lastLine(error.message)}`;
    }
    if (row.tree === 'equal') break;
  }
  return row;
}

function verdict({ onlyOurs, onlyTheirs }) {
  const paths = [...new Set([...onlyOurs, ...onlyTheirs].map(pathOfLine))].sort();
  if (paths.length === 0) return 'equal';
  const named = paths.slice(0, NAMED_PATHS).map((path) => `\`${path}\``);
  const rest = paths.length > NAMED_PATHS ? ` and ${paths.length - NAMED_PATHS} more` : '';
  return `different: ${named.join(', ')}${rest}`;
}

function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** The rows of a table written before, by package and suite. */
async function readRows(file) {
  const rows = new Map();
  if (!existsSync(file)) return rows;
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const cells = line.startsWith('| ') ? line.slice(2, -2).split(' | ') : [];
    if (cells.length === TITLES.length && cells[0] !== TITLES[0]) rows.set(`${cells[0]} ${cells[1]}`, line);
  }
  return rows;
}

function formatRow(row) {
  const counts = ['packages', 'scripts', ...OUTCOMES].map((name) => row[name] ?? '');
  return `| ${[row.package, row.suite, ...counts, row.tree.replaceAll('|', '/')].join(' | ')} |`;
}

function formatTable(rows) {
  const lines = [...rows.values()].sort();
  const suites = [...new Set(lines.map((line) => line.split(' | ')[1]))].sort();
  const totals = suites.map((suite) => {
    const own = lines.filter((line) => line.split(' | ')[1] === suite);
    const equal = own.filter((line) => line.endsWith('| equal |')).length;
    return `${suite}: ${equal} of ${own.length} equal`;
  });
  return [
    '# Fidelity',
    '',
    'Packages, each added to the profile minbase: our tree beside the one that apt and dpkg configure in a chroot, of the same',
    'packages. Written by `test/oracle/compare-configured.mjs`, which says how; what need not be the same is in',
    '`test/oracle/parity.mjs`, with reasons. *packages* and *scripts* are those that are not in minbase.',
    '',
    `${totals.join('; ')}.`,
    '',
    `| ${TITLES.join(' | ')} |`,
    `|${TITLES.map(() => '---|').join('')}`,
    ...lines,
    '',
  ].join('\n');
}

function show(row, full) {
  console.log(formatRow(row));
  for (const { package: name, script, notUnderstood } of row.notUnderstood ?? []) {
    for (const { line, command, why } of notUnderstood)
      console.log(`  ? ${name}.${script}:${line}: ${command}: ${why}`);
  }
  if (full && row.failure !== undefined) console.log(row.failure);
  const { onlyOurs = [], onlyTheirs = [] } = row.comparison ?? {};
  const differences = [...onlyOurs.map((line) => `  - ${line}`), ...onlyTheirs.map((line) => `  + ${line}`)];
  const sorted = differences.sort((a, b) => (a.slice(4) < b.slice(4) ? -1 : 1));
  for (const line of full ? sorted : sorted.slice(0, 20)) console.log(line);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'trixie' },
    arch: { type: 'string', default: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    work: { type: 'string' },
    peer: { type: 'string', default: 'auto' },
    write: { type: 'string' },
    resume: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const { suite, arch, peer, write } = values;
let scratch;
const work = values.work ?? (await mkdtemp(join(tmpdir(), 'koala-configured-')));
try {
  const directory = join(work, `${suite}-${arch}`);
  await mkdir(directory, { recursive: true });
  scratch = await mkdtemp(join(directory, 'run-'));
  const opened = await openPeer(suite, arch, work, directory, scratch);
  for (const title of positionals) {
    if (values.resume && write !== undefined && (await readRows(write)).has(`${title} ${suite}`)) continue;
    const row = await compare(title, suite, arch, { work, scratch, opened, peerName: peer });
    show(row, values.full);
    if (values.keep) {
      for (const name of ['ours.tar', 'theirs.tar']) {
        if (existsSync(join(scratch, name))) await rename(join(scratch, name), join(directory, name));
      }
    }
    if (write === undefined) continue;
    // Read again each time: other runs may write to the same table.
    const rows = await readRows(write);
    rows.set(`${title} ${suite}`, formatRow(row));
    await writeFile(`${write}.part`, formatTable(rows));
    await rename(`${write}.part`, write);
  }
} finally {
  if (scratch !== undefined) await rm(scratch, { recursive: true });
  if (values.work === undefined) await rm(work, { recursive: true });
}
