import type { MergeInput } from '../rootfs/merge.js';
import { type Architectures, nameIn } from './architectures.js';

/** In the order in which dpkg runs them on a fresh install (Debian Policy 6.5). */
const INSTALL_SCRIPTS = ['preinst', 'postinst'] as const;

/** A package and those of its maintainer scripts that a fresh install would have run. */
export interface PendingScripts {
  readonly package: string;
  readonly scripts: readonly string[];
}

/** Effects that carry out in our own code all that a package's scripts do on a fresh install. */
const CARRIED_OUT: ReadonlySet<string> = new Set(['ca-certificates']);

/** The packages whose scripts a fresh install would have run and nothing here stood in for. */
export function pendingScripts(packages: readonly MergeInput[], architectures?: Architectures): PendingScripts[] {
  return packages.flatMap(({ record, unpacked }) => {
    const scripts = INSTALL_SCRIPTS.filter((script) => unpacked.control.has(script));
    return scripts.length === 0 || CARRIED_OUT.has(record.name)
      ? []
      : [{ package: nameIn(architectures, record), scripts }];
  });
}
