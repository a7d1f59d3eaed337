import type { Bytes } from '../shell/types.js';
import { Failure } from './console.js';

/** How many operands each action takes. */
const ACTIONS: ReadonlyMap<string, number> = new Map([
  ['--install', 4],
  ['--set', 2],
  ['--remove', 2],
  ['--remove-all', 1],
  ['--auto', 1],
  ['--config', 1],
  ['--display', 1],
  ['--query', 1],
  ['--list', 1],
  ['--get-selections', 0],
]);

const DIRECTORIES = new Set(['--altdir', '--admindir', '--log', '--root', '--instdir']);

/** One call of update-alternatives. */
export interface Request {
  readonly action: string;
  readonly operands: readonly Bytes[];
  readonly slaves: readonly { readonly link: Bytes; readonly name: Bytes; readonly file: Bytes }[];
  readonly altdir: Bytes;
  readonly admindir: Bytes;
  readonly quiet: boolean;
  readonly force: boolean;
}

/** @returns undefined for a call that is not supported. */
export function parseRequest(args: readonly Bytes[]): Request | undefined {
  let action = '';
  let operands: Bytes[] = [];
  const slaves = [];
  const places = new Map([
    ['--altdir', '/etc/alternatives'],
    ['--admindir', '/var/lib/dpkg/alternatives'],
  ]);
  const flags = new Set<Bytes>();
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const count = arg === '--slave' ? 3 : DIRECTORIES.has(arg) ? 1 : (ACTIONS.get(arg) ?? 0);
    const values = args.slice(at + 1, at + 1 + count);
    if (values.length < count) throw new Failure(`${arg} needs ${count} arguments`, 2);
    at += count;
    if (arg === '--slave') {
      const [link = '', name = '', file = ''] = values;
      if (link === file) throw new Failure(`<link> '${link}' is the same as <path>`, 2);
      slaves.push({ link, name, file });
    } else if (DIRECTORIES.has(arg)) {
      places.set(arg, values[0] ?? '');
    } else if (ACTIONS.has(arg)) {
      if (action !== '') throw new Failure(`two commands specified: ${action} and ${arg}`, 2);
      action = arg;
      operands = values;
    } else if (['--quiet', '--force', '--verbose', '--skip-auto', '--debug'].includes(arg)) {
      flags.add(arg);
    } else {
      return undefined;
    }
  }
  const root = places.get('--root') ?? places.get('--instdir') ?? '';
  if (action === '' || (root !== '' && root !== '/')) return undefined;
  const altdir = places.get('--altdir') ?? '';
  const admindir = places.get('--admindir') ?? '';
  return { action, operands, slaves, altdir, admindir, quiet: flags.has('--quiet'), force: flags.has('--force') };
}
