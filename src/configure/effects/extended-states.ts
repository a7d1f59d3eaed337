import type { PackageRecord } from '../../archive/types.js';
import { formatParagraph } from '../../formats/deb822.js';
import { compareBytes } from '../../formats/path.js';
import type { Editor } from '../../rootfs/editor.js';

/**
 * Tells apt which packages nobody asked for (apt-mark(8), `writeStateFile` of apt-pkg/depcache.cc), so that `autoremove` takes a
 * dependency with the last package that needs it. apt counts packages for all architectures as native ones.
 */
export function writeExtendedStates(editor: Editor, automatic: readonly PackageRecord[], native: string): void {
  if (automatic.length === 0) return;
  const marks = automatic.map(({ name, architecture }): [string, string] => {
    return [name, architecture === 'all' ? native : architecture];
  });
  marks.sort(([name, own], [other, its]) => compareBytes(name, other) || compareBytes(own, its));
  const paragraphs = marks.map(([name, architecture]) => {
    return formatParagraph([
      ['Package', name],
      ['Architecture', architecture],
      ['Auto-Installed', '1'],
    ]);
  });
  editor.writeFile('/var/lib/apt/extended_states', paragraphs.map((text) => `${text}\n`).join(''));
}
