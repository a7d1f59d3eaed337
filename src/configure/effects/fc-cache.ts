import type { Command } from '../shell/types.js';
import { Files } from './files.js';

const CACHE = '/var/cache/fontconfig';
const TAG = [
  'Signature: 8a477f597d28d172789f06886806bc55',
  '# This file is a cache directory tag created by fontconfig.',
  '# For information about cache directory tags, see:',
  '#       http://www.brynosaurus.com/cachedir/',
];

/** fc-cache(1): the tag of the cache directory; the caches are named after random ids, and are made when they are needed. */
export const fcCache: Command = (process) => {
  const files = new Files(process);
  process.system.report({
    type: 'left-out',
    command: 'fc-cache',
    why: 'caches are made by the first program that reads the fonts',
    line: process.line,
  });
  if (!files.exists(`${CACHE}/CACHEDIR.TAG`)) {
    files.makeDirectories(CACHE);
    files.write(`${CACHE}/CACHEDIR.TAG`, `${TAG.join('\n')}\n`);
  }
  return 0;
};
