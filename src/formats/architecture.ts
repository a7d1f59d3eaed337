import { KoalaError } from './errors.js';

/** What a machine that speaks one Debian architecture is called elsewhere, and how its libraries lie. */
export interface ArchitectureInfo {
  /** Debian's name, as `dpkg --print-architecture` prints it. */
  readonly name: string;
  /** The multiarch triplet below `/usr/lib` (Policy 9.1.1). */
  readonly triplet: string;
  /** Top-level aliases of merged /usr beside `bin`, `sbin` and `lib`: where the ABI puts the ELF interpreter, if not in /lib. */
  readonly libDirectories: readonly string[];
  /** The platform of an OCI image, in Go's names. */
  readonly platform: { readonly os: 'linux'; readonly architecture: string; readonly variant?: string };
}

/** The Linux architectures of bookworm, trixie and sid; the aliases are those that base-files of trixie ships. */
export const ARCHITECTURES: readonly ArchitectureInfo[] = [
  architecture('amd64', 'x86_64-linux-gnu', ['lib64'], 'amd64'),
  architecture('arm64', 'aarch64-linux-gnu', [], 'arm64', 'v8'),
  architecture('armel', 'arm-linux-gnueabi', [], 'arm', 'v5'),
  architecture('armhf', 'arm-linux-gnueabihf', [], 'arm', 'v7'),
  architecture('i386', 'i386-linux-gnu', [], '386'),
  architecture('loong64', 'loongarch64-linux-gnu', ['lib64'], 'loong64'),
  architecture('mips64el', 'mips64el-linux-gnuabi64', ['lib64'], 'mips64le'),
  architecture('mipsel', 'mipsel-linux-gnu', [], 'mipsle'),
  architecture('ppc64el', 'powerpc64le-linux-gnu', ['lib64'], 'ppc64le'),
  architecture('riscv64', 'riscv64-linux-gnu', [], 'riscv64'),
  architecture('s390x', 's390x-linux-gnu', [], 's390x'),
];

/**
 * Looks an architecture up by Debian's name.
 *
 * @throws KoalaError `usage`, with the known names as details
 */
export function architectureInfo(name: string): ArchitectureInfo {
  const info = ARCHITECTURES.find((one) => one.name === name);
  if (info !== undefined) return info;
  throw new KoalaError('usage', `cannot build for the architecture ${JSON.stringify(name)}: it is not known`, {
    hint: 'give one of the architectures below, by the name that Debian uses',
    details: ARCHITECTURES.map((one) => one.name),
  });
}

/**
 * Debian's name of the machine that Node runs on.
 *
 * @param nodeArch `process.arch`
 * @param endianness `os.endianness()`
 * @returns undefined where Debian has no such architecture
 */
export function hostArchitecture(nodeArch: string, endianness: 'BE' | 'LE'): string | undefined {
  return HOSTS.get(`${nodeArch}-${endianness}`);
}

/** Node is not built for ARM below version 6, so its `arm` is never armel. */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['x64-LE', 'amd64'],
  ['arm64-LE', 'arm64'],
  ['arm-LE', 'armhf'],
  ['ia32-LE', 'i386'],
  ['loong64-LE', 'loong64'],
  ['mipsel-LE', 'mipsel'],
  ['ppc64-LE', 'ppc64el'],
  ['riscv64-LE', 'riscv64'],
  ['s390x-BE', 's390x'],
]);

/** The CPU names of dpkg's cputable where they differ from the architecture's own name. */
const CPUS: ReadonlyMap<string, string> = new Map([
  ['armel', 'arm'],
  ['armhf', 'arm'],
]);

/**
 * Whether an architecture or a wildcard (Policy 11.1) such as `any`, `linux-any` or `any-arm` covers a Debian
 * architecture; all of ours run Linux.
 */
export function architectureMatches(pattern: string, name: string): boolean {
  if (pattern === name || pattern === 'any' || pattern === 'linux-any' || pattern === 'any-any') return true;
  const cpu = CPUS.get(name) ?? name;
  return pattern === `any-${cpu}` || pattern === `linux-${cpu}`;
}

function architecture(
  name: string,
  triplet: string,
  libDirectories: readonly string[],
  goArchitecture: string,
  variant?: string,
): ArchitectureInfo {
  const platform = {
    os: 'linux',
    architecture: goArchitecture,
    ...(variant === undefined ? {} : { variant }),
  } as const;
  return { name, triplet, libDirectories, platform };
}
