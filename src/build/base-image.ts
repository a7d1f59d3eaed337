import { join } from 'node:path';
import { packageStanza, readPackageRecord } from '../archive/package-record.js';
import type { ArchiveSource, PackageRecord } from '../archive/types.js';
import { installedStanzas, isDatabaseFile } from '../configure/database/installed.js';
import type { BaseFacts } from '../emit/oci/config.js';
import type { ForeignLayer } from '../emit/oci/image.js';
import { architectureInfo } from '../formats/architecture.js';
import { type Paragraph, parseParagraphs } from '../formats/deb822.js';
import { KoalaError } from '../formats/errors.js';
import type { Limits } from '../formats/limits.js';
import { blobPath } from '../formats/oci/digest.js';
import { LAYER_MEDIA_TYPES } from '../formats/oci/media-types.js';
import { formatPlatform } from '../formats/oci/parse.js';
import { normalisePath } from '../formats/path.js';
import { compressionIn, type ImageFiles, openImageFiles } from '../image/files.js';
import { findImage, type StoredImage, verifiedBytes } from '../image/read.js';
import { readContent, readText } from '../rootfs/content.js';
import type { MergeInput } from '../rootfs/merge.js';
import { applyLayer, spoolLayer } from '../rootfs/read-layers.js';
import { Tree } from '../rootfs/tree.js';
import type { ControlFile, PackageEntry } from '../unpack/types.js';

/** An image that is built on. */
export interface BaseImage {
  readonly facts: BaseFacts;
  /** Its layers as they are, the lowest first. */
  readonly layers: readonly ForeignLayer[];
  /** What its layers make. */
  readonly tree: Tree;
  /** The packages that dpkg's database in it says are installed. */
  readonly installed: readonly MergeInput[];
  /** Those of them that apt knows nobody asked for. */
  readonly automatic: readonly PackageRecord[];
}

const OWNER = { type: 'effect', name: 'base-image', package: undefined } as const;
const ADMIN = '/var/lib/dpkg';

/**
 * Reads the image that another one is to stand on: its layers, its configuration, and which packages it has.
 *
 * @param path an OCI layout, a tar of one, or what `docker save` writes
 * @param name what the image is called in annotations
 * @param architecture Debian's name
 * @param directory where the contents of its files are kept
 * @throws KoalaError as `findImage`; `usage` where it is no image, or one for another architecture
 */
export async function readBaseImage(
  { path, name }: { readonly path: string; readonly name: string },
  architecture: string,
  directory: string,
  limits: Limits,
): Promise<BaseImage> {
  const files = await openImageFiles(path);
  if (files === undefined) {
    throw new KoalaError('usage', `cannot build on ${path}: it is no image`, {
      hint: 'give an OCI layout, a tar of one, or what docker save writes',
    });
  }
  const image = findImage(files, architecture, path);
  const config = image.config();
  const { platform } = architectureInfo(architecture);
  if (config.os !== platform.os || config.architecture !== platform.architecture) {
    throw new KoalaError('usage', `cannot build for ${architecture} on ${path}: it is for ${formatPlatform(config)}`);
  }
  const tree = new Tree(OWNER, 0);
  for (const [at, layer] of image.layers.entries()) {
    const origin = `${layer} of ${path}`;
    const { size } = files.place(layer);
    const source = { compression: compressionIn(files, layer), bytes: verifiedBytes(files, layer, path), size, origin };
    const entries = await spoolLayer(source, join(directory, `base-${at}`), limits);
    applyLayer(tree, entries, { origin, whiteouts: true, owner: OWNER, implied: OWNER });
  }
  const installed = installedIn(tree, path);
  markOwners(tree, installed);
  return {
    facts: { name, digest: image.manifest?.descriptor.digest, config },
    layers: layersOf(files, image, path),
    tree,
    installed,
    automatic: automaticOf(tree, installed, path),
  };
}

/** The layers as they are written down, with the media types that OCI has for what they are. */
function layersOf(files: ImageFiles, { layers, manifest }: StoredImage, origin: string): ForeignLayer[] {
  return layers.map((name, at) => {
    const compression = compressionIn(files, name);
    const known = manifest?.document.layers[at];
    if (compression !== 'none' && compression !== 'gz' && compression !== 'zst') {
      throw new KoalaError('unpack', `cannot build on ${origin}: its layer ${name} is compressed as ${compression}`);
    }
    return {
      mediaType: LAYER_MEDIA_TYPES[compression],
      digest: known === undefined || blobPath(known.digest, origin) !== name ? undefined : known.digest,
      bytes: verifiedBytes(files, name, origin),
    };
  });
}

