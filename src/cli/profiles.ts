import { jsonText } from '../formats/json-text.js';
import { builtInProfiles, loadProfile } from '../profile/load.js';
import type { Stage } from '../profile/types.js';
import type { Io } from './io.js';
import { PROFILES_DIRECTORY } from './paths.js';
import { lookOf, printable, reportColumns, styled, wrap } from './text.js';

/** Lists the built-in profiles with what each of their stages asks for. */
export async function runProfiles({ json }: { readonly json: boolean }, io: Io): Promise<void> {
  const options = { profilesDirectory: PROFILES_DIRECTORY };
  const names = await builtInProfiles(options);
  const profiles = await Promise.all(names.map((name) => loadProfile(name, options)));
  if (json) {
    const shown = profiles.map(({ name, description, suite, stages }) => ({ name, description, suite, stages }));
    io.stdout.write(jsonText(shown));
    return;
  }
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  const blocks = profiles.map(({ name, description, stages }) => {
    const width = Math.max(...stages.map((stage) => stage.name.length)) + 4;
    const [first = '', ...rest] = wrap(`${name}: ${printable(description, look)}`, columns);
    const lines = [
      styled('bold', name, look) + first.slice(name.length),
      ...rest,
      ...stages.flatMap((stage) =>
        wrap(askedFor(stage), columns - width).map(
          (line, at) => (at === 0 ? `  ${stage.name}` : '').padEnd(width) + line,
        ),
      ),
    ];
    return lines.map((line) => `${line}\n`).join('');
  });
  io.stdout.write(blocks.join('\n'));
}

function askedFor({ essential, priorities, packages }: Stage): string {
  const groups = [...(essential ? ['Essential'] : []), ...priorities.map((priority) => `priority ${priority}`)];
  return [...groups, ...packages].join(', ');
}
