import type { Bytes, Command, Process } from '../shell/types.js';
import { AccountsDatabase } from './accounts-database.js';
import { complain, Failure, withFailures } from './console.js';
import { type ParsedOptions, parseOptions } from './options.js';

const OPTIONS =
  '+c,command: session-command: f,fast g,group: G,supp-group: l,login m,p,preserve-environment P,pty s,shell: w,whitelist-environment:';
const LOGIN_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games';

/** su(1), called by root: a shell of the account's, or `--shell`, with `-c` and what follows the account. */
export const su: Command = (process) =>
  withFailures(process, 'su: ', () => {
    const { args, isLogin } = withoutDash(process.args.slice(1));
    // Options may stand before and after the account.
    const before = parseOptions(args, OPTIONS);
    const [name = 'root', ...rest] = before.operands;
    const after = parseOptions(rest, OPTIONS);
    const shell = after.get('shell') ?? before.get('shell');
    const command = after.get('command') ?? before.get('command');
    const options = { shell, command, isLogin: isLogin || before.has('login') || after.has('login') };
    return asAccount(process, name, options, after.operands);
  });

/** runuser(1): as su, or with `-u` a command without a shell. */
export const runuser: Command = (process) =>
  withFailures(process, 'runuser: ', () => {
    const { args, isLogin } = withoutDash(process.args.slice(1));
    const options: ParsedOptions = parseOptions(args, `${OPTIONS} u,user:`);
    const user = options.get('user');
    if (user === undefined) return su({ ...process, args: ['runuser', ...(isLogin ? ['-'] : []), ...args] });
    const { identity } = accountOf(process, user);
    return process.spawn(options.operands, { identity });
  });

interface HowToRun {
  readonly shell: Bytes | undefined;
  readonly command: Bytes | undefined;
  readonly isLogin: boolean;
}

function asAccount(process: Process, name: Bytes, how: HowToRun, args: readonly Bytes[]): number {
  const { user, identity } = accountOf(process, name);
  const shell = how.shell ?? (user.shell === '' ? '/bin/sh' : user.shell);
  const environment = new Map(process.environment);
  environment.set('HOME', user.home).set('SHELL', shell);
  if (identity.uid !== 0) environment.set('USER', name).set('LOGNAME', name);
  if (how.isLogin) environment.set('PATH', LOGIN_PATH);
  if (/\/(?:nologin|false)$/.test(shell)) {
    complain(process, 'This account is currently not available.');
    return 1;
  }
  const given = how.command === undefined ? [] : ['-c', how.command];
  return process.spawn([shell, ...given, ...args], { identity, environment });
}

function accountOf(process: Process, name: Bytes) {
  const user = new AccountsDatabase(process).user(name);
  if (user === undefined)
    throw new Failure(`user ${name} does not exist or the user entry does not contain all the required fields`);
  return { user, identity: { uid: user.uid, gid: user.gid } };
}

/** A lone `-` asks for a login shell. */
function withoutDash(args: readonly Bytes[]): { readonly args: readonly Bytes[]; readonly isLogin: boolean } {
  return args[0] === '-' ? { args: args.slice(1), isLogin: true } : { args, isLogin: false };
}
