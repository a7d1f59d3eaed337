import { ARCHITECTURES } from '../formats/architecture.js';
import type { ElfAbi } from '../formats/elf/file.js';

interface Machine {
  readonly name: string;
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly bigEndian?: true;
  /** Bits of e_flags that tell architectures of one machine apart, and what they are. */
  readonly mask?: number;
  readonly flags?: number;
}

const EF_ARM_HARD = 0x400;
const EF_ARM_FLOAT = 0x600;
const EF_RISCV_FLOAT = 6;
const EF_RISCV_DOUBLE = 4;

/** The ELF files of each architecture (formats of the psABIs; `file(1)` has the same table). */
const MACHINES: readonly Machine[] = [
  { name: 'amd64', machine: 62, bits: 64 },
  { name: 'arm64', machine: 183, bits: 64 },
  { name: 'armhf', machine: 40, bits: 32, mask: EF_ARM_FLOAT, flags: EF_ARM_HARD },
  { name: 'armel', machine: 40, bits: 32 },
  { name: 'i386', machine: 3, bits: 32 },
  { name: 'x32', machine: 62, bits: 32 },
  { name: 'loong64', machine: 258, bits: 64 },
  { name: 'mips64el', machine: 8, bits: 64 },
  { name: 'mipsel', machine: 8, bits: 32 },
  { name: 'ppc64el', machine: 21, bits: 64 },
  { name: 'riscv64', machine: 243, bits: 64, mask: EF_RISCV_FLOAT, flags: EF_RISCV_DOUBLE },
  { name: 's390x', machine: 22, bits: 64, bigEndian: true },
];

/** Programs of these run on machines of an architecture beside its own, where their libraries are there. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['i386', 'x32'],
  arm64: ['armhf', 'armel'],
};

/** Debian's name for what a file is for; undefined for machines that Debian has no architecture for. */
export function architectureOf(abi: ElfAbi): string | undefined {
  return MACHINES.find(({ machine, bits, bigEndian = false, mask = 0, flags = 0 }) => {
    return machine === abi.machine && bits === abi.bits && bigEndian === abi.bigEndian && (abi.flags & mask) === flags;
  })?.name;
}

/** `arm64`, or what there is to say of a machine without a name: `machine 247, 64 bits`. */
export function abiText(abi: ElfAbi): string {
  return architectureOf(abi) ?? `machine ${abi.machine}, ${abi.bits} bits`;
}

/** Whether the dynamic linker of one would load the other. Libraries without floats say neither of ARM's two. */
export function isSameAbi(one: ElfAbi, other: ElfAbi): boolean {
  if (one.machine !== other.machine || one.bits !== other.bits || one.bigEndian !== other.bigEndian) return false;
  if (one.machine === 243) return (one.flags & EF_RISCV_FLOAT) === (other.flags & EF_RISCV_FLOAT);
  const floats = [one.flags & EF_ARM_FLOAT, other.flags & EF_ARM_FLOAT];
  return one.machine !== 40 || floats[0] === floats[1] || floats.includes(0);
}

/** Whether programs of `name` may be in a tree of `native`. */
export function mayRun(name: string | undefined, native: string): boolean {
  return name === native || (name !== undefined && (ALSO_RUNS[native] ?? []).includes(name));
}

/** The multiarch triplets of a file's libraries. */
export function tripletsOf(abi: ElfAbi): readonly string[] {
  if (abi.machine === 40) return ['arm-linux-gnueabihf', 'arm-linux-gnueabi'];
  const name = architectureOf(abi);
  if (name === 'x32') return ['x86_64-linux-gnux32'];
  return ARCHITECTURES.filter((one) => one.name === name).map(({ triplet }) => triplet);
}

/** Directories without a triplet that a class of libraries has of its own, as those of gcc's multilib. */
export function plainDirectories({ bits, machine }: ElfAbi): readonly string[] {
  const own = bits === 64 ? ['lib64'] : machine === 62 ? ['libx32'] : ['lib32'];
  return ['lib', ...own].flatMap((name) => [`/${name}`, `/usr/${name}`]);
}
