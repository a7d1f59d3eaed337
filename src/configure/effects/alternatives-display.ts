import type { Bytes } from '../shell/types.js';
import { type Alternative, bestChoice, type Choice, slaveFile } from './alternative.js';

/** What `--query` prints. */
export function describeForPrograms(group: Alternative, current: Bytes | undefined): Bytes[] {
  const lines = [`Name: ${group.name}`, `Link: ${group.link}`];
  if (group.slaves.size > 0) lines.push('Slaves:', ...[...group.slaves].map(([name, link]) => ` ${name} ${link}`));
  lines.push(`Status: ${group.status}`);
  const best = bestChoice(group, current);
  if (best !== undefined) lines.push(`Best: ${best.file}`);
  lines.push(`Value: ${current ?? 'none'}`);
  for (const choice of group.choices) {
    lines.push('', `Alternative: ${choice.file}`, `Priority: ${choice.priority}`);
    if (group.slaves.size === 0) continue;
    lines.push('Slaves:', ...slaveLines(group, choice).map(([name, file]) => ` ${name} ${file}`));
  }
  return lines;
}

/** What `--display` prints. */
export function describeForPeople(group: Alternative, current: Bytes | undefined): Bytes[] {
  const best = bestChoice(group, current);
  return [
    `${group.name} - ${group.status} mode`,
    best === undefined ? '  link best version not available' : `  link best version is ${best.file}`,
    current === undefined ? '  link currently absent' : `  link currently points to ${current}`,
    `  link ${group.name} is ${group.link}`,
    ...[...group.slaves].map(([name, link]) => `  slave ${name} is ${link}`),
    ...group.choices.flatMap((choice) => [
      `${choice.file} - priority ${choice.priority}`,
      ...slaveLines(group, choice).map(([name, file]) => `  slave ${name}: ${file}`),
    ]),
  ];
}

function slaveLines(group: Alternative, choice: Choice): [Bytes, Bytes][] {
  const lines = [...group.slaves.keys()].map((name): [Bytes, Bytes] => [name, slaveFile(choice, name)]);
  return lines.filter(([, file]) => file !== '');
}
