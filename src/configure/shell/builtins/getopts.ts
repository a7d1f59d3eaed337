import type { Shell } from '../shell.js';
import type { Bytes } from '../types.js';

/** `getopts optstring name [arg …]` */
export function getopts(shell: Shell, args: readonly Bytes[]): number {
  const [, letters, variable] = args;
  if (letters === undefined || variable === undefined) shell.fail('Usage: getopts optstring var [arg]');
  const list = args.length > 3 ? args.slice(3) : shell.parameters.list;
  const state = shell.parameters;
  let { index, offset } = state;
  if (index > list.length + 1) {
    index = 1;
    offset = -1;
  }
  let word = offset >= 0 ? (list[index - 2] ?? '').slice(offset) : '';
  if (word === '') {
    word = list[index - 1] ?? '';
    const isOption = word.startsWith('-') && word !== '-';
    if (isOption) index += 1;
    if (!isOption || word === '--') return finish(shell, variable, '?', index, -1, 1);
    word = word.slice(1);
  }
  const letter = word.charAt(0);
  let rest: Bytes | undefined = word.slice(1);
  const silent = letters.startsWith(':');
  const known = letter === ':' ? -1 : letters.indexOf(letter);
  let result = letter;
  if (known < 0) {
    result = '?';
    complain(shell, silent, letter, `Illegal option -${letter}`);
  } else if (letters.charAt(known + 1) !== ':') {
    shell.setVariable('OPTARG', '');
  } else {
    const argument = rest === '' ? list[index - 1] : rest;
    if (argument === undefined) {
      result = silent ? ':' : '?';
      complain(shell, silent, letter, `No arg for -${letter} option`);
    } else {
      if (rest === '') index += 1;
      rest = undefined;
      shell.setVariable('OPTARG', argument);
    }
  }
  const position = rest === undefined ? -1 : (list[index - 2] ?? '').length - rest.length;
  return finish(shell, variable, result, index, position, 0);
}

function complain(shell: Shell, silent: boolean, letter: Bytes, message: Bytes): void {
  if (silent) {
    shell.setVariable('OPTARG', letter);
  } else {
    shell.write(2, `${message}\n`);
    shell.setVariable('OPTARG', undefined);
  }
}

function finish(shell: Shell, variable: Bytes, value: Bytes, index: number, offset: number, status: number): number {
  shell.setVariable('OPTIND', String(index));
  shell.setVariable(variable, value);
  shell.parameters.index = index;
  shell.parameters.offset = offset;
  return status;
}
