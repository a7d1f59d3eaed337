import type { Bytes, Command } from '../shell/types.js';
import { complain, unsupported } from './console.js';
import { Files } from './files.js';

/** locale-gen(8): nothing to do where no locale is asked for; compiling one is reported. */
export const localeGen: Command = (process) => {
  const files = new Files(process);
  const wanted = files.lines('/etc/locale.gen').filter((line) => /^\s*[^#\s]/.test(line));
  for (const line of wanted) unsupported(process, `localedef ${line.trim()}`);
  return 0;
};

/** update-locale(8): sets and removes variables of /etc/default/locale. */
export const updateLocale: Command = (process) => {
  const files = new Files(process);
  const path = files.realpath('/etc/default/locale') ?? '/etc/default/locale';
  const changes = new Map<Bytes, Bytes | undefined>();
  for (const arg of process.args.slice(1)) {
    const [, name, equals, value = ''] = /^([A-Z][A-Z_]*)(=?)(.*)$/.exec(arg) ?? [];
    if (arg.startsWith('--')) continue;
    if (name === undefined) {
      complain(process, `*** update-locale: Error: invalid argument "${arg}"`);
      return 1;
    }
    changes.set(name, equals === '' || value === '' ? undefined : value);
  }
  const present = files.exists(path);
  const lines = present ? files.lines(path) : [];
  const kept = lines.filter((line) => !changes.has(/^\s*([A-Z_]+)=/.exec(line)?.[1] ?? ''));
  const added = [...changes].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]));
  if (!present || changes.size > 0) files.write(path, [...kept, ...added].map((line) => `${line}\n`).join(''));
  return 0;
};

function quoted(value: Bytes): Bytes {
  return /[^A-Za-z0-9._@:-]/.test(value) ? `"${value}"` : value;
}
