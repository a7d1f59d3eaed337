import type { Command } from '../shell/types.js';
import { Failure, say, withFailures } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';

/** dpkg-realpath(1) for the root of the tree; the last component may be missing. */
export const dpkgRealpath: Command = (process) =>
  withFailures(process, 'dpkg-realpath: error: ', () => {
    const options = parseOptions(process.args.slice(1), 'z,zero root: instdir: help version', 2);
    const [path, ...more] = options.operands;
    if (path === undefined || more.length > 0) throw new Failure('missing pathname', 2);
    const real = new Files(process).realpath(path);
    if (real === undefined) throw new Failure(`cannot resolve ${path}`);
    if (options.has('zero')) process.descriptors.get(1)?.write(`${real}\0`);
    else say(process, real);
    return 0;
  });
