import { isVersion } from '../../formats/version.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, unsupported, withFailures } from './console.js';
import { Files } from './files.js';

/** How many parameters stand before the optional last version and package. */
const PARAMETERS: ReadonlyMap<string, number> = new Map([
  ['rm_conffile', 1],
  ['mv_conffile', 2],
  ['symlink_to_dir', 2],
  ['dir_to_symlink', 2],
]);

/**
 * dpkg-maintscript-helper(1) as it behaves where no older version of the package was configured: its arguments are checked
 * and nothing changes, but for what a postinst finishes that a preinst began. A call for an upgrade is reported.
 */
export const dpkgMaintscriptHelper: Command = (process) =>
  withFailures(process, 'dpkg-maintscript-helper: error: ', () => {
    const [command = '', ...args] = process.args.slice(1);
    if (command === 'supports') return supports(process, args[0] ?? '');
    const count = PARAMETERS.get(command);
    if (count === undefined) throw new Failure(`command ${command} is unknown`);
    const end = args.indexOf('--');
    if (end < 0) throw new Failure('missing arguments after --');
    const parameters = args.slice(0, count);
    const lastVersion = end > count ? (args[count] ?? '') : '';
    const [action = '', oldVersion = ''] = args.slice(end + 1);
    if (action === '') throw new Failure('maintainer script parameters are missing');
    for (const name of ['DPKG_MAINTSCRIPT_NAME', 'DPKG_MAINTSCRIPT_PACKAGE']) {
      if ((process.environment.get(name) ?? '') === '') throw new Failure(`environment variable ${name} is required`);
    }
    checkParameters(command, parameters);
    if (lastVersion !== '' && !isVersion(lastVersion)) {
      throw new Failure(`dpkg: error: version '${lastVersion}' has bad syntax`);
    }
    if (['install', 'upgrade', 'configure'].includes(action) && oldVersion !== '') {
      unsupported(process, `${command} for an upgrade from ${oldVersion}`);
      return 1;
    }
    if (command === 'symlink_to_dir' && action === 'configure') removeBackup(process, parameters);
    return 0;
  });

function supports(process: Process, command: Bytes): number {
  const missing = ['DPKG_MAINTSCRIPT_NAME', 'DPKG_MAINTSCRIPT_PACKAGE'].filter(
    (name) => !process.environment.has(name),
  );
  for (const name of missing)
    complain(process, `dpkg-maintscript-helper: warning: environment variable ${name} missing`);
  return missing.length === 0 && PARAMETERS.has(command) ? 0 : 1;
}

function checkParameters(command: string, parameters: readonly Bytes[]): void {
  const [path = '', target = ''] = parameters;
  const paths = command === 'mv_conffile' ? parameters : [path];
  for (const item of paths) if (!item.startsWith('/')) throw new Failure(`'${item}' is not an absolute path`);
  if (command === 'symlink_to_dir' && path.endsWith('/')) throw new Failure('symlink pathname ends with a slash');
  if (PARAMETERS.get(command) === 2 && target === '') throw new Failure('symlink target is missing');
}

function removeBackup(process: Process, [link = '', target = '']: readonly Bytes[]): void {
  const files = new Files(process);
  if (files.readlink(`${link}.dpkg-backup`) === target) files.unlink(`${link}.dpkg-backup`);
}
