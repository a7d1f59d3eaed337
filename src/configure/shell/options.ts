import type { Bytes } from './types.js';

/** dash's options in the order in which `set -o` lists them, each with its letter; some have none. */
const OPTIONS = [
  ['errexit', 'e'],
  ['noglob', 'f'],
  ['ignoreeof', 'I'],
  ['interactive', 'i'],
  ['monitor', 'm'],
  ['noexec', 'n'],
  ['stdin', 's'],
  ['xtrace', 'x'],
  ['verbose', 'v'],
  ['vi', 'V'],
  ['emacs', 'E'],
  ['noclobber', 'C'],
  ['allexport', 'a'],
  ['notify', 'b'],
  ['nounset', 'u'],
  ['nolog', ''],
  ['debug', ''],
] as const;

/** What bash has beside dash's. */
const BASH_OPTIONS = ['pipefail'] as const;

export type OptionName = (typeof OPTIONS)[number][0] | (typeof BASH_OPTIONS)[number];

const BY_LETTER = new Map<Bytes, OptionName>(
  OPTIONS.flatMap(([name, letter]) => (letter === '' ? [] : [[letter, name]])),
);
const NAMES = { sh: new Set<Bytes>(OPTIONS.map(([name]) => name)), bash: new Set<Bytes>(BASH_OPTIONS) };

export function optionByLetter(letter: Bytes): OptionName | undefined {
  return BY_LETTER.get(letter);
}

export function isOptionName(name: Bytes, dialect: 'sh' | 'bash'): name is OptionName {
  return NAMES.sh.has(name) || NAMES[dialect].has(name);
}

/** The letters of the options that are on, as `$-` has them. */
export function optionLetters(options: ReadonlySet<OptionName>): Bytes {
  return OPTIONS.filter(([name]) => options.has(name))
    .map(([, letter]) => letter)
    .reverse()
    .join('');
}

/** What `set -o` and, as commands, `set +o` print. */
export function listOptions(options: ReadonlySet<OptionName>, asCommands: boolean): Bytes {
  const lines = OPTIONS.map(([name]) => {
    const on = options.has(name);
    return asCommands ? `set ${on ? '-' : '+'}o ${name}\n` : `${name.padEnd(16)}${on ? 'on' : 'off'}\n`;
  });
  return (asCommands ? '' : 'Current option settings\n') + lines.join('');
}
