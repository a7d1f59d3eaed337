// What the rounds came to, and docs/hardening.md of it. Values in, values out.

/** Seeds of a round are apart by more than a round has runs. */
const STEP = 1000;

export function merged(results, lines) {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .reduce((sum, line) => withRow(sum, JSON.parse(line)), results);
}

function withRow(results, row) {
  const { type, ...rest } = row;
  const { what, seed } = rest;
  const later = { ...results, nextSeed: Math.max(results.nextSeed, seed + STEP) };
  if (type === 'wrong') return { ...results, wrong: [...results.wrong.filter((one) => !isSame(one, rest)), rest] };
  const again = row.again ?? [];
  const wrong = results.wrong.filter((one) => one.what !== what || !again.includes(one.input ?? one.seed));
  if (type === 'fuzz') {
    const fuzz = { ...results.fuzz, [what]: (results.fuzz[what] ?? 0) + row.iterations };
    return { ...later, fuzz, wrong };
  }
  const known = results.faults[what] ?? { built: 0, refused: 0, stopped: 0 };
  const sum = Object.fromEntries(Object.entries(known).map(([how, count]) => [how, count + (row.ended[how] ?? 0)]));
  return { ...later, faults: { ...results.faults, [what]: sum }, wrong };
}

function isSame(one, other) {
  return one.what === other.what && one.seed === other.seed && one.input === other.input;
}

export function documentOf(results, groups) {
  const all = [...groups.values()].flat();
  const attackRows = [...groups].flatMap(([group, tests]) => [
    `\n### ${cell(group)}\n`,
    '| attack | outcome |',
    '|---|---|',
    ...tests.map(({ title, status }) => `| ${cell(title)} | ${status === 'passed' ? 'as promised' : status} |`),
  ]);
  const wrongOf = (what, how) => results.wrong.filter((one) => one.what === what && one.how === how).length;
  const none = { built: 0, refused: 0, stopped: 0 };
  const namesOf = (rows, hows) => [
    ...new Set([
      ...Object.keys(rows),
      ...results.wrong.filter(({ how }) => hows.includes(how)).map(({ what }) => what),
    ]),
  ];
  const faultRows = namesOf(results.faults, ['wrong'])
    .sort()
    .map((what) => {
      const { built, refused, stopped } = results.faults[what] ?? none;
      const wrong = wrongOf(what, 'wrong');
      return `| ${cell(what)} | ${built + refused + stopped + wrong} | ${built} | ${refused} | ${stopped} | ${wrong} |`;
    });
  const fuzzRows = namesOf(results.fuzz, ['crash', 'hang']).map((what) => {
    const [crashes, hangs] = [wrongOf(what, 'crash'), wrongOf(what, 'hang')];
    return `| ${cell(what)} | ${number((results.fuzz[what] ?? 0) + crashes + hangs)} | ${crashes} | ${hangs} |`;
  });
  const total = (object) => Object.values(object).reduce((sum, count) => sum + count, 0);
  const wrongRuns = results.wrong.filter(({ how }) => how === 'wrong').length;
  const wrongInputs = results.wrong.length - wrongRuns;
  const faultRuns = Object.values(results.faults).reduce((sum, ended) => sum + total(ended), 0) + wrongRuns;
  const count = (wanted) => all.filter(({ status }) => status === wanted).length;
  const openRows = results.wrong.map(
    ({ what, how, seed, why, commit }) =>
      `- ${cell(what)}: ${how} with the seed ${seed} at ${commit}: ${cell(why.split('\n')[0])}\n`,
  );
  return `# Attacks, faults and inputs, and what they came to

Written by \`test/hardening/run.mjs\` from the tests' own results: the attacks from a run of \`test/attacks\`, the rest from
\`test/hardening/results.json\`, to which each round of runs is added. What goes wrong ends its round, of which nothing else counts,
and stays there with its seed, its input and the commit; it stands in these tables, and every later run of the tests begins with it, until
it passes. \`THREAT_MODEL.md\` says what is defended and how.

| what | tries | let in, lost, crashed or hung, and not mended |
|---|---|---|
| attacks by name | ${count('passed') + count('failed')} | ${count('failed')} |
| builds with faults, each with the build after it | ${number(faultRuns)} | ${wrongRuns} |
| inputs of decoders by the fuzzer | ${number(total(results.fuzz) + wrongInputs)} | ${wrongInputs} |
${openRows.length === 0 ? '' : `\n## Not mended\n\n${openRows.join('')}`}
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

Each of these was mended, and has a test by name.

| what | test |
|---|---|
| a profile had any file of the machine copied into an image, as a keyring | \`test/profile/confine.test.ts\`, \`test/attacks/program.test.ts\` |
| an index (.zst, .xz) was decompressed whole before its size was looked at | \`test/attacks/supply-chain.test.ts\`: index: a bomb |
| a directory in the place of an entry of the store, or of a kept package, stayed there | \`test/cache/damage.test.ts\` |
| a directory in the place of the cache's own count stayed there | \`test/cache/upkeep.test.ts\` |
| a full disk was told of by a stack, or as a mirror that fails | \`test/faults/machine.test.ts\`: bytes for a file |
| a thread still wrote to a directory that was being removed | \`test/unpack/unpacker.test.ts\`: a second close |
| too few file descriptors to start with ended in a stack | \`test/faults/machine.test.ts\`: open files to start with |
| a resolver that never answers held a build up for ever | \`test/faults/addresses.test.ts\` |
| a certificate whose subject holds a string that is none was a mistake of the program | \`test/formats/x509.test.ts\` |
| a layer of an image could be a bomb of 64 GiB, whatever its ratio | \`test/attacks/images.test.ts\` |
| a line of blanks in os-release (and in seven other texts) took time by the square of its length | \`test/formats/os-release.test.ts\` |
| a template of mktemp with a million X did | \`test/configure/hostile.test.ts\` |
| a licence with ten thousand commas was too deep for the stack | \`test/formats/licence-expression.test.ts\` |
| \`reGistry/app\`, an image of the host reGistry, was written down as \`registry/app\`, which is one of docker.io | \`test/registry/reference.test.ts\` |

## Coverage-guided fuzzing

The fuzzer here knows formats, and keeps inputs that give a decoder's answer a new shape; it is not guided by coverage. jazzer.js
(\`@jazzer.js/core\` 4.0.0: 105 packages, 31 MB) was tried for that: its native part does not load on Debian 12, where the tests have to
run (it wants GLIBC 2.38), and 2.1.0 does not install without what it downloads from elsewhere. It is no dependency.

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
