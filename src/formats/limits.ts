import { KoalaError } from './errors.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/**
 * Every budget of the program, in one place: how much it takes from whoever it does not trust before it refuses. Each is far
 * above what Debian has, so that no sound archive meets it, and far below what would hurt the machine. `--limit NAME=VALUE`
 * sets another one. THREAT_MODEL.md has the same list with the attacks.
 *
 * Not here, since nobody can raise them: what the kernel takes (paths of 4,095 bytes, names of 255, `formats/path.ts`), and the
 * sizes that an archive promises, which hold to the byte.
 */
const LIMITS = {
  releaseBytes: { value: 32 * MIB, what: 'bytes of a Release file or its signature (Debian: 0.2 MB)' },
  releaseFiles: { value: 100_000, what: 'files and digests that a Release file lists' },
  signatures: { value: 64, what: 'signatures of a Release file' },
  indexBytes: { value: GIB, what: 'bytes of a decompressed index (Debian: 65 MB)' },
  indexRatio: { value: 1000, what: 'times that an index may grow when it is decompressed' },
  headerBytes: { value: 16 * KIB, what: 'bytes of the headers of an HTTP answer' },
  redirects: { value: 5, what: 'redirects in a row' },
  retries: { value: 4, what: 'more tries of a transfer that failed' },
  stallSeconds: { value: 30, what: 'seconds in which stall-bytes have to come' },
  stallBytes: { value: 3 * KIB, what: 'bytes that come in stall-seconds at least' },
  retrySeconds: { value: 30, what: 'seconds to wait before a try, whatever Retry-After says' },
  transferSeconds: { value: 3600, what: 'seconds of a transfer with all its tries' },
  arMembers: { value: 1024, what: 'members of a .deb (real ones: 3)' },
  controlBytes: { value: 64 * MIB, what: "bytes of a package's control files" },
  dataBytes: { value: 32 * GIB, what: "bytes of a package's files" },
  dataRatio: { value: 5000, what: 'times that a member of a .deb may grow when it is decompressed' },
  entries: { value: 1_000_000, what: 'entries of a package' },
  pathDepth: { value: 256, what: 'directories above an entry' },
  paxBytes: { value: MIB, what: 'bytes of a pax header' },
  nameBytes: { value: 8 * KIB, what: "bytes of one of GNU tar's long names" },
  xattrs: { value: 128, what: 'extended attributes of an entry' },
  xzMemoryBytes: { value: 512 * MIB, what: 'bytes of memory that an .xz asks for (xz -9: 65 MiB)' },
  layerBytes: { value: 64 * GIB, what: 'bytes of a layer of an image, decompressed' },
  layerRatio: { value: 5000, what: 'times that a layer of an image may grow when it is decompressed' },
  scriptSteps: { value: 2_000_000, what: 'steps of a maintainer script (Debian: 25,000)' },
  scriptOutputBytes: { value: 64 * MIB, what: 'bytes that a maintainer script writes (Debian: 6 MB)' },
  scriptMemoryBytes: { value: 512 * MIB, what: 'bytes of memory of a maintainer script' },
  scriptSeconds: { value: 60, what: 'seconds of a maintainer script' },
} as const satisfies Readonly<Record<string, { readonly value: number; readonly what: string }>>;

type LimitName = keyof typeof LIMITS;

/** What holds in one run. */
export type Limits = Readonly<Record<LimitName, number>>;

/** What is small when it is decompressed is no bomb, whatever its ratio: an index of one package, an empty manual page. */
const RATIO_COUNTS_FROM = 64 * MIB;

const NAMES = Object.keys(LIMITS) as LimitName[];

/** The budgets where nobody says otherwise. */
export const DEFAULT_LIMITS: Limits = limitsOf();

/** All budgets, with those that are given in place of the usual ones. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const usual = Object.fromEntries(NAMES.map((name) => [name, LIMITS[name].value])) as Record<LimitName, number>;
  return { ...usual, ...given };
}

/** The most bytes that may come out of so many compressed ones. */
export function expandedLimit(packed: number, bytes: number, ratio: number): number {
  return Math.min(bytes, Math.max(packed * ratio, RATIO_COUNTS_FROM));
}

/** `data-bytes`: a budget's name on the command line. */
function limitLabel(name: LimitName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: KIB, M: MIB, G: GIB };

/**
 * Reads `NAME=VALUE` texts, `data-bytes=64G`: whole numbers with K, M or G for powers of 1024. The last of a name counts.
 *
 * @throws KoalaError `usage` for what is no budget, and for no number from 1 on
 */
export function parseLimits(texts: readonly string[]): Partial<Limits> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, label = '', digits = '', unit = ''] = /^([a-z-]+)=(\d{1,15})([KMG]?)$/.exec(text) ?? [];
      const name = NAMES.find((known) => limitLabel(known) === label);
      const value = Number(digits) * (UNITS[unit] ?? 1);
      if (name !== undefined && value >= 1 && Number.isSafeInteger(value)) return [name, value];
      throw new KoalaError('usage', `cannot use --limit ${JSON.stringify(text)}: it is no NAME=VALUE of a budget`, {
        hint: `known are ${NAMES.map(limitLabel).join(', ')}; a value is a number, with K, M or G where it is large`,
      });
    }),
  );
}

/** Lines for the help: each name with what it is of, and its usual value. */
export function describeLimits(): readonly (readonly [label: string, text: string])[] {
  return NAMES.map((name) => [limitLabel(name), `${LIMITS[name].what} [${formatLimit(LIMITS[name].value)}]`]);
}

function formatLimit(value: number): string {
  const unit = ['G', 'M', 'K'].find((one) => value % (UNITS[one] ?? 1) === 0);
  return unit === undefined ? String(value) : `${value / (UNITS[unit] ?? 1)}${unit}`;
}
