import { packageName } from './archive/package-name.js';
import { settingsOf } from './build/check-settings.js';
import type { CheckOptions } from './build-types.js';
import { type CheckedFinding, checkTree } from './check/check-tree.js';
import { type Slicing, sliceOf } from './check/slice.js';
import type { Suggestion } from './check/suggest.js';
import { withConfiguredTree } from './configured-tree.js';
import { KoalaError } from './formats/errors.js';
import type { Profile, Slice, Stage } from './profile/types.js';
import { contentSize } from './rootfs/content.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import type { Tree } from './rootfs/tree.js';
import type { Plan } from './solve/types.js';

/** What a profile would have to ask for. */
export interface Closing {
  readonly packages: readonly { readonly name: string; readonly missing: readonly string[] }[];
  /** Dependencies of theirs of which nothing is needed. */
  readonly drops: readonly string[];
  /** Empty where packages are needed whole. */
  readonly slices: readonly Slice[];
  /** Bytes of the files that come in; undefined: nobody made the tree. */
  readonly bytes: { readonly whole: number; readonly added: number } | undefined;
  /** What no package supplies. */
  readonly others: readonly CheckedFinding[];
  /** Why no archive was asked; undefined: one was. */
  readonly unasked: string | undefined;
}

type Suggestions = ReadonlyMap<CheckedFinding, readonly Suggestion[]>;

/**
 * The cheapest package for each thing that leaves a tree open.
 *
 * @param unasked why no archive was asked, where none was
 */
export function closingOf(
  findings: readonly CheckedFinding[],
  suggestions: Suggestions,
  unasked: string | undefined,
): Closing {
  const packages = new Map<string, string[]>();
  const others: CheckedFinding[] = [];
  for (const finding of findings.filter(isOpen)) {
    const [cheapest] = suggestions.get(finding) ?? [];
    if (cheapest === undefined || finding.type === 'symbol-version') others.push(finding);
    else packages.set(cheapest.package, [...(packages.get(cheapest.package) ?? []), finding.missing]);
  }
  const named = [...packages].map(([name, missing]) => ({ name, missing: [...new Set(missing)] }));
  return { packages: named, drops: [], slices: [], bytes: undefined, others, unasked };
}

/**
 * The same with no more of the packages than the tree needs, where that is found: the profile with the packages is made in
 * memory, cut down, and made again as it would then be written.
 *
 * @param plan what the tree is made of without them
 * @throws KoalaError as builds do
 */
export async function slicedClosing(
  closing: Closing,
  findings: readonly CheckedFinding[],
  options: CheckOptions,
  plan: Plan,
): Promise<Closing> {
  if (closing.packages.length === 0 || options.locked !== undefined) return closing;
  const quiet = { ...options, onEvent: () => {} };
  const known = new Set(namesOf(plan));
  const wanted = findings.filter((finding) => isOpen(finding) && !closing.others.includes(finding));
  const make = (lines: Closing, isWhole: boolean) => {
    return madeTree({ ...quiet, profile: withClosing(options.profile, lines) }, known, isWhole ? wanted : []);
  };

  const whole = await make(closing, true);
  const withBytes = { ...closing, bytes: { whole: whole.bytes, added: whole.bytes } };
  if (whole.slicing === undefined) return withBytes;
  const { slices, unneeded } = whole.slicing;
  // What only dropped packages depend on does not come in anyway, and a drop of it would meet nothing.
  const first = await make({ ...closing, slices, drops: unneeded }, false).catch(noTree);
  if (first === undefined) return withBytes;
  const unused = new Set(first.plan.unusedDrops.map((drop) => drop.package));
  const drops = unneeded.filter((name) => !unused.has(name));
  const closes = first.open.every((key) => whole.open.includes(key));
  if (!closes || first.bytes >= whole.bytes) return withBytes;
  return { ...closing, slices, drops, bytes: { whole: whole.bytes, added: first.bytes } };
}

/** The reason that a drop is written with. */
export const DROP_REASON = 'Nothing that is kept needs it';

function isOpen({ severity, accepted }: CheckedFinding): boolean {
  return severity === 'error' && accepted === undefined;
}

/** What cannot be put together is no proposal. */
function noTree(error: unknown): undefined {
  if (error instanceof KoalaError && error.code !== 'cancelled') return undefined;
  throw error;
}

interface Made {
  readonly plan: Plan;
  /** Of the files of packages that are not known. */
  readonly bytes: number;
  /** What is missing, by type and name. */
  readonly open: readonly string[];
  readonly slicing: Slicing | undefined;
}

async function madeTree(
  options: CheckOptions,
  known: ReadonlySet<string>,
  wanted: readonly CheckedFinding[],
): Promise<Made> {
  return withConfiguredTree(options, async ({ tree, plan }) => {
    const gone = filterPaths(tree, pathRules(options.profile, options.excludePaths));
    const check = (one: Tree) => checkTree(one, settingsOf(options, plan, gone));
    const added = new Set(namesOf(plan).filter((name) => !known.has(name)));
    const open = check(tree).findings.filter(isOpen);
    const slicing =
      wanted.length === 0 ? undefined : sliceOf({ tree, added, wanted: wanted.map((one) => one.wanted), check });
    return { plan, bytes: bytesOf(tree, added), open: open.map(({ type, missing }) => `${type} ${missing}`), slicing };
  });
}

function namesOf({ stages, architecture }: Plan): string[] {
  return stages.flatMap(({ packages }) => packages.map(({ record }) => packageName(record, architecture)));
}

function bytesOf(tree: Tree, names: ReadonlySet<string>): number {
  const nodes = new Set([...tree.walk()].map(([, node]) => node));
  let bytes = 0;
  for (const node of nodes) {
    if (node.type === 'file' && node.owner.type === 'package' && names.has(node.owner.name)) {
      bytes += contentSize(node.content);
    }
  }
  return bytes;
}

/** A profile with the lines that are proposed. */
function withClosing(profile: Profile, { packages, drops, slices }: Closing): Profile {
  const stage: Stage = {
    name: 'closed',
    packages: packages.map(({ name }) => name),
    essential: false,
    priorities: [],
    recommends: false,
    drops: drops.map((name) => ({ package: name, from: undefined, reason: DROP_REASON })),
    prefer: [],
  };
  return { ...profile, stages: [...profile.stages, stage], slices: [...profile.slices, ...slices] };
}
