import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compressAs, type DebCompression } from './deb.js';
import { clearsign, type SigningKey, signDetached, testKey } from './keys.js';

/** A package of a test archive. */
interface ArchivePackage {
  /** The stanza: Package, Version and Architecture at least; Filename, Size and SHA256 are added where they are missing. */
  readonly control: Readonly<Record<string, string>>;
  /** The .deb, or any bytes where a test opens none. */
  readonly deb: Uint8Array;
  /** `main` unless given. */
  readonly component?: string;
}

export interface ArchiveOptions {
  /** The archive's root, made where it is missing; several suites can share it. */
  readonly directory: string;
  /** One that ends in `/` makes a flat archive of that path, with its packages beside the index. */
  readonly suite: string;
  readonly packages: readonly ArchivePackage[];
  /** `amd64` unless given. */
  readonly architectures?: readonly string[];
  /** `main` unless given. */
  readonly components?: readonly string[];
  /** `key` of `testKey()` unless given. */
  readonly signers?: readonly SigningKey[];
  /** Which of InRelease and Release.gpg there are; both unless given. With `nothing` there is no Release file either. */
  readonly signed?: 'inline' | 'detached' | 'both' | 'none' | 'nothing';
  /** The Release file's date and the signature's; `ARCHIVE_DATE` unless given. */
  readonly date?: Date;
  /** Fields of the Release file over the defaults; undefined leaves one out. */
  readonly release?: Readonly<Record<string, string | undefined>>;
  /** Indices that there are; all of them unless given. */
  readonly compressions?: readonly DebCompression[];
  /** Whether indices lie at their plain names too; true unless given. */
  readonly plainNames?: boolean;
  /** Changes a Packages text before it is compressed and signed. */
  readonly editIndex?: (text: string) => string;
}

/** What an archive is dated by unless a test says otherwise: the build's default epoch. */
export const ARCHIVE_DATE = new Date('2024-05-01T12:00:00Z');

const SUFFIX = { none: '', gz: '.gz', xz: '.xz', zst: '.zst', bz2: '.bz2', lzma: '.lzma' } as const;

/**
 * Writes a signed archive as Debian lays it out: `pool/`, `dists/<suite>/<component>/binary-<architecture>/Packages` with
 * its compressed forms, by-hash, Release, InRelease and Release.gpg.
 */
export async function writeArchive(options: ArchiveOptions): Promise<void> {
  const { directory, suite, architectures = ['amd64'], components = ['main'], date = ARCHIVE_DATE } = options;
  const isFlat = suite.endsWith('/');
  const dists = isFlat ? join(directory, suite) : join(directory, 'dists', suite);
  const packages = options.packages.map((one) => {
    return {
      component: 'main',
      ...one,
      filename: isFlat ? `${suite}${fileName(one)}`.replace(/^\//, '') : poolPath(one),
    };
  });
  for (const one of packages) await write(join(directory, one.filename), one.deb);

  const files = new Map<string, Uint8Array>();
  for (const component of isFlat ? ['main'] : components) {
    for (const architecture of isFlat ? ['any'] : architectures) {
      const own = packages.filter(
        ({ component: of, control }) =>
          isFlat || (of === component && ['all', architecture].includes(control['Architecture'] ?? '')),
      );
      const text = own.map(stanza).join('\n');
      const plain = Buffer.from(options.editIndex?.(text) ?? text);
      for (const compression of options.compressions ?? (['none', 'gz', 'xz'] as const)) {
        const index = `Packages${SUFFIX[compression]}`;
        const path = isFlat ? index : `${component}/binary-${architecture}/${index}`;
        files.set(path, await compressAs(compression, plain));
      }
    }
  }
  for (const [path, bytes] of files) {
    await write(join(dists, dirname(path), 'by-hash/SHA256', sha256(bytes)), bytes);
    if (options.plainNames !== false) await write(join(dists, path), bytes);
  }

  const release = releaseText({ suite, architectures, components, date, files, fields: options.release ?? {} });
  const signers = options.signers ?? [await testKey()];
  const { signed = 'both' } = options;
  if (signed === 'nothing') return;
  await write(join(dists, 'Release'), Buffer.from(release));
  if (signed === 'none') return;
  if (signed !== 'detached')
    await write(join(dists, 'InRelease'), Buffer.from(await clearsign(release, signers, date)));
  if (signed !== 'inline') {
    await write(join(dists, 'Release.gpg'), Buffer.from(await signDetached(release, signers, date)));
  }
}

/** A date as Release files have it. */
export function releaseDate(date: Date): string {
  return date.toUTCString().replace('GMT', 'UTC');
}

function releaseText(release: {
  suite: string;
  architectures: readonly string[];
  components: readonly string[];
  date: Date;
  files: ReadonlyMap<string, Uint8Array>;
  fields: Readonly<Record<string, string | undefined>>;
}): string {
  const lines = [...release.files].map(([path, bytes]) => `\n ${sha256(bytes)} ${bytes.length} ${path}`);
  const fields: Record<string, string | undefined> = {
    Origin: 'Test',
    Label: 'Test',
    Suite: release.suite,
    Codename: release.suite,
    Date: releaseDate(release.date),
    'Acquire-By-Hash': 'yes',
    'No-Support-for-Architecture-all': 'Packages',
    Architectures: ['all', ...release.architectures].join(' '),
    Components: release.components.join(' '),
    SHA256: lines.join(''),
    ...release.fields,
  };
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`.replace(': \n', ':\n')]))
    .map((line) => `${line}\n`)
    .join('');
}

function stanza(one: ArchivePackage & { filename: string }): string {
  const fields = {
    ...one.control,
    Filename: one.control['Filename'] ?? one.filename,
    Size: one.control['Size'] ?? String(one.deb.length),
    SHA256: one.control['SHA256'] ?? sha256(one.deb),
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** `pool/main/h/hello/hello_1.0_amd64.deb`; the epoch is not part of a file's name. */
function poolPath(one: ArchivePackage): string {
  const { Package: name = '' } = one.control;
  return `pool/${one.component ?? 'main'}/${name.charAt(0)}/${name}/${fileName(one)}`;
}

function fileName({ control }: ArchivePackage): string {
  const { Package: name = '', Version: version = '', Architecture: architecture = '' } = control;
  return `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}
