import type { Bytes, Command } from '../shell/types.js';
import { Failure, unsupported, withFailures } from './console.js';
import { Files } from './files.js';
import { type IconDirectory, iconCache } from './icon-cache.js';
import { parseOptions } from './options.js';

const FILE = 'icon-theme.cache';

/** gtk-update-icon-cache(1): the index of a theme's icons, without their pixels, which Debian never asks for. */
export const gtkUpdateIconCache: Command = (process) =>
  withFailures(process, 'gtk-update-icon-cache: ', () => {
    const options = parseOptions(
      process.args.slice(1),
      'f,force t,ignore-theme-index i,index-only include-image-data c,source: q,quiet v,validate',
    );
    const [directory] = options.operands;
    if (directory === undefined) return 0;
    const files = new Files(process);
    for (const option of ['include-image-data', 'source', 'validate']) {
      if (options.has(option)) unsupported(process, `--${option}`);
    }
    if (!options.has('ignore-theme-index') && !files.exists(`${directory}/index.theme`)) {
      throw new Failure('No theme index file.');
    }
    const directories: IconDirectory[] = [];
    scan(files, directory, '', directories);
    const target = `${directory}/${FILE}`;
    const hasPlacement = directories.some(({ names }) => names.some((name) => name.endsWith('.icon')));
    if (hasPlacement) unsupported(process, 'the placement that a .icon file says');
    const cache = iconCache(directories);
    if (cache === undefined) files.unlink(target);
    else files.replace(target, cache.toString('latin1'));
    return 0;
  });

/** Adds a directory's subdirectories and itself, each where its first one comes by the order of names. */
function scan(files: Files, base: Bytes, path: Bytes, found: IconDirectory[]): void {
  const names: Bytes[] = [];
  for (const name of files.list(path === '' ? base : `${base}/${path}`)) {
    const below = path === '' ? name : `${path}/${name}`;
    if (files.isDirectory(`${base}/${below}`)) scan(files, base, below, found);
    else if (path !== '' && /\.(?:png|svg|xpm|icon)$/.test(name) && files.isFile(`${base}/${below}`)) {
      if (names.length === 0) found.push({ path, names });
      names.push(name);
    }
  }
}
