import { KoalaError } from '../../formats/errors.js';
import type { Editor } from '../../rootfs/editor.js';
import type { MergeInput } from '../../rootfs/merge.js';
import { type Architectures, nameIn } from '../architectures.js';
import { databaseStanza } from './fields.js';

const DIRECTORY = '/var/lib/dpkg/status.d';

/**
 * For a tree without dpkg: a file for each package with its stanza, and its `.md5sums` beside it. Scanners (Trivy, Syft,
 * Grype, Clair) read this form since distroless images have it. Files are named after packages, as scanners expect; only where
 * that name is taken, by the same package of the native architecture, does the architecture stand behind it.
 *
 * @param fresh those of the packages that have none yet.
 */
export function writeStatusDirectory(
  editor: Editor,
  packages: readonly MergeInput[],
  architectures: Architectures,
  fresh: readonly MergeInput[] = packages,
): void {
  const native = new Set(
    packages.filter(({ record }) => nameIn(architectures, record) === record.name).map(({ record }) => record.name),
  );
  for (const { record, unpacked } of fresh) {
    const control = unpacked.control.get('control');
    if (control === undefined)
      throw new KoalaError('configure', `cannot describe ${record.name}: it has no control file`);
    const text = Buffer.from(control.bytes).toString();
    const stanza = databaseStanza(text, `${record.name}'s control file`, new Map([['Status', 'install ok installed']]));
    const file = native.has(record.name) ? nameIn(architectures, record) : record.name;
    editor.writeFile(`${DIRECTORY}/${file}`, stanza);
    const sums = unpacked.control.get('md5sums');
    if (sums !== undefined) editor.writeFile(`${DIRECTORY}/${file}.md5sums`, sums.bytes);
  }
}
