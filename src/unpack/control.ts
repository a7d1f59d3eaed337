import { parseParagraph } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import type { ControlFile, UnpackRequest } from './types.js';

/** @throws KoalaError 'unpack' where there is none */
export function controlText(deb: string, files: ReadonlyMap<string, ControlFile>): string {
  const control = files.get('control');
  if (control === undefined) throw new KoalaError('unpack', `cannot unpack ${deb}: it has no control file`);
  return Buffer.from(control.bytes).toString();
}

/**
 * The index is signed, the control paragraph is what dpkg's database will say: they must be about the same package.
 *
 * @throws KoalaError 'unpack' where they are not
 */
export function checkControl(request: UnpackRequest, files: ReadonlyMap<string, ControlFile>): void {
  const paragraph = parseParagraph(controlText(request.deb, files), `${request.deb}:control`);
  const expected = [
    ['Package', request.name],
    ['Version', request.version],
    ['Architecture', request.architecture],
  ] as const;
  for (const [field, value] of expected) {
    const found = paragraph.get(field);
    if (found === value) continue;
    const says = found === undefined ? `it has no ${field}` : `its ${field} is ${found}`;
    throw new KoalaError('unpack', `cannot unpack ${request.deb}: ${says}, the index says ${value}`);
  }
}
