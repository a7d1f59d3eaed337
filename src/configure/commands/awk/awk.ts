import { type Call, CommandFailure, command } from '../kit/call.js';
import { unescapeText } from '../kit/printf.js';
import { Interpreter } from './execute.js';
import { assign } from './input.js';
import { parseAwk } from './parser.js';
import { State } from './state.js';
import { readOrFail } from './streams.js';
import { AwkSyntaxError, type Program } from './syntax.js';
import { fromInput } from './values.js';

/**
 * awk(1) as POSIX has it, in the C locale, with `gensub` and `systime` of gawk. `rand` gives 0 each time; the order of `for
 * (k in a)` is that in which the elements were made.
 */
export const awk = command(
  ['-F --field-separator=', '-v --assign=', '-f --file=', '!-i --include=', '!-e --source=', '-W='],
  (call) => {
    const { options, process } = call;
    const operands = [...call.operands];
    const text = options.has('file') ? programOf(call) : operands.shift();
    if (text === undefined)
      throw new CommandFailure('usage: awk [-F fs][-v var=value] [prog | -f progfile] [file ...]', 2);
    const program = parse(text);
    const state = new State(call);
    const separator = options.value('field-separator');
    if (separator !== undefined) state.set('FS', separator === 't' ? '\t' : unescapeText(separator, 'nnn').bytes);
    const environment = state.array('ENVIRON');
    for (const [name, value] of process.environment) state.setElement(environment, name, fromInput(value));
    const args = state.array('ARGV');
    ['awk', ...operands].forEach((arg, index) => {
      state.setElement(args, String(index), fromInput(arg));
    });
    state.set('ARGC', operands.length + 1);
    for (const assignment of options.values('assign')) {
      if (!assign(state, assignment)) throw new CommandFailure(`improper assignment: -v ${assignment}`, 2);
    }
    return new Interpreter(program, state).run();
  },
  { stopAtOperand: true, usageStatus: 2 },
);

function programOf(call: Call): string {
  return call.options
    .values('file')
    .map((name) => readOrFail(call, name))
    .join('\n');
}

function parse(text: string): Program {
  try {
    return parseAwk(text);
  } catch (error) {
    if (error instanceof AwkSyntaxError) throw new CommandFailure(error.message, 2);
    throw error;
  }
}
