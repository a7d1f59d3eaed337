import type { Command } from '../shell/types.js';
import { Failure, withFailures } from './console.js';
import { parseOptions } from './options.js';
import { debianState } from './state.js';

/** dpkg-trigger(1): the trigger waits until the set is configured; nobody awaits it, as all packages are of one run. */
export const dpkgTrigger: Command = (process) =>
  withFailures(process, 'dpkg-trigger: error: ', () => {
    const options = parseOptions(
      process.args.slice(1),
      'admindir: root: f,by-package: await no-await no-act check-supported help version',
      2,
    );
    if (options.has('check-supported')) return 0;
    const [trigger, ...more] = options.operands;
    if (trigger === undefined || more.length > 0) throw new Failure('takes one argument, the trigger name', 2);
    if (!/^[!-~]+$/.test(trigger)) throw new Failure(`invalid trigger name '${trigger}': `, 2);
    if (!options.has('no-act')) debianState(process).triggers.activate(trigger);
    return 0;
  });
