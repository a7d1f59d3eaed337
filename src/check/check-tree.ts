import { globMatcher } from '../formats/glob.js';
import type { AcceptedGap } from '../profile/types.js';
import { readText } from '../rootfs/content.js';
import { ContentReader } from '../rootfs/content-reader.js';
import type { PathRule } from '../rootfs/filters.js';
import type { Tree } from '../rootfs/tree.js';
import { architectureOf } from './abi.js';
import { type CausedFinding, causesOf, type Dropped } from './causes.js';
import { checkCommands } from './commands.js';
import { Findings } from './findings.js';
import { brokenPrograms, checkObjects } from './libraries.js';
import { checkLinks } from './links.js';
import { executableIn } from './lookup.js';
import { checkOpenings } from './openings.js';
import { scanTree } from './scan.js';
import { checkInterpreters } from './scripts.js';
import { LibrarySearch } from './search.js';
import type { Need, Scan } from './types.js';

export interface CheckSettings {
  /** Debian's names of what the tree is for, its own first; empty: what most of its programs are for. */
  readonly architectures: readonly string[];
  /** Variables that programs are started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly accept: readonly AcceptedGap[];
  readonly dropped: readonly Dropped[];
  /** Paths that the profile's rules took out of the tree. */
  readonly gone: ReadonlyMap<string, PathRule>;
  /** The package of a path, where the tree does not know. */
  readonly packageOf: (path: string) => string | undefined;
}

/** A finding with what became of it. */
export interface CheckedFinding extends CausedFinding {
  /** What does not start for want of it, by paths. */
  readonly stops: { readonly programs: readonly string[]; readonly scripts: readonly string[] };
  /** Why somebody accepts it; undefined where nobody does. */
  readonly accepted: string | undefined;
}

export interface TreeReport {
  /** Nothing that is missing is an error, but for what is accepted. */
  readonly closed: boolean;
  /** Debian's name of what the tree is for; undefined where no file tells. */
  readonly architecture: string | undefined;
  /** The oldest Linux that all programs run on, as they say. */
  readonly kernel: string | undefined;
  readonly findings: readonly CheckedFinding[];
  /** Of those that are accepted in the profile and not missing. */
  readonly unusedAccepts: readonly AcceptedGap[];
  readonly counts: {
    readonly files: number;
    readonly elf: number;
    readonly programs: number;
    readonly scripts: number;
    readonly links: number;
  };
}

/** Looks for all that files of a tree need and do not have in it; starts nothing. */
export function checkTree(tree: Tree, settings: CheckSettings): TreeReport {
  const reader = new ContentReader();
  try {
    const scan = scanTree(tree, reader);
    const architectures = settings.architectures.length > 0 ? settings.architectures : commonest(scan);
    const search = new LibrarySearch(tree, scan);
    const findings = new Findings();
    const needOf = (path: string, how: string): Need => ({ path, package: ownerOf(tree, path, settings), how });
    if (architectures.length > 0) checkObjects({ scan, search, findings, architectures, needOf });
    checkPreloads(tree, search, findings, needOf);
    const canExecute = executableIn(tree);
    checkInterpreters(scan, canExecute, findings, needOf);
    checkLinks(tree, scan, findings, needOf);
    checkCommands({ tree, scan, reader, canExecute, findings, needOf });
    checkOpenings({ tree, scan, search, findings, environment: settings.environment, needOf });
    const list = findings.list().map(causesOf(tree, settings.dropped, settings.gone));
    const broken = brokenPrograms({ scan, search }, list);
    const scripts = new Set(scan.scripts.map(({ path }) => path));
    const { checked, unused } = acceptAll(list, settings.accept, { broken, scripts });
    return {
      closed: checked.every(({ severity, accepted }) => severity !== 'error' || accepted !== undefined),
      architecture: architectures[0],
      kernel: newestKernel(scan),
      findings: checked,
      unusedAccepts: unused,
      counts: {
        files: scan.files,
        elf: scan.objects.length,
        programs: scan.objects.filter(({ interpreter, path }) => interpreter !== undefined && !path.includes('.so'))
          .length,
        scripts: scan.scripts.length,
        links: scan.links.length,
      },
    };
  } finally {
    reader.close();
  }
}

