import { KoalaError } from '../../formats/errors.js';
import { readFile } from '../../rootfs/content.js';
import type { Editor } from '../../rootfs/editor.js';
import type { Tree } from '../../rootfs/tree.js';

/** How the table of applet names starts in every busybox that has test: the names are sorted, `[` and `[[` come first. */
const TABLE_START = Buffer.from('\0[\0[[\0');
const APPLET_NAME = /^[a-z0-9][a-z0-9._+-]*$/;
/** A busybox has about 400 applets; a table without end is not one. */
const MAX_APPLETS = 2000;

/**
 * Links every applet of a busybox, as `busybox --install -s` does, where no directory of the default PATH has the name.
 * The names come from the table in the program itself (`applet_names` of its applet_tables.h: sorted, each with a NUL,
 * the last one followed by an empty one), so the program is never run and any architecture will do.
 *
 * @param source the path of busybox in the tree.
 * @param directory where the links go.
 * @throws KoalaError where there is no busybox, or no table in it.
 */
export function linkBusyboxApplets(tree: Tree, editor: Editor, source: string, directory: string): void {
  const program = readFile(tree, source);
  if (program === undefined) throw new KoalaError('configure', `cannot link busybox applets: there is no ${source}`);
  const applets = appletNames(program);
  if (applets.length === 0) {
    throw new KoalaError('configure', `cannot link busybox applets: no table of applets was found in ${source}`);
  }
  for (const applet of applets) {
    const places = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', directory];
    const taken = places.some((place) => tree.get(tree.canonical(`${place}/${applet}`, false)?.path ?? '/-'));
    if (!taken) editor.symlink(`${directory}/${applet}`, source);
  }
}

/** The applets that a busybox program names, in the order of its table; empty where it has no table. */
function appletNames(program: Uint8Array): string[] {
  const bytes = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  for (let start = bytes.indexOf(TABLE_START); start >= 0; start = bytes.indexOf(TABLE_START, start + 1)) {
    const names = readNames(bytes, start + 1);
    // A real table goes on after the two brackets; a stray match in other strings does not, in sorted order.
    if (names.length > 2) return names;
  }
  return [];
}

function readNames(bytes: Buffer, start: number): string[] {
  const names: string[] = [];
  for (let at = start; names.length < MAX_APPLETS; ) {
    const end = bytes.indexOf(0, at);
    const name = bytes.toString('latin1', at, end < 0 ? at : end);
    const previous = names.at(-1);
    const valid = name === '[' || name === '[[' || APPLET_NAME.test(name);
    if (!valid || (previous !== undefined && previous >= name)) return names;
    names.push(name);
    at = end + 1;
  }
  return names;
}
