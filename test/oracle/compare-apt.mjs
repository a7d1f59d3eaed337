/**
 * Asks apt and our solver the same questions and writes down where they differ.
 *
 * usage: node test/oracle/compare-apt.mjs [--root DIR] [--ignore-expiry] [--write] SUITE:ARCHITECTURE:COUNT:SEED…
 *
 * ARCHITECTURE may have foreign ones after it, `amd64+i386`: packages are drawn among those of the first foreign one then, and
 * half of the groups of three have native ones too. Names may be written `libc6:i386`, and several with `&` between them.
 *
 * COUNT packages are drawn at random and asked for one at a time, then a tenth as many groups of three, then the essential
 * packages and those of each priority. With `hard-COUNT`, only those of COUNT packages drawn are asked for that our first,
 * greedy pass does not settle: where a choice has to be taken back, and what cannot be installed. In the place of COUNT
 * may also stand names, parted by commas.
 *
 * apt works in a root of its own (kept where --root names it), with the first mirror of the machine's apt sources and an
 * empty dpkg status, and sees nothing as essential; both read the very same index. Each of our answers is also given to
 * verifier.mjs, which says whether it is an installation at all. Compile first: this runs dist/. With
 * --write, test/oracle/RESULTS.md is written.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { readMachineSources } from '../../dist/archive/machine.js';
import { packageIndex } from '../../dist/archive/package-index.js';
import { packageName } from '../../dist/archive/package-name.js';
import { createUniverse } from '../../dist/archive/universe.js';
import { KoalaError } from '../../dist/formats/errors.js';
import { Candidates } from '../../dist/solve/candidates.js';
import { closure } from '../../dist/solve/closure.js';
import { createProblem } from '../../dist/solve/problem.js';
import { solve } from '../../dist/solve/solve.js';
import { walk } from '../../dist/solve/walk.js';
import { complaints, readStanzas } from './verifier.mjs';

const run = promisify(execFile);
const PRIORITIES = ['required', 'important', 'standard'];

/** Makes apt's root for a suite and fetches the index. */
async function openApt(root, suite, architectures, mirror, ignoreExpiry) {
  const [architecture] = architectures;
  const home = join(root, `${suite}-${architectures.join('+')}`);
  for (const directory of ['etc/apt', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/lib/dpkg']) {
    await mkdir(join(home, directory), { recursive: true });
  }
  await writeFile(join(home, 'var/lib/dpkg/status'), '');
  const { uri, signedBy } = mirror;
  const options = [
    `arch=${architectures.join(',')}`,
    ...(signedBy === undefined ? [] : [`signed-by=${signedBy}`]),
  ].join(' ');
  await writeFile(join(home, 'etc/apt/sources.list'), `deb [${options}] ${uri} ${suite} main\n`);
  const configuration = join(home, 'apt.conf');
  await writeFile(
    configuration,
    [
      `Dir "${home}";`,
      `Dir::State::status "${home}/var/lib/dpkg/status";`,
      'Dir::Bin::methods "/usr/lib/apt/methods";',
      `APT::Architecture "${architecture}";`,
      `APT::Architectures { ${architectures.map((name) => `"${name}";`).join(' ')} };`,
      'APT::Install-Recommends "false";',
      'APT::Immediate-Configure "false";',
      'pkgCacheGen::ForceEssential "none";',
      'Acquire::GzipIndexes "false";',
      'Acquire::Languages "none";',
      'Debug::NoLocking "true";',
      ...(ignoreExpiry ? ['Acquire::Check-Valid-Until "false";'] : []),
    ].join('\n'),
  );
  const environment = { ...process.env, APT_CONFIG: configuration, LC_ALL: 'C' };
  const lists = join(home, 'var/lib/apt/lists');
  const indices = async () => (await readdir(lists)).filter((name) => name.endsWith('_Packages'));
  if ((await indices()).length === 0) await run('apt-get', ['-q', 'update'], { env: environment });
  const found = await indices();
  const bytes = architectures.map(async (name) => {
    const index = found.find((file) => file.endsWith(`_binary-${name}_Packages`));
    if (index === undefined) throw new Error(`apt has no index of ${suite} ${name}`);
    return readFile(join(lists, index));
  });
  return { bytes: await Promise.all(bytes), environment };
}

/** `name version` of all that apt would install, sorted; undefined where it finds no solution. */
async function askApt(environment, names) {
  try {
    const { stdout } = await run('apt-get', ['-s', '-q', '-y', 'install', ...names], {
      env: environment,
      maxBuffer: 1 << 28,
    });
    return [...stdout.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => `${name} ${version}`).sort();
  } catch (error) {
    if (error.code === 100) return undefined;
    throw error;
  }
}

/** The same of ours, with the reasons by name. */
function askSolver(universe, stage) {
  try {
    const plan = solve({ stages: [stageOf(stage)], include: [], exclude: [] }, universe);
    const planned = plan.stages.flatMap(({ packages }) => packages);
    return {
      set: planned.map(({ record }) => `${packageName(record, universe.architecture)} ${record.version}`).sort(),
      installed: planned.map(({ record: { name, version, architecture } }) => `${name} ${version} ${architecture}`),
      reasons: new Map(planned.map(({ record, reason }) => [packageName(record, universe.architecture), reason])),
    };
  } catch (error) {
    if (error instanceof KoalaError && error.code === 'solve') return { set: undefined, refusal: error };
    throw error;
  }
}

/** What differs and, as far as apt can be asked, why. */
async function differenceOf(environment, ours, apts) {
  if (ours.set === undefined) return `only apt finds a solution; ours: ${ours.refusal.message}`;
  const own = ours.set.filter((one) => !apts?.includes(one));
  const theirs = apts?.filter((one) => !ours.set.includes(one)) ?? [];
  const exact = await askApt(
    environment,
    ours.set.map((one) => one.replace(' ', '=')),
  );
  const isValid = exact !== undefined && exact.join() === ours.set.join();
  const verdict = isValid ? 'apt confirms our set as complete' : '**apt does not accept our set**';
  if (apts === undefined) return `only we find a solution; ${verdict}`;
  if (own.length === 0) {
    return `apt takes ${theirs.join(', ')} as well, where another package of the set satisfies the same; ${verdict}`;
  }
  const because = own.map((one) => {
    const reason = ours.reasons.get(one.split(' ')[0]);
    return 'by' in (reason ?? {}) ? `${one} (for \`${reason.relation}\` of ${reason.by})` : one;
  });
  return `another choice: we take ${because.join(', ')}, apt takes ${theirs.join(', ')}; ${verdict}`;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function isHard(universe, name) {
  const stage = stageOf({ packages: [name] });
  const problem = createProblem(stage, [], [], new Map(), universe, new Candidates(universe, []));
  const walked = walk(problem);
  return walked === undefined || !closure(problem, walked).complete;
}

function stageOf(fields) {
  return {
    name: 'asked',
    packages: [],
    essential: false,
    priorities: [],
    recommends: false,
    drops: [],
    prefer: [],
    ...fields,
  };
}

/** What to ask: a title, our stage, and the names for apt. */
function questionsFor(universe, count, seed) {
  const [foreign] = universe.foreignArchitectures;
  const natives = [...universe.names()].sort();
  const all =
    foreign === undefined
      ? natives
      : natives.filter((name) => universe.named(name, foreign).length > 0).map((name) => `${name}:${foreign}`);
  const random = randomNumbers(seed);
  const draw = () => all[Math.floor(random() * all.length)];
  const named = (names) => ({ title: names.join(' '), stage: { packages: names }, names });
  const namesOf = (records) => records.map(({ name }) => name);
  if (count.startsWith('hard-')) {
    const drawn = Array.from({ length: Number(count.slice('hard-'.length)) }, draw);
    return [...new Set(drawn)].filter((name) => isHard(universe, name)).map((name) => named([name]));
  }
  if (!/^\d+$/.test(count)) return count.split(',').map((names) => named(names.split('&')));
  if (foreign !== undefined) {
    const mixed = () => natives[Math.floor(random() * natives.length)];
    return [
      ...Array.from({ length: Number(count) }, () => named([draw()])),
      ...Array.from({ length: Math.ceil(Number(count) / 10) }, (_, at) =>
        named([draw(), draw(), at % 2 === 0 ? draw() : mixed()]),
      ),
    ];
  }
  return [
    ...Array.from({ length: Number(count) }, () => named([draw()])),
    ...Array.from({ length: Math.ceil(Number(count) / 10) }, () => named([draw(), draw(), draw()])),
    { title: 'all essential packages', stage: { essential: true }, names: namesOf(universe.essential()) },
    ...PRIORITIES.map((priority) => ({
      title: `priority ${priority}`,
      stage: { priorities: [priority] },
      names: namesOf(universe.ofPriority(priority)),
    })),
  ];
}

async function compare(root, mirror, job, ignoreExpiry) {
  const [suite, names, ...rest] = job.split(':');
  const architectures = names.split('+');
  const [architecture, ...foreign] = architectures;
  // Names may have a colon too.
  const [count, seed] = [rest.slice(0, -1).join(':'), rest.at(-1)];
  const { bytes, environment } = await openApt(root, suite, architectures, mirror, ignoreExpiry);
  const indices = bytes.map((text, at) => packageIndex(text, `${suite} ${architectures[at]}`, {}));
  const universe = createUniverse(architecture, indices, [], foreign);
  const stanzas = readStanzas(bytes.map((text) => text.toString()));
  const questions = questionsFor(universe, count, Number(seed));
  const result = {
    job,
    asked: questions.length,
    equal: 0,
    neither: 0,
    answers: 0,
    valid: 0,
    packages: 0,
    milliseconds: 0,
    differences: [],
  };
  for (const { title, stage, names } of questions) {
    const start = performance.now();
    const ours = askSolver(universe, stage);
    result.milliseconds += performance.now() - start;
    const apts = await askApt(environment, names);
    result.packages += ours.set?.length ?? 0;
    if (ours.set !== undefined) {
      result.answers++;
      const found = complaints(
        ours.installed.map((one) => stanzas.get(one) ?? ''),
        names,
        architecture,
      );
      if (found.length === 0) result.valid++;
      else
        result.differences.push(`\`${title}\` of ${suite} ${architecture}: **no installation**: ${found.join('; ')}`);
    }
    if (ours.set?.join() === apts?.join()) {
      if (apts === undefined) result.neither++;
      else result.equal++;
    } else {
      const difference = `\`${title}\` of ${suite} ${architecture}: ${await differenceOf(environment, ours, apts)}`;
      result.differences.push(difference);
      console.log(difference);
    }
  }
  return result;
}

function report(results, version) {
  const rows = results.map(({ job, asked, equal, neither, answers, valid, packages, milliseconds }) => {
    const [suite, architecture, ...rest] = job.split(':');
    const [count, seed] = [rest.slice(0, -1).join(':'), rest.at(-1)];
    const kind = /^\d+$/.test(count)
      ? 'random'
      : /^hard-\d+$/.test(count)
        ? count.replace('hard-', 'hard ones of ')
        : 'named';
    const share = (100 * (equal + neither)) / asked;
    const time = `${(milliseconds / asked).toFixed(1)} ms`;
    const different = asked - equal - neither;
    return `| ${suite} | ${architecture} | ${kind} | ${seed} | ${asked} | ${equal} | ${neither} | ${different} | ${valid} of ${answers} | ${share.toFixed(2)} % | ${Math.round(packages / asked)} | ${time} |`;
  });
  const differences = results.flatMap((one) => one.differences);
  return [
    '# Our solver and apt',
    '',
    `Written by \`compare-apt.mjs\`, which says what is asked. It is ${version} that decides. An answer of ours is valid where`,
    '`verifier.mjs`, which shares no code with the solver, finds that all that was asked for is there, all dependencies are',
    'met and nothing conflicts.',
    '',
    '| suite | architecture | questions | seed | asked | same packages | both find no solution | different | valid answers | agreement | packages, mean | our time, mean |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Differences',
    '',
    ...(differences.length === 0 ? ['None.'] : differences.map((one) => `- ${one}`)),
    '',
  ].join('\n');
}

async function machineMirror() {
  const { sources } = await readMachineSources('/');
  const isMain = (source) =>
    source.enabled && source.components.includes('main') && source.uris[0]?.endsWith('/debian');
  const source = sources.find(isMain);
  if (source === undefined) throw new Error("the machine's apt sources have no Debian mirror");
  const signedBy = source.signedBy.find((file) => file.startsWith('/'));
  return { uri: source.uris[0], signedBy };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { root: { type: 'string' }, 'ignore-expiry': { type: 'boolean' }, write: { type: 'boolean' } },
});
const root = values.root ?? (await mkdtemp(join(tmpdir(), 'compare-apt-')));
try {
  const mirror = await machineMirror();
  const { stdout } = await run('apt-get', ['--version']);
  const results = [];
  for (const job of positionals) results.push(await compare(root, mirror, job, values['ignore-expiry'] === true));
  const text = report(results, stdout.split(' (')[0]);
  console.log(text);
  if (values.write) await writeFile(new URL('RESULTS.md', import.meta.url), text);
} finally {
  if (values.root === undefined) await rm(root, { recursive: true });
}
