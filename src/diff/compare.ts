import { packageName } from '../archive/package-name.js';
import { compareBytes } from '../formats/path.js';
import { type ComparedPackages, comparePackages, type PackageChange, packagesOfLock } from '../solve/lock/changes.js';
import { changedParts } from '../solve/lock/config.js';
import type { Artifact, FileFacts, TreeFacts } from './types.js';

/** What differs between two artifacts. */
export interface Difference {
  /** What was compared, by Debian's names; of trees the one that most packages are of. */
  readonly architectures: readonly string[];
  readonly packages: readonly PackageChange[];
  /** Parts of the profiles, where both have one. */
  readonly profile: readonly string[];
  /** Undefined where one of both is no tree. */
  readonly files: readonly FileChange[] | undefined;
  readonly before: Totals;
  readonly after: Totals;
}

export interface FileChange {
  readonly path: string;
  /** Undefined: it came in. */
  readonly before: FileFacts | undefined;
  /** Undefined: it went. */
  readonly after: FileFacts | undefined;
  /** What is other; none where it came or went. */
  readonly fields: readonly FileField[];
}

type FileField = 'type' | 'mode' | 'owner' | 'size' | 'sha256' | 'target' | 'xattrs' | 'mtime';

/** Of all architectures together. */
export interface Totals {
  readonly packages: number;
  /** Undefined for plans. */
  readonly files: number | undefined;
  /** Of the contents of all files, each once; of plans what the packages take, as they say. */
  readonly bytes: number;
}

/** @param times whether times of files count */
export function compareArtifacts(one: Artifact, other: Artifact, { times }: { readonly times: boolean }): Difference {
  const [before, after] = comparable(one, other);
  return {
    architectures: [...new Set([...before.keys(), ...after.keys()])].sort(),
    packages: comparePackages(before, after),
    profile: one.type === 'plan' && other.type === 'plan' ? changedParts(one.lock.config, other.lock.config) : [],
    files: one.type === 'tree' && other.type === 'tree' ? compareFiles(one.tree, other.tree, times) : undefined,
    before: totalsOf(one, before),
    after: totalsOf(other, after),
  };
}

/** Whether nothing differs. */
export function isSame({ packages, profile, files = [] }: Difference): boolean {
  return packages.length + profile.length + files.length === 0;
}

/** Of a plan beside a tree only the tree's architecture counts. */
function comparable(one: Artifact, other: Artifact): [ComparedPackages, ComparedPackages] {
  const both = [one, other].map(packagesOf) as [ComparedPackages, ComparedPackages];
  if (one.type === other.type) return both;
  const tree = one.type === 'tree' ? both[0] : both[1];
  const [architecture = ''] = tree.keys();
  // A plan knows bytes, a tree only versions.
  const byVersion = (packages: ComparedPackages): ComparedPackages => {
    const own = [...(packages.get(architecture) ?? [])];
    return new Map([
      [
        architecture,
        new Map(
          own.map(([name, { version, suite }]) => {
            return [name, { version, identity: version, suite, security: false }];
          }),
        ),
      ],
    ]);
  };
  return [byVersion(both[0]), byVersion(both[1])];
}

function packagesOf(artifact: Artifact): ComparedPackages {
  if (artifact.type === 'plan') return packagesOfLock(artifact.lock);
  const { packages } = artifact.tree;
  const native = commonest(packages.map(({ architecture }) => architecture).filter((name) => name !== 'all'));
  const named = packages.map((one) => {
    const { version } = one;
    return [packageName(one, native), { version, identity: version, suite: undefined, security: false }] as const;
  });
  return new Map([[native, new Map(named)]]);
}

/** What a tree is built for: the architecture that most of its packages are of. */
function commonest(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'all';
}

/** What differs between two trees, by path. */
export function compareFiles(
  one: Pick<TreeFacts, 'files'>,
  other: Pick<TreeFacts, 'files'>,
  times: boolean,
): FileChange[] {
  const paths = [...new Set([...one.files.keys(), ...other.files.keys()])].sort(compareBytes);
  return paths.flatMap((path): FileChange[] => {
    const [before, after] = [one.files.get(path), other.files.get(path)];
    if (before === undefined || after === undefined) return [{ path, before, after, fields: [] }];
    const fields = fieldsThatDiffer(before, after).filter((field) => field !== 'mtime' || times);
    return fields.length === 0 ? [] : [{ path, before, after, fields }];
  });
}

function fieldsThatDiffer(one: FileFacts, other: FileFacts): FileField[] {
  const differs: readonly (readonly [FileField, boolean])[] = [
    ['type', one.type !== other.type],
    ['mode', one.mode !== other.mode],
    ['owner', one.uid !== other.uid || one.gid !== other.gid],
    ['size', one.size !== other.size],
    ['sha256', one.sha256 !== other.sha256],
    ['target', one.target !== other.target],
    ['xattrs', one.xattrs.join() !== other.xattrs.join()],
    ['mtime', one.mtime !== other.mtime],
  ];
  return differs.filter(([, is]) => is).map(([field]) => field);
}

function totalsOf(artifact: Artifact, compared: ComparedPackages): Totals {
  const packages = [...compared.values()].reduce((sum, names) => sum + names.size, 0);
  if (artifact.type === 'plan') {
    const stages = [...compared.keys()].flatMap((name) => artifact.lock.architectures[name]?.stages ?? []);
    const bytes = stages.flatMap((stage) => stage.packages).reduce((sum, one) => sum + one.installedSize * 1024, 0);
    return { packages, files: undefined, bytes };
  }
  const { files } = artifact.tree;
  const bytes = [...new Set(files.values())].reduce((sum, { size }) => sum + size, 0);
  return { packages, files: files.size, bytes };
}
