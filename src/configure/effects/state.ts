import { KoalaError } from '../../formats/errors.js';
import type { Process } from '../shell/types.js';
import type { DebconfDatabase } from './debconf-database.js';

/** A package of the set that is built, as the commands that ask dpkg see it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Whether dpkg's database knows it with its architecture: Multi-Arch is `same`. */
  readonly multiArchSame: boolean;
  /** The three words of the Status field. It changes while the set is configured. */
  status: string;
  /** The other fields of its control paragraph, by their names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** The paths that it brought, absolute, as in dpkg's list of its files. */
  readonly files: () => readonly string[];
}

/** Triggers that were activated and wait, in the order in which they were. */
export class TriggerQueue {
  readonly #activated: Set<string>;

  /** @param activated those that wait from the start */
  constructor(activated: Iterable<string> = []) {
    this.#activated = new Set(activated);
  }

  /** What `drain` would give. */
  get waiting(): readonly string[] {
    return [...this.#activated];
  }

  activate(trigger: string): void {
    this.#activated.add(trigger);
  }

  /** The names or paths that were activated since the last call. */
  drain(): string[] {
    const names = [...this.#activated];
    this.#activated.clear();
    return names;
  }
}

/** What Debian's tools remember from one script to the next and that is not a file of the tree. */
export interface DebianState {
  readonly packages: readonly InstalledPackage[];
  readonly triggers: TriggerQueue;
  readonly debconf: DebconfDatabase;
}

/** @throws KoalaError where the interpreter was started without it. */
export function debianState({ system }: Process): DebianState {
  if (system.debian === undefined) {
    throw new KoalaError('configure', `cannot run a script of ${system.packageName}: there is no package database`);
  }
  return system.debian;
}

/** The package of a name, which may be qualified (`libc6:amd64`). */
export function findPackage(process: Process, name: string): InstalledPackage | undefined {
  const [bare = '', architecture] = name.split(':');
  return debianState(process).packages.find((item) => {
    if (item.name !== bare) return false;
    return architecture === undefined || architecture === 'any' || architecture === item.architecture;
  });
}

/** dpkg's name for a package in output and file names: qualified where more than one architecture may be installed. */
export function binaryName(item: InstalledPackage): string {
  return item.multiArchSame ? `${item.name}:${item.architecture}` : item.name;
}
