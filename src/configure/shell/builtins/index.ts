import type { Bytes } from '../types.js';
import type { Builtin } from './arguments.js';
import { evaluateText, execute, exit, leaveLoop, returnFrom, source, times, wait } from './control.js';
import { command, hash, type } from './describe.js';
import { cd, pwd, ulimit, umask } from './directories.js';
import { echo } from './echo.js';
import { getopts } from './getopts.js';
import { printf } from './printf.js';
import { read } from './read.js';
import { set, shift } from './set.js';
import { kill, trap } from './signals.js';
import { test } from './test.js';
import { alias, declare, local, unalias, unset } from './variables.js';

export type { Builtin } from './arguments.js';

const succeed: Builtin = () => 0;
const fail: Builtin = () => 1;

/** Builtins that are files as well, and do the same there. */
export const utilities: ReadonlyMap<Bytes, Builtin> = new Map<Bytes, Builtin>([
  ['[', test],
  ['echo', echo],
  ['false', fail],
  ['kill', kill],
  ['printf', printf],
  ['pwd', pwd],
  ['test', test],
  ['true', succeed],
]);

/** dash's builtins, without those for a terminal. */
export const builtins: ReadonlyMap<Bytes, Builtin> = new Map<Bytes, Builtin>([
  ...utilities,
  ['.', source],
  [':', succeed],
  ['alias', alias],
  ['bg', fail],
  ['break', leaveLoop],
  ['cd', cd],
  ['chdir', cd],
  ['command', command],
  ['continue', leaveLoop],
  ['eval', evaluateText],
  ['exec', execute],
  ['exit', exit],
  ['export', declare],
  ['fg', fail],
  ['getopts', getopts],
  ['hash', hash],
  ['jobs', succeed],
  ['local', local],
  ['read', read],
  ['readonly', declare],
  ['return', returnFrom],
  ['set', set],
  ['shift', shift],
  ['times', times],
  ['trap', trap],
  ['type', type],
  ['ulimit', ulimit],
  ['umask', umask],
  ['unalias', unalias],
  ['unset', unset],
  ['wait', wait],
]);
