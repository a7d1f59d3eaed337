import type { Command } from '../shell/types.js';
import { complain, unsupported } from './console.js';

/** perl(1) is not interpreted; scripts that only ask whether it works, by a program of nothing, are told that it does. */
export const perl: Command = (process) => {
  const [, flag, program] = process.args;
  if (process.args.length === 3 && flag === '-e' && program === '') return 0;
  unsupported(process, 'a Perl program');
  complain(process, 'perl: programs are not interpreted');
  return 2;
};