function ownerOf(tree: Tree, path: string, { packageOf }: CheckSettings): string | undefined {
  const owner = path.startsWith('/') ? tree.get(path)?.owner : undefined;
  if (owner?.type === 'package') return owner.name;
  if (owner?.type === 'effect' && owner.package !== undefined) return owner.package;
  return packageOf(path);
}

/** ld.so(8), "FILES": what is named there is loaded into every program. */
function checkPreloads(
  tree: Tree,
  search: LibrarySearch,
  findings: Findings,
  needOf: (path: string, how: string) => Need,
): void {
  const path = '/etc/ld.so.preload';
  const names = (readText(tree, path) ?? '').replace(/#.*/g, '').split(/[\s:]+/);
  for (const name of names.filter((one) => one.startsWith('/') && search.at(one) === undefined)) {
    findings.add({ type: 'library', severity: 'error', missing: name, wanted: { paths: [name] } }, needOf(path, name));
  }
}

/** What most programs of a tree are for; libraries count where there are no programs. */
function commonest({ objects }: Scan): string[] {
  const counts = new Map<string, number>();
  const programs = objects.filter(({ interpreter, dynamic }) => interpreter !== undefined || dynamic === undefined);
  for (const { abi } of programs.length > 0 ? programs : objects) {
    const name = architectureOf(abi);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 1)
    .map(([name]) => name);
}

function newestKernel({ objects }: Scan): string | undefined {
  const numbers = (text: string): number => text.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  return [...new Set(objects.flatMap(({ kernel }) => kernel ?? []))].sort((a, b) => numbers(b) - numbers(a))[0];
}

/** Which programs do not start for want of a thing, and what is a script. */
interface Stopped {
  readonly broken: ReadonlyMap<CausedFinding, readonly string[]>;
  readonly scripts: ReadonlySet<string>;
}

/** What stops programs comes before what stops scripts, and both before the rest. */
function harm({ severity, stops }: CheckedFinding): number {
  if (severity !== 'error') return severity === 'warning' ? 3 : 4;
  return stops.programs.length > 0 ? 0 : stops.scripts.length > 0 ? 1 : 2;
}

function pathsOf(needs: readonly Need[]): string[] {
  return [...new Set(needs.map(({ path }) => path))];
}

/** A gap is accepted for the needs that its globs match; the others stay. */
function acceptAll(list: readonly CausedFinding[], accept: readonly AcceptedGap[], { broken, scripts }: Stopped) {
  const rules = accept.map((gap) => ({
    gap,
    missing: globMatcher(gap.missing),
    path: gap.path === undefined ? () => true : globMatcher(gap.path),
  }));
  const used = new Set<AcceptedGap>();
  const checked = list.flatMap((finding): CheckedFinding[] => {
    const stops = (needs: readonly Need[]): CheckedFinding['stops'] => ({
      programs: broken.get(finding) ?? [],
      scripts: finding.type === 'interpreter' ? pathsOf(needs).filter((path) => scripts.has(path)) : [],
    });
    const open: Need[] = [];
    const accepted = new Map<AcceptedGap, Need[]>();
    for (const need of finding.needs) {
      const rule = rules.find(({ missing, path }) => missing(finding.missing) && path(need.path));
      if (rule === undefined || finding.severity === 'information') {
        open.push(need);
        continue;
      }
      used.add(rule.gap);
      accepted.set(rule.gap, [...(accepted.get(rule.gap) ?? []), need]);
    }
    return [
      ...(open.length > 0 ? [{ ...finding, needs: open, stops: stops(open), accepted: undefined }] : []),
      ...[...accepted].map(([{ reason }, needs]) => ({ ...finding, needs, stops: stops(needs), accepted: reason })),
    ];
  });
  checked.sort((a, b) => harm(a) - harm(b));
  return { checked, unused: accept.filter((gap) => !used.has(gap)) };
}
