import type { BuildOptions, BuildSummary, Chosen } from '../build-types.js';
import { notConfigured, type ScriptAudit } from '../configure/audit.js';
import type { WrittenSbom } from '../emit/sbom/write.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Unpacked } from './fetch-and-unpack.js';

interface Results {
  readonly options: Pick<BuildOptions, 'profile' | 'suite' | 'architecture'>;
  readonly chosen: Chosen;
  readonly unpacked: Unpacked;
  readonly scripts: readonly ScriptAudit[];
  readonly sboms: readonly WrittenSbom[];
  readonly epoch: number;
  readonly warnings: readonly string[];
  readonly seconds: BuildSummary['seconds'];
}

/** Puts what a build did into one value: the final table and `--json` show it, nothing in it is computed again. */
export function summarise(results: Results): Omit<BuildSummary, 'output' | 'reused'> {
  const { options, chosen, unpacked } = results;
  const { plan } = chosen;
  const bytesOf = new Map(unpacked.packages.map((input) => [input.record, contentBytes(input)]));
  const packages = plan.stages.flatMap((stage) => {
    return stage.packages.map(({ record }) => ({
      name: record.name,
      version: record.version,
      architecture: record.architecture,
      stage: stage.name,
      size: record.size,
      bytes: bytesOf.get(record) ?? 0,
      sha256: record.sha256,
    }));
  });
  const total = (list: readonly { readonly bytes: number }[]) => list.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    profile: options.profile.name,
    suite: options.suite,
    architecture: options.architecture,
    epoch: results.epoch,
    ...archivesRead(chosen),
    stages: plan.stages.map(({ name }) => {
      const own = packages.filter(({ stage }) => stage === name);
      return { name, packages: own.length, bytes: total(own) };
    }),
    packages,
    notConfigured: notConfigured(results.scripts),
    scripts: results.scripts,
    warnings: results.warnings,
    sboms: results.sboms,
    bytes: { fetched: unpacked.fetched, fromStore: unpacked.fromStore, unpacked: total(packages) },
    seconds: results.seconds,
  };
}

/** The summary of an output that was built before, told as of now. */
export function summariseAgain(
  before: BuildSummary,
  now: Pick<Results, 'chosen' | 'warnings' | 'seconds'> & { readonly options: Pick<BuildOptions, 'output'> },
): BuildSummary {
  const { options, chosen, warnings, seconds } = now;
  return {
    ...before,
    ...archivesRead(chosen),
    warnings,
    output: { ...before.output, path: options.output },
    reused: true,
    bytes: { ...before.bytes, fetched: 0, fromStore: 0 },
    seconds,
  };
}

function archivesRead({ releases, unread }: Chosen): Pick<BuildSummary, 'archives' | 'unread'> {
  return {
    archives: releases.map(({ url, suite, codename, date, sha256, signedBy }) => {
      return { url, suite: codename || suite, date: new Date(date * 1000).toISOString(), sha256, signedBy };
    }),
    unread: unread.map((spec) => spec.suite),
  };
}

function contentBytes({ unpacked }: MergeInput): number {
  return unpacked.entries.reduce((sum, { size }) => sum + size, 0);
}
