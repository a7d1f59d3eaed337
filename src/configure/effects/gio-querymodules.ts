import type { Command } from '../shell/types.js';
import { unsupported } from './console.js';
import { Files } from './files.js';
import { GIO_MODULES } from './module-tables.js';

/** gio-querymodules(1): what the modules in a directory are for. It would load each; what Debian ships is known instead. */
export const gioQuerymodules: Command = (process) => {
  const files = new Files(process);
  for (const directory of process.args.slice(1)) {
    const lines: string[] = [];
    for (const name of files.list(directory)) {
      if (!name.startsWith('lib') || !name.endsWith('.so')) continue;
      const points = GIO_MODULES[name];
      if (points === undefined) unsupported(process, `what the module ${name} is for`);
      else lines.push(`${name}: ${points}\n`);
    }
    const cache = `${directory.replace(/(.)\/+$/, '$1')}/giomodule.cache`;
    if (lines.length > 0) files.replace(cache, lines.join(''));
    else files.unlink(cache);
  }
  return 0;
};
