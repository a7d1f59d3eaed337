import type { FileOwner } from '../build/file-owner.js';
import type { PlanNode } from '../build/plan-graph.js';
import { jsonText } from '../formats/json-text.js';
import { profileLine } from '../profile/provenance.js';
import { whyFile } from '../why.js';
import { choiceOrLock } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { PROFILES_DIRECTORY } from './paths.js';
import { withProgress } from './progress.js';
import { lookOf, printable, reportColumns, styled, wrap } from './text.js';
import { answersOf, jsonOf, textOf, treeOptions, type WhyArguments } from './why.js';

/** Shows who brought a file into the tree: a package, a maintainer script, another effect, or a line of the profile. */
export async function runWhyFile(given: WhyArguments, io: Io, interruption: Interruption): Promise<void> {
  const chosen = await choiceOrLock(given, io);
  const { profile } = chosen.choice;
  const talk = { ...given, quiet: given.quiet || !given.verbose };
  const { file, nodes } = await withProgress(io, talk, interruption, (_, { onEvent }) =>
    whyFile(treeOptions(given, chosen, io, interruption, onEvent), given.package),
  );
  const line =
    file.owner.type === 'profile'
      ? await profileLine(profile.origin, file.path, { profilesDirectory: PROFILES_DIRECTORY })
      : undefined;
  const owners = nodes.filter(({ title }) => title === packageOf(file));
  const answers = answersOf(owners, given.all);
  if (given.json) {
    io.stdout.write(jsonText({ ...file, line, packages: answers.map(jsonOf) }));
    return;
  }
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  const said = fileTexts(file, line, owners[0]).flatMap((text) => wrap(printable(text, look), columns));
  const head = said.map((text, at) => styled(at === 0 ? 'bold' : 'reset', text, look));
  io.stdout.write([...head.map((text) => `${text}\n`), ...answers.map((one) => textOf(one, io))].join(''));
}

/** The package that an owner is, or works for. */
function packageOf({ owner }: FileOwner): string | undefined {
  return owner.type === 'package' ? owner.name : owner.type === 'effect' ? owner.package : undefined;
}

function fileTexts(
  { path, type, target, owner, scripts, leftOut }: FileOwner,
  line: string | undefined,
  by?: PlanNode,
): string[] {
  const what = target === undefined ? type : `${type} to ${target}`;
  const others = scripts.filter(({ package: name, script }) => {
    return owner.type !== 'effect' || owner.package !== name || owner.name !== script;
  });
  const changed = others.map(({ package: name, script }) => {
    return script === 'triggered' ? `a trigger of ${name}` : `${script} of ${name}`;
  });
  return [
    `${path}: ${what}, ${ownerText(owner, line, by)}`,
    ...(changed.length === 0 ? [] : [`changed by ${changed.join(', ')}`]),
    ...(leftOut ? ['left out of the output by exclude-paths'] : []),
  ];
}

function ownerText(owner: FileOwner['owner'], line: string | undefined, by: PlanNode | undefined): string {
  switch (owner.type) {
    case 'package':
      return `of the package ${owner.name}${by === undefined ? '' : ` ${by.record.version}`}`;
    case 'effect':
      return owner.package === undefined ? `made by ${owner.name}` : `made by ${owner.name} of ${owner.package}`;
    case 'profile':
      return `of the profile ${owner.name}${line === undefined ? '' : `, ${line}`}`;
  }
}
