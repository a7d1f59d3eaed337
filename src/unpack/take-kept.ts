import { checkControl } from './control.js';
import { takeSpool } from './kept.js';
import type { UnpackedPackage, UnpackRequest } from './types.js';

/**
 * Takes what an earlier build kept of a .deb, to the new file `spool`.
 *
 * @returns undefined where there is nothing, or nothing whole; then there is no spool
 * @throws KoalaError 'unpack' where it says other things about itself than the index
 */
export function takeKept(request: UnpackRequest, spool: string): UnpackedPackage | undefined {
  const taken = request.kept === undefined ? undefined : takeSpool(request.kept, spool, request.promised.sha256);
  if (taken === undefined) return undefined;
  checkControl(request, taken.control);
  return { deb: request.deb, spool, ...taken };
}