const NOWHERE: ArchiveSource = {
  suite: '',
  components: [],
  uris: [],
  keyrings: [],
  signers: [],
  trusted: false,
  priority: undefined,
  asOf: undefined,
  checkValidUntil: false,
  origin: 'the base image',
};
const NO_DEB = { size: 0, sha256: '0'.repeat(64) };

/** What is installed, as if it had been unpacked: what scripts and dpkg's tools ask of a package, but none of its files. */
function installedIn(tree: Tree, origin: string): MergeInput[] {
  const database = new Map<string, Uint8Array>();
  for (const [path, node] of tree.walk(ADMIN)) {
    if (node.type === 'file' && isDatabaseFile(path)) database.set(path, readContent(node.content));
  }
  return installedStanzas(database, origin).map((stanza) => {
    const own = [...stanza.fields()].filter(([field]) => !/^status$/i.test(field));
    const text = packageStanza(own, 'base-image.deb', NO_DEB);
    const record = readPackageRecord(text, stanza.origin, NOWHERE);
    const info = infoOf(tree, record);
    const control = new Map<string, ControlFile>([
      ...info,
      ['control', { mode: 0o644, bytes: Buffer.from(controlText(own)) }],
    ]);
    const entries = pathsOf(tree, record, info).map(entryAt);
    return { record, unpacked: { deb: origin, control, entries, spool: '', bytes: 0 } };
  });
}

function controlText(fields: readonly (readonly [string, string])[]): string {
  return fields
    .map(([name, value]) => {
      const [first = '', ...lines] = value.split('\n');
      return `${name}:${first === '' ? '' : ` ${first}`}\n${lines.map((line) => ` ${line}\n`).join('')}`;
    })
    .join('');
}

/** The files of a package's control member that dpkg keeps; conffiles' sums are in the stanza already. */
function infoOf(tree: Tree, { name, architecture }: PackageRecord): [string, ControlFile][] {
  const directory = tree.get(`${ADMIN}/info`);
  if (directory?.type !== 'directory') return [];
  return [
    'preinst',
    'postinst',
    'prerm',
    'postrm',
    'config',
    'templates',
    'triggers',
    'md5sums',
    'shlibs',
    'list',
  ].flatMap((kind) => {
    const node = directory.children.get(`${name}:${architecture}.${kind}`) ?? directory.children.get(`${name}.${kind}`);
    return node?.type === 'file' ? [[kind, { mode: node.mode, bytes: readContent(node.content) }]] : [];
  });
}

/** The paths that a package brought: by dpkg's list, and in a tree without dpkg by the sums of its files. */
function pathsOf(tree: Tree, { name }: PackageRecord, info: readonly [string, ControlFile][]): string[] {
  const list = new Map(info).get('list');
  if (list !== undefined) return linesOf(Buffer.from(list.bytes).toString()).map(normalisePath);
  const sums = readText(tree, `${ADMIN}/status.d/${name}.md5sums`) ?? '';
  return linesOf(sums).flatMap((line) => {
    const [, path] = /^[0-9a-f]{32} [ *](.+)$/.exec(line) ?? [];
    return path === undefined ? [] : [normalisePath(path)];
  });
}

/** What a package's path stands for; nobody asks what is there, since it is in the tree already. */
function entryAt(path: string): PackageEntry {
  const nothing = { mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, offset: 0, target: '', major: 0, minor: 0 };
  return { type: 'directory', path, ...nothing, xattrs: new Map() };
}

/** Files belong to the packages that brought them, as in a tree that was merged. */
function markOwners(tree: Tree, installed: readonly MergeInput[]): void {
  for (const { record, unpacked } of installed) {
    for (const { path } of unpacked.entries) {
      const node = tree.canonical(path, false)?.node;
      if (node !== undefined && node.type !== 'directory') node.owner = { type: 'package', name: record.name };
    }
  }
}

function automaticOf(tree: Tree, installed: readonly MergeInput[], origin: string): PackageRecord[] {
  const text = readText(tree, '/var/lib/apt/extended_states') ?? '';
  const marks = parseParagraphs(text, `${origin}:/var/lib/apt/extended_states`);
  const isMarked = (mark: Paragraph): boolean => mark.get('Auto-Installed') === '1';
  const names = new Set(marks.filter(isMarked).map((mark) => mark.get('Package')));
  return installed.map(({ record }) => record).filter(({ name }) => names.has(name));
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
