import { parseParagraph } from '../../formats/deb822.js';
import { KoalaError } from '../../formats/errors.js';
import type { Editor } from '../../rootfs/editor.js';
import type { MergeInput } from '../../rootfs/merge.js';
import { databaseStanza } from './fields.js';

const DIRECTORY = '/var/lib/dpkg/status.d';

/**
 * For a tree without dpkg: a file for each package with its stanza, and its `.md5sums` beside it. Scanners (Trivy, Syft,
 * Grype, Clair) read this form since distroless images have it.
 */
export function writeStatusDirectory(editor: Editor, packages: readonly MergeInput[]): void {
  for (const { record, unpacked } of packages) {
    const control = unpacked.control.get('control');
    if (control === undefined)
      throw new KoalaError('configure', `cannot describe ${record.name}: it has no control file`);
    const paragraph = parseParagraph(Buffer.from(control.bytes).toString(), `${record.name}'s control file`);
    const stanza = databaseStanza(paragraph, new Map([['Status', 'install ok installed']]));
    editor.writeFile(`${DIRECTORY}/${record.name}`, stanza);
    const sums = unpacked.control.get('md5sums');
    if (sums !== undefined) editor.writeFile(`${DIRECTORY}/${record.name}.md5sums`, sums.bytes);
  }
}
