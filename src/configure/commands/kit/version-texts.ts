import { compareVersions } from '../../../formats/version.js';
import type { Bytes } from '../../shell/types.js';

/** filevercmp: dpkg's order, a file name's suffix (`.tar.gz`) deciding only last. */
export function compareVersionTexts(a: Bytes, b: Bytes): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? -1 : 1;
  const isHidden = (text: Bytes): number => (text.startsWith('.') ? 0 : 1);
  if (isHidden(a) !== isHidden(b)) return isHidden(a) - isHidden(b);
  const suffix = /(?:\.[A-Za-z~][A-Za-z0-9~]*)*$/;
  return versionOrder(a.replace(suffix, ''), b.replace(suffix, '')) || versionOrder(a, b);
}

/** `verrevcmp` of gnulib takes any byte, which `compareVersions` does for the upstream part alone. */
function versionOrder(a: Bytes, b: Bytes): number {
  return compareVersions(`0:${a}-0`, `0:${b}-0`);
}
