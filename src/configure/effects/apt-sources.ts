import { armour, unarmour } from '../../formats/armor.js';
import { OFFICIAL_URIS } from '../../profile/official.js';
import type { ArchiveSpec } from '../../profile/types.js';
import { readFile } from '../../rootfs/content.js';
import type { Editor } from '../../rootfs/editor.js';
import type { Tree } from '../../rootfs/tree.js';

const SOURCES = '/etc/apt/sources.list.d/debian.sources';
/** Where packages put keyrings, and where an administrator does (sources.list(5)). */
const PACKAGED = '/usr/share/keyrings';
const LOCAL = '/etc/apt/keyrings';
const FINGERPRINT = /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?$/;

/** The certificates behind each keyring that an archive names, packets one after the other (RFC 9580, 10.1). */
export type ArchiveKeys = ReadonlyMap<string, Uint8Array>;

/**
 * Gives a tree with apt its `/etc/apt/sources.list.d/debian.sources` (sources.list(5)), unless a package brought one. It names
 * what the profile names, never the mirror that this build read, nor a password: the bytes must not depend on the machine.
 * Signed-By names the keyring that a package of the set brought, where that holds the archive's keys, and else has the keys
 * themselves.
 */
export function writeAptSources(
  tree: Tree,
  editor: Editor,
  archives: readonly ArchiveSpec[],
  keys: ArchiveKeys = new Map(),
): void {
  if (tree.resolve('/usr/bin/apt-get') === undefined || tree.resolve(SOURCES) !== undefined) return;
  const stanzas = archives.flatMap((archive) => {
    const uris = archive.uris.length > 0 ? archive.uris.map(withoutCredentials) : [OFFICIAL_URIS[archive.kind]];
    if (uris[0] === undefined) return [];
    const lines = [
      'Types: deb',
      `URIs: ${uris.join(' ')}`,
      `Suites: ${archive.suite}`,
      ...(archive.components.length === 0 ? [] : [`Components: ${archive.components.join(' ')}`]),
      ...(archive.architectures.length === 0 ? [] : [`Architectures: ${archive.architectures.join(' ')}`]),
      ...(archive.checkValidUntil ? [] : ['Check-Valid-Until: no']),
      ...(archive.trusted ? ['Trusted: yes'] : signedBy(archive, tree, editor, keys)),
    ];
    return [`${lines.join('\n')}\n`];
  });
  if (stanzas.length > 0) editor.writeFile(SOURCES, stanzas.join('\n'));
}

/** None where the archive names no keyring: apt takes its own default then. */
function signedBy({ suite, keyrings }: ArchiveSpec, tree: Tree, editor: Editor, keys: ArchiveKeys): string[] {
  const fingerprints = keyrings.filter((keyring) => FINGERPRINT.test(keyring));
  const named = keyrings.filter((keyring) => !FINGERPRINT.test(keyring));
  const paths = named.flatMap((keyring) => packagedKeyring(keyring, tree, keys.get(keyring)) ?? []);
  const words = [...paths, ...fingerprints];
  if (paths.length === named.length) return words.length === 0 ? [] : [`Signed-By: ${words.join(' ')}`];
  const certificates = Buffer.concat(named.flatMap((keyring) => keys.get(keyring) ?? []));
  if (certificates.length === 0) return [];
  const block = armour(certificates);
  if (fingerprints.length > 0) {
    // The field holds either a key or words that choose among keys.
    const path = `${LOCAL}/${suite.replaceAll(/[^A-Za-z0-9]+/g, '-')}.asc`;
    editor.writeFile(path, block);
    return [`Signed-By: ${[path, ...fingerprints].join(' ')}`];
  }
  const lines = block.trimEnd().split('\n');
  return ['Signed-By:', ...lines.map((line) => ` ${line === '' ? '.' : line}`)];
}

/** The file of a package that has a keyring: of a bundled one the package of that name, else one with the same keys. */
function packagedKeyring(keyring: string, tree: Tree, certificates: Uint8Array | undefined): string | undefined {
  const bundled = ['pgp', 'gpg'].map((ending) => `${PACKAGED}/${keyring}-keyring.${ending}`);
  const found = bundled.find((path) => !keyring.includes('/') && tree.resolve(path) !== undefined);
  if (found !== undefined || certificates === undefined) return found;
  for (const directory of [PACKAGED, LOCAL]) {
    const node = tree.resolve(directory);
    if (node?.type !== 'directory') continue;
    for (const name of [...node.children.keys()].sort()) {
      const path = `${directory}/${name}`;
      const bytes = /\.(?:asc|gpg|pgp)$/.test(name) ? readFile(tree, path) : undefined;
      if (bytes === undefined) continue;
      const packets = unarmour(Buffer.from(bytes).toString('latin1')) ?? bytes;
      if (Buffer.compare(packets, certificates) === 0) return path;
    }
  }
  return undefined;
}

function withoutCredentials(uri: string): string {
  return uri.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1');
}
