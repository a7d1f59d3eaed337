import { compareStrings, linesOf } from '../shell/bytes.js';
import type { Bytes } from '../shell/types.js';
import { Failure } from './console.js';
import type { Files } from './files.js';

/** One candidate of a link group: its file, and the file of each slave that it brings. */
export interface Choice {
  readonly file: Bytes;
  readonly priority: number;
  /** By the slave's name; a slave that the choice lacks is absent or empty. */
  readonly slaves: ReadonlyMap<Bytes, Bytes>;
}

/** A link group of update-alternatives(1). */
export interface Alternative {
  readonly name: Bytes;
  status: 'auto' | 'manual';
  link: Bytes;
  /** The links of the slaves by name. */
  slaves: Map<Bytes, Bytes>;
  /** Ordered by file. */
  choices: Choice[];
  /** The state file must be written. */
  modified: boolean;
}

/**
 * Reads a link group's state file; a choice whose file is gone is left out (update-alternatives.c, alternative_load).
 *
 * @param gone is told of each such file.
 * @returns undefined where there is no state.
 * @throws Failure where the file does not follow the format.
 */
export function loadAlternative(
  files: Files,
  path: Bytes,
  name: Bytes,
  gone?: (file: Bytes) => void,
): Alternative | undefined {
  const text = files.read(path);
  if (text === undefined || text === '') return undefined;
  const lines = linesOf(text)[Symbol.iterator]();
  const next = (what: string): Bytes => {
    const { value, done } = lines.next();
    if (done === true) throw new Failure(`${path} corrupt: missing ${what}`, 2);
    return value;
  };
  const status = next('status');
  if (status !== 'auto' && status !== 'manual') throw new Failure(`${path} corrupt: invalid status`, 2);
  const alternative: Alternative = {
    name,
    status,
    link: next('master link'),
    slaves: new Map(),
    choices: [],
    modified: false,
  };
  for (let slave = next('slave name'); slave !== ''; slave = next('slave name')) {
    alternative.slaves.set(slave, next('slave link'));
  }
  for (let file = next('master file'); file !== ''; file = next('master file')) {
    const priority = Number(next('priority'));
    const slaves = new Map([...alternative.slaves.keys()].map((slave) => [slave, next('slave file')] as const));
    if (files.exists(file)) {
      alternative.choices.push({ file, priority, slaves });
    } else {
      gone?.(file);
      alternative.modified = true;
    }
  }
  return alternative;
}

/** The state file's text; slaves that no choice brings any more are dropped. */
export function formatAlternative({ status, link, slaves, choices }: Alternative): Bytes {
  const used = [...slaves].filter(([name]) => choices.some((choice) => slaveFile(choice, name) !== ''));
  const names = used.sort(([a], [b]) => compareStrings(a, b));
  const lines = [status, link, ...names.flat(), ''];
  for (const choice of [...choices].sort((a, b) => compareStrings(a.file, b.file))) {
    lines.push(choice.file, String(choice.priority), ...names.map(([name]) => slaveFile(choice, name)));
  }
  return [...lines, '', ''].join('\n');
}

export function slaveFile(choice: Choice, slave: Bytes): Bytes {
  return choice.slaves.get(slave) ?? '';
}

/** The choice that automatic mode takes: the first of the highest priority, but the current one before its equals. */
export function bestChoice({ choices }: Alternative, current: Bytes | undefined): Choice | undefined {
  let best = choices.find(({ file }) => file === current) ?? choices[0];
  for (const choice of choices) if (best !== undefined && choice.priority > best.priority) best = choice;
  return best;
}
