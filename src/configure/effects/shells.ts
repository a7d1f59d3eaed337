import { textOf } from '../shell/bytes.js';
import type { Bytes, Command } from '../shell/types.js';
import { complain, say } from './console.js';
import { Files } from './files.js';

const SHELLS = '/etc/shells';
const STATE = '/var/lib/shells.state';
const TEMPLATE = '/usr/share/debianutils/shells';
const DROP_INS = '/usr/share/debianutils/shells.d';

/** update-shells(8) of debianutils 5: /etc/shells from the packages' shells, the administrator's changes kept. */
export const updateShells: Command = (process) => {
  const files = new Files(process);
  const source = files.exists(SHELLS) ? SHELLS : TEMPLATE;
  const packaged = packagedShells(files);
  const before = new Set(files.lines(STATE).map(withoutComment));
  const kept = new Set<Bytes>();
  const lines: Bytes[] = [];
  for (const line of files.lines(source)) {
    const shell = withoutComment(line);
    if (shell !== '' && ((!packaged.has(shell) && before.has(shell)) || kept.has(shell))) continue;
    lines.push(line);
    kept.add(shell);
  }
  const added = [...packaged].filter((shell) => !kept.has(shell) && !before.has(shell));
  if (process.args.includes('--no-act')) return 0;
  const { mode = 0o644, uid = 0, gid = 0 } = files.stat(source) ?? {};
  files.replace(SHELLS, textOf([...lines, ...added]), { mode, uid, gid });
  files.replace(STATE, textOf([...packaged]));
  return 0;
};

/** Each shell, and its name where the directory of it is a link (merged /usr), in the order in which they come. */
function packagedShells(files: Files): Set<Bytes> {
  const shells = new Set<Bytes>();
  for (const file of [TEMPLATE, ...files.list(DROP_INS).map((name) => `${DROP_INS}/${name}`)]) {
    for (const line of files.lines(file)) {
      const shell = withoutComment(line);
      if (shell !== '') for (const name of namesOf(files, shell)) shells.add(name);
    }
  }
  return shells;
}

function namesOf(files: Files, shell: Bytes): Bytes[] {
  const slash = shell.lastIndexOf('/');
  const directory = files.realpath(shell.slice(0, Math.max(slash, 1))) ?? shell.slice(0, slash);
  return [shell, `${directory}${shell.slice(slash)}`];
}

function withoutComment(line: Bytes): Bytes {
  return line.replace(/#.*/, '');
}

/** add-shell(8) and, by its name, remove-shell(8). */
export const changeShells: Command = (process) => {
  const [program = '', ...shells] = process.args;
  if (shells.length === 0) {
    say(process, `usage: ${program} shellname [shellname ...]`);
    return 1;
  }
  const files = new Files(process);
  const { mode, uid, gid } = files.stat(SHELLS) ?? {};
  if (mode === undefined || uid === undefined || gid === undefined) {
    complain(process, `${program}: cannot read ${SHELLS}`);
    return 1;
  }
  const names = shells.flatMap((shell) => namesOf(files, shell));
  let lines = files.lines(SHELLS);
  if (program.endsWith('remove-shell')) lines = lines.filter((line) => !names.includes(line));
  else for (const name of names) if (!lines.includes(name)) lines.push(name);
  files.replace(SHELLS, textOf(lines), { mode, uid, gid });
  return 0;
};
