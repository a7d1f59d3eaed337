import type { ContentsEntry } from '../archive/contents.js';
import { packageName } from '../archive/package-name.js';
import type { PackageRecord, PackageUniverse } from '../archive/types.js';
import { nameOf } from '../formats/path.js';
import type { Stage } from '../profile/types.js';
import { solve } from '../solve/solve.js';
import type { Plan } from '../solve/types.js';
import { packagesOfSoname } from './soname.js';
import type { Finding, Wanted } from './types.js';

/** A package that has what is missing, and what it would bring. */
export interface Suggestion {
  readonly package: string;
  /** How many packages it would add, itself included, and their installed size in bytes. */
  readonly packages: number;
  readonly bytes: number;
}

export interface SuggestContext {
  readonly universe: PackageUniverse;
  /** What the tree is made of; undefined: nobody knows, and packages cost what they cost alone. */
  readonly plan: Plan | undefined;
  readonly stages: readonly Stage[];
  readonly include: readonly string[];
  readonly contents: readonly ContentsEntry[];
}

/** As many as a reader compares. */
const MAX_SUGGESTIONS = 3;
/** Each is a plan to be made. */
const MAX_CANDIDATES = 8;

/** Base names of files that would close the tree, to be looked up in Contents indices. */
export function namesToLookUp(findings: readonly Finding[]): Set<string> {
  return new Set(findings.flatMap(({ wanted: { paths, libraries } }) => [...paths.map(nameOf), ...libraries]));
}

/** What would supply a missing thing, the cheapest first. */
export function suggest({ wanted }: Finding, context: SuggestContext): Suggestion[] {
  const names = candidatesFor(wanted, context).slice(0, MAX_CANDIDATES);
  const costs = names.flatMap((name) => costOf(name, context) ?? []);
  return costs.sort((a, b) => a.bytes - b.bytes || (a.package < b.package ? -1 : 1)).slice(0, MAX_SUGGESTIONS);
}

function candidatesFor({ paths, libraries, packages }: Wanted, { universe, contents }: SuggestContext): string[] {
  const byPath = paths.map(unmerged);
  const exact = contents.filter(({ path }) => byPath.includes(unmerged(path)));
  const inLibraries = contents.filter(({ path }) => libraries.includes(nameOf(path)) && isLibraryPlace(path));
  const listed = [...exact, ...inLibraries].flatMap((entry) => entry.packages);
  const guessed = [...packages, ...libraries.flatMap(packagesOfSoname)];
  const virtual = packages.flatMap((name) => universe.providing(name).map((record) => record.name));
  const all = listed.length > 0 ? listed : [...guessed, ...virtual];
  return [...new Set(all)].filter((name) => universe.named(name).length > 0);
}

/** Contents of before merged /usr have `bin/sh`; who asks may mean either. */
function unmerged(path: string): string {
  return path.replace(/^\/usr\/(?=(?:bin|sbin|lib[0-9a-z]*)\/)/, '/');
}

/** Where the dynamic linker looks: no cross compiler's directory, and no program's own. */
function isLibraryPlace(path: string): boolean {
  return /^\/lib(?:64|32|x32)?\/(?:[a-z0-9_]+-linux-[a-z0-9]+\/)?[^/]+$|\/security\/[^/]+$/.test(unmerged(path));
}

/** Undefined where it cannot be had beside the rest. */
function costOf(name: string, { universe, plan, stages, include }: SuggestContext): Suggestion | undefined {
  try {
    const added = solve({ stages: withPackage(stages, name), include, exclude: [] }, universe);
    const known = new Set(
      plan === undefined ? [] : recordsOf(plan).map((record) => packageName(record, plan.architecture)),
    );
    const records = recordsOf(added).filter((record) => !known.has(packageName(record, added.architecture)));
    const bytes = records.reduce((sum, { installedSize }) => sum + installedSize * 1024, 0);
    return { package: name, packages: records.length, bytes };
  } catch {
    return undefined;
  }
}

/** A stage of its own on top, as `--fix` writes it. */
function withPackage(stages: readonly Stage[], name: string): Stage[] {
  const own = { packages: [name], essential: false, priorities: [], recommends: false, drops: [], prefer: [] };
  return [...stages, { name: 'closed', ...own }];
}

function recordsOf({ stages }: Plan): PackageRecord[] {
  return stages.flatMap(({ packages }) => packages.map(({ record }) => record));
}
