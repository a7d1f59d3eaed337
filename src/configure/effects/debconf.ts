import { linesOf } from '../shell/bytes.js';
import type { NativeFunction, ShellVariables } from '../shell/shell.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, readInput, say } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';
import { binaryName, debianState, findPackage } from './state.js';

/** The functions of the shell library, each with its command of the protocol. */
const COMMANDS = [
  'capb',
  'set',
  'reset',
  'title',
  'input',
  'beginblock',
  'endblock',
  'go',
  'get',
  'register',
  'unregister',
  'subst',
  'fset',
  'fget',
  'purge',
  'metaget',
  'version',
  'clear',
  'settitle',
  'previous_module',
  'info',
  'progress',
  'data',
  'stop',
];

/** Where scripts source the library from. */
export const CONFMODULE_PATHS = ['/usr/share/debconf/confmodule', '/usr/share/debconf/confmodule.sh'] as const;

/**
 * What sourcing debconf's confmodule does here: it defines the `db_…` functions over the database of the build, and says by
 * `DEBIAN_HAS_FRONTEND` that the script need not be started again below a frontend.
 */
export function sourceConfmodule(shell: ShellVariables): void {
  shell.set('DEBIAN_HAS_FRONTEND', '1');
  shell.set('DEBCONF_REDIR', '1');
  shell.set('DEBCONF_OLD_FD_BASE', '4');
  for (const name of COMMANDS) shell.define(`db_${name}`, protocolFunction(name));
  shell.define('db_text', protocolFunction('input'));
  shell.define('db_x_loadtemplatefile', loadTemplateFile);
}

function protocolFunction(name: string): NativeFunction {
  return (shell, args, process) => {
    const { debconf } = debianState(process);
    loadTemplates(process);
    if (name === 'version') debconf.begin();
    // The library passes its arguments on one line, so that blanks in them are lost but for escapes.
    const { code, text } = debconf.command([name, ...args.slice(1)].join(' '));
    if (name !== 'stop') shell.set('RET', text);
    return code;
  };
}

function loadTemplateFile(shell: ShellVariables, args: readonly Bytes[], process: Process): number {
  const text = new Files(process).read(args[1] ?? '');
  if (text === undefined) return 10;
  debianState(process).debconf.load(text);
  shell.set('RET', '');
  return 0;
}

/** The package whose script runs brings its templates, once. */
function loadTemplates(process: Process): void {
  const { debconf } = debianState(process);
  const name = process.system.packageName;
  debconf.loadOnce(name, () => {
    const item = findPackage(process, name);
    return new Files(process).read(`/var/lib/dpkg/info/${item === undefined ? name : binaryName(item)}.templates`);
  });
}

/** debconf-set-selections(1): lines of owner, question, type and value. */
export const debconfSetSelections: Command = (process) => {
  const options = parseOptions(process.args.slice(1), 'c,checkonly v,verbose u,unseen h,help');
  const files = new Files(process);
  const text =
    options.operands.length === 0
      ? readInput(process)
      : options.operands.map((path) => files.read(path) ?? '').join('');
  for (const line of linesOf(text.replace(/\\\n/g, ''))) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, , question, type, value = ''] = /^\s*(\S+)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t](.*))?$/.exec(line) ?? [];
    if (question === undefined || type === undefined) {
      complain(process, `error: Cannot parse line: ${line}`);
      return 1;
    }
    if (!options.has('checkonly') && type !== 'seen')
      debianState(process).debconf.preseed(question, type, value.trim());
  }
  return 0;
};

/** debconf-communicate(1): the protocol on standard input and output. */
export const debconfCommunicate: Command = (process) => {
  const { debconf } = debianState(process);
  loadTemplates(process);
  let last = 0;
  for (const line of linesOf(readInput(process))) {
    const { code, text } = debconf.command(line);
    say(process, `${code} ${text}`.trimEnd());
    last = code;
  }
  return last === 0 ? 0 : 1;
};

/** debconf-escape(1) */
export const debconfEscape: Command = (process) => {
  const text = readInput(process);
  const escaped = process.args.includes('-u')
    ? text.replace(/\\(.)/gs, (_, letter: string) => (letter === 'n' ? '\n' : letter))
    : text.replace(/[\\\n]/g, (letter) => (letter === '\n' ? '\\n' : '\\\\'));
  process.descriptors.get(1)?.write(escaped);
  return 0;
};
