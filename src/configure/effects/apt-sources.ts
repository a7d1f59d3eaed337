import { OFFICIAL_URIS } from '../../profile/official.js';
import type { ArchiveSpec } from '../../profile/types.js';
import type { Editor } from '../../rootfs/editor.js';
import type { Tree } from '../../rootfs/tree.js';

const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.pgp', '/usr/share/keyrings/debian-archive-keyring.gpg'];

/**
 * Gives a tree with apt its `/etc/apt/sources.list.d/debian.sources` (sources.list(5)), unless a package brought one.
 * It names what the profile names, never the mirror that this build read: the bytes must not depend on the machine.
 */
export function writeAptSources(tree: Tree, editor: Editor, archives: readonly ArchiveSpec[]): void {
  const path = '/etc/apt/sources.list.d/debian.sources';
  if (tree.resolve('/usr/bin/apt-get') === undefined || tree.resolve(path) !== undefined) return;
  const keyring = KEYRINGS.find((candidate) => tree.resolve(candidate) !== undefined);
  const stanzas = archives.flatMap((archive) => {
    const uris = archive.uris.length > 0 ? archive.uris : [OFFICIAL_URIS[archive.kind]];
    if (uris[0] === undefined) return [];
    const lines = [
      'Types: deb',
      `URIs: ${uris.join(' ')}`,
      `Suites: ${archive.suite}`,
      ...(archive.components.length === 0 ? [] : [`Components: ${archive.components.join(' ')}`]),
      ...(keyring === undefined ? [] : [`Signed-By: ${keyring}`]),
    ];
    return [`${lines.join('\n')}\n`];
  });
  if (stanzas.length > 0) editor.writeFile(path, stanzas.join('\n'));
}
