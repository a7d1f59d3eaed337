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
