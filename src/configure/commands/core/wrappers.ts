import type { Bytes, Command } from '../../shell/types.js';
import { accountsOf } from '../kit/accounts.js';
import { type Call, CommandFailure, command } from '../kit/call.js';
import { quote } from '../kit/text.js';

const STOPS = { stopAtOperand: true } as const;

/** Runs the rest of the command line: what it would change of the process does not count here. */
function running(options: readonly string[], before = 0): Command {
  return command(
    options,
    (call) => {
      const args = call.operands.slice(before);
      return args.length === 0 ? 0 : call.spawn(args);
    },
    STOPS,
  );
}

interface User {
  readonly name: Bytes;
  readonly uid: number;
  readonly gid: number;
}

function userOf(call: Call, name: Bytes): User {
  const found = accountsOf(call.process, 'passwd').find((user) => user.name === name || String(user.id) === name);
  if (found === undefined)
    throw new CommandFailure(`user ${name} does not exist or the user entry does not contain all the required fields`);
  return { name: found.name, uid: found.id, gid: found.gid };
}

/** setpriv(1): of the privileges only user and group count. */
const setpriv = command(
  [
    '--reuid=',
    '--regid=',
    '--ruid=',
    '--euid=',
    '--rgid=',
    '--egid=',
    '--init-groups',
    '--clear-groups',
    '--keep-groups',
    '--groups=',
    '--reset-env',
    '--no-new-privs',
    '--inh-caps=',
    '--ambient-caps=',
    '--bounding-set=',
    '--pdeathsig=',
  ],
  (call) => {
    const name = call.options.value('reuid') ?? call.options.value('euid');
    const group = call.options.value('regid') ?? call.options.value('egid');
    const user = name === undefined ? undefined : userOf(call, name);
    const groups = accountsOf(call.process, 'group');
    const gid = groups.find((one) => one.name === group || String(one.id) === group)?.id;
    if (group !== undefined && gid === undefined) throw new CommandFailure(`failed to parse rgid: ${quote(group)}`);
    const now = call.process.identity ?? { uid: 0, gid: 0 };
    return call.spawn(call.operands, { identity: { uid: user?.uid ?? now.uid, gid: gid ?? now.gid } });
  },
  STOPS,
);

/** Commands that run another one. */
export const WRAPPERS: ReadonlyMap<string, Command> = new Map([
  ['ionice', running(['-c --class=', '-n --classdata=', '-t --ignore', '-p --pid='])],
  ['nice', running(['-n --adjustment='])],
  ['nohup', running([])],
  ['setpriv', setpriv],
  ['setsid', running(['-c --ctty', '-f --fork', '-w --wait'])],
  ['stdbuf', running(['-i --input=', '-o --output=', '-e --error='])],
  // Nothing takes time here, so that nothing takes too long.
  ['timeout', running(['-k --kill-after=', '-s --signal=', '--preserve-status', '--foreground', '-v --verbose'], 1)],
]);
