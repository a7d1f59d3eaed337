import type { BuildOptions, BuildSummary, Chosen } from '../build-types.js';
import { notConfigured, type ScriptAudit } from '../configure/audit.js';
import type { Emitted } from '../emit/output.js';
import type { MergeInput } from '../rootfs/merge.js';
import type { Unpacked } from './fetch-and-unpack.js';

interface Results {
  readonly options: BuildOptions;
  readonly chosen: Chosen;
  readonly unpacked: Unpacked;
  readonly scripts: readonly ScriptAudit[];
  readonly check: BuildSummary['check'];
  readonly output: Emitted;
  readonly epoch: number;
  readonly warnings: readonly string[];
  readonly seconds: BuildSummary['seconds'];
}

/** Puts what a build did into one value: the final table and `--json` show it, nothing in it is computed again. */
export function summarise(results: Results): BuildSummary {
  const { options, chosen, unpacked, output } = results;
  const { plan, releases, unread } = chosen;
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
    archives: releases.map(({ url, suite, codename, date, sha256, signedBy }) => {
      return { url, suite: codename || suite, date: new Date(date * 1000).toISOString(), sha256, signedBy };
    }),
    unread: unread.map((spec) => spec.suite),
    stages: plan.stages.map(({ name }) => {
      const own = packages.filter(({ stage }) => stage === name);
      return { name, packages: own.length, bytes: total(own) };
    }),
    packages,
    notConfigured: notConfigured(results.scripts),
    scripts: results.scripts,
    check: results.check,
    warnings: results.warnings,
    output: {
      path: options.output,
      format: options.format,
      bytes: output.bytes,
      sha256: output.sha256,
      tarSha256: output.tarSha256,
      entries: output.entries,
    },
    bytes: { fetched: unpacked.fetched, fromStore: unpacked.fromStore, unpacked: total(packages) },
    seconds: results.seconds,
  };
}

function contentBytes({ unpacked }: MergeInput): number {
  return unpacked.entries.reduce((sum, { size }) => sum + size, 0);
}
