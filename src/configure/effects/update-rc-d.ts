import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, unsupported, withFailures } from './console.js';
import { Files } from './files.js';

const PREFIX = 'update-rc.d: error: ';

/**
 * update-rc.d(8) without insserv: links to the script in `/etc/rc?.d`, in the runlevels that its header names, all of them
 * with the number 01; then what systemd is told for `enable` and `disable`.
 */
export const updateRcD: Command = (process) =>
  withFailures(process, PREFIX, () => {
    const args = process.args.slice(1).filter((arg) => arg !== '-f');
    const [script, action, ...levels] = args;
    if (script === undefined || action === undefined) throw new Failure('not enough arguments');
    const files = new Files(process);
    if (files.isExecutable('/usr/lib/insserv/insserv') && files.exists('/etc/insserv.conf'))
      unsupported(process, 'insserv');
    switch (action) {
      case 'remove':
        for (const link of rcLinks(files, script)) files.unlink(link);
        return 0;
      case 'defaults':
      case 'start':
      case 'stop':
        makeLinks(files, script, 'S');
        return 0;
      case 'defaults-disabled':
        makeLinks(files, script, 'K');
        return 0;
      case 'enable':
      case 'disable':
        toggle(process, files, script, action, levels);
        if (['/bin/systemctl', '/usr/bin/systemctl'].some((path) => files.isExecutable(path))) {
          process.spawn(['systemctl', '--root=/', '--quiet', action, script]);
        }
        return 0;
      default:
        throw new Failure('usage');
    }
  });

function rcLinks(files: Files, script: Bytes, level = '.'): Bytes[] {
  const name = new RegExp(`^[SK][0-9][0-9]${script.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')}$`);
  const directories = files.list('/etc').filter((directory) => new RegExp(`^rc${level}\\.d$`).test(directory));
  return directories.flatMap((directory) => {
    return files
      .list(`/etc/${directory}`)
      .filter((link) => name.test(link))
      .map((link) => `/etc/${directory}/${link}`);
  });
}

function makeLinks(files: Files, script: Bytes, start: 'S' | 'K'): void {
  if (rcLinks(files, script).length > 0) return;
  const { startLevels, stopLevels } = defaultLevels(files, `/etc/init.d/${script}`);
  const links = [
    ...startLevels.map((level) => [level, start] as const),
    ...stopLevels.map((level) => [level, 'K'] as const),
  ];
  for (const [level, letter] of links) {
    files.makeDirectories(`/etc/rc${level}.d`);
    const link = `/etc/rc${level}.d/${letter}01${script}`;
    if (files.lstat(link) === undefined) files.symlink(`../init.d/${script}`, link);
  }
}

/** Default-Start and Default-Stop of the script's LSB header. */
function defaultLevels(
  files: Files,
  path: Bytes,
): { readonly startLevels: readonly Bytes[]; readonly stopLevels: readonly Bytes[] } {
  const text = files.read(path);
  if (text === undefined) throw new Failure(`unable to read ${path}`);
  const header = /^### BEGIN INIT INFO\s*$([\s\S]*?)(?:^### END INIT INFO\s*$|(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const levels = (field: string): Bytes[] => {
    const value = new RegExp(`^# ${field}:[ \\t]*(.*)$`, 'm').exec(header)?.[1] ?? '';
    return value.split(/\s+/).filter((level) => level !== '');
  };
  return { startLevels: levels('Default-Start'), stopLevels: levels('Default-Stop') };
}

function toggle(
  process: Process,
  files: Files,
  script: Bytes,
  action: 'enable' | 'disable',
  given: readonly Bytes[],
): void {
  const levels = given.length > 0 ? given : defaultLevels(files, `/etc/init.d/${script}`).startLevels;
  if (levels.length === 0) throw new Failure(`${script} Default-Start contains no runlevels, aborting.`);
  const links = levels.flatMap((level) => {
    if (/^[S2345]$/.test(level)) return rcLinks(files, script, level);
    complain(process, `update-rc.d: warning: ${action} action will have no effect on runlevel ${level}`);
    return [];
  });
  if (links.length === 0) throw new Failure('no runlevel symlinks to modify, aborting!');
  const [from, to] = action === 'disable' ? ['S', 'K'] : ['K', 'S'];
  for (const link of links) {
    const at = link.lastIndexOf('/') + 1;
    if (link[at] === from) files.rename(link, `${link.slice(0, at)}${to}${link.slice(at + 1)}`);
  }
}
