import { createHash } from 'node:crypto';
import type { Command, Process } from '../shell/types.js';
import { unsupported } from './console.js';
import { Files } from './files.js';
import { expandGlob } from './glob.js';

/** Programs in Perl whose texts these effects were written after, of bookworm and of trixie. */
const KNOWN = new Set([
  '09718556663e83f2e6cec2d442a8de21b9fd4634f5df27dad461193f0f41d9d9',
  'ad42a79f5feaf58be51c3f165a2b3396a3b39390eda02cbcd7e411bab726dd78',
  'be3e60818710dcf86686c56e5132ce215598fb56b6524bb789f5b08ede334252',
  'f9b9807bbca1f4d1369005a86c75360c03ad36622dfe0697f4a4d1347eff0cb5',
]);
const DICTIONARIES = ['/usr/share/hunspell', '/usr/share/myspell/dicts'];

/** pg_updatedicts(8): the directory of the dictionaries, which are those that hunspell has installed, converted. */
export const pgUpdateDicts: Command = (process) => {
  const files = new Files(process);
  if (!isKnown(process, files, '/usr/sbin/pg_updatedicts')) return 1;
  files.makeDirectories('/var/cache/postgresql/dicts');
  const affixes = DICTIONARIES.flatMap((directory) => expandGlob(files, `${directory}/*.aff`));
  const [first] = affixes.filter((path) => files.lstat(path)?.type === 'file');
  if (first !== undefined) unsupported(process, `converting ${first}`);
  return 0;
};

/** pg_lsclusters(1): nothing where no cluster is configured, as on every fresh install. */
export const pgLsClusters: Command = (process) => {
  const files = new Files(process);
  if (!isKnown(process, files, '/usr/bin/pg_lsclusters')) return 1;
  const [first] = expandGlob(files, '/etc/postgresql/*/*/postgresql.conf');
  if (first !== undefined) unsupported(process, first);
  return 0;
};

function isKnown(process: Process, files: Files, program: string): boolean {
  const text = files.readBuffer(program);
  const known = text !== undefined && KNOWN.has(createHash('sha256').update(text).digest('hex'));
  if (!known) unsupported(process, 'this version of the program');
  return known;
}
