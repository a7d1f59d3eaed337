import { maskUrl } from '../archive/url.js';
import { type Edge, graphOf } from '../build/plan-graph.js';
import type { Planned } from '../build-types.js';
import type { Reason } from '../solve/types.js';
import type { Choice } from './choice.js';

/** A plan as `plan --json` prints it. These fields stay as they are; others may come. Sizes are bytes. */
interface PlanJson {
  /** `packages` where there was no profile. */
  readonly profile: string;
  readonly suite: string;
  readonly architecture: string;
  readonly archives: readonly {
    readonly url: string;
    readonly suite: string;
    readonly date: string;
    readonly sha256: string;
    readonly signedBy: readonly string[];
  }[];
  /** Suites with updates that the profile names and that were not read. */
  readonly unread: readonly string[];
  readonly stages: readonly {
    readonly name: string;
    readonly packages: number;
    readonly size: number;
    readonly installedSize: number;
  }[];
  /** Stage by stage, in the order in which dpkg would configure them. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly stage: string;
    readonly source: { readonly name: string; readonly version: string };
    readonly reason: Reason;
    /** Dependencies that are met in the plan, each package once, `NAME:ARCHITECTURE` where it is foreign. */
    readonly needs: readonly { readonly type: Edge['type']; readonly relation: string; readonly package: string }[];
    /** Of the .deb. */
    readonly size: number;
    /** As the package estimates it, in whole KiB. */
    readonly installedSize: number;
    readonly sha256: string;
    /** Below the archive's URL. */
    readonly filename: string;
    readonly archive: { readonly suite: string; readonly url: string };
  }[];
  readonly dropped: readonly {
    readonly package: string;
    readonly by: string;
    readonly relation: string;
    readonly reason: string;
  }[];
  /** Drops that met no dependency; `from` is null where the drop is for all packages. */
  readonly unusedDrops: readonly {
    readonly package: string;
    readonly from: string | null;
    readonly reason: string;
  }[];
}

export function planJson({ plan, releases, unread }: Planned, { profile, suite, architecture }: Choice): PlanJson {
  const nodes = graphOf(plan);
  const packages = nodes.map(({ record, stage, reason, needs }) => ({
    name: record.name,
    version: record.version,
    architecture: record.architecture,
    stage,
    source: record.source,
    reason,
    needs: needs.map(({ type, relation, to }) => ({ type, relation, package: to.title })),
    size: record.size,
    installedSize: record.installedSize * 1024,
    sha256: record.sha256,
    filename: record.filename,
    archive: { suite: record.archive.suite, url: maskUrl(record.archive.uris[0] ?? '') },
  }));
  return {
    profile: profile.name,
    suite,
    architecture,
    archives: releases.map((release) => ({
      url: release.url,
      suite: release.codename || release.suite,
      date: new Date(release.date * 1000).toISOString(),
      sha256: release.sha256,
      signedBy: release.signedBy,
    })),
    unread: unread.map((spec) => spec.suite),
    stages: plan.stages.map(({ name }) =>
      totalsOf(
        name,
        packages.filter(({ stage }) => stage === name),
      ),
    ),
    packages,
    dropped: plan.dropped.map(({ drop, by, relation }) => {
      return { package: drop.package, by, relation, reason: drop.reason };
    }),
    unusedDrops: plan.unusedDrops.map(({ package: name, from, reason }) => ({
      package: name,
      from: from ?? null,
      reason,
    })),
  };
}

function totalsOf(name: string, packages: readonly { readonly size: number; readonly installedSize: number }[]) {
  const sum = (of: 'size' | 'installedSize'): number => packages.reduce((total, one) => total + one[of], 0);
  return { name, packages: packages.length, size: sum('size'), installedSize: sum('installedSize') };
}
