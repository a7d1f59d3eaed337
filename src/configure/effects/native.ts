import { createHash } from 'node:crypto';
import type { Tree } from '../../rootfs/tree.js';
import { bufferOf } from '../shell/bytes.js';
import type { Bytes } from '../shell/types.js';

/**
 * Does to the tree what one script does that is not for a shell.
 *
 * @returns false where the script would do more there than this knows; then nothing was changed.
 */
export type NativeEffect = (tree: Tree) => boolean;

/** By the SHA-256 of the script's text: another version of a script is another script. */
const EFFECTS: ReadonlyMap<string, NativeEffect> = new Map([
  // config of wamerican 2020.12.07-2
  ['b6711ad7172053067b2648fa2f6d346faced9c8ef2c6922f59bb69cb77e8f3bb', wordList],
  // config of wamerican-huge 2020.12.07-2, wngerman 20161207-11 and miscfiles 1.5+dfsg-4
  ['b18599ae2f770f303319f0c6ace0f531477875b4c85a87f415b46a7448423d80', wordList],
]);

export function nativeEffect(script: Bytes): NativeEffect | undefined {
  return EFFECTS.get(createHash('sha256').update(bufferOf(script)).digest('hex'));
}

/** A list of words asks which one is the default where dictionaries-common is there, and else does nothing. */
function wordList(tree: Tree): boolean {
  return tree.resolve('/usr/share/dictionaries-common/dc-debconf-select.pl') === undefined;
}
