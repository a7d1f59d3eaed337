import { basename } from 'node:path';
import { buildKey, keepOutput, type Made, takeOutput } from './build/kept-output.js';
import type { ProvenanceSubject } from './build/provenance.js';
import type { PreparedSboms } from './build/sbom-files.js';
import { refuseNotUnderstood, scriptWarnings } from './build/script-warnings.js';
import { summarise, summariseAgain } from './build/summarise.js';
import type { BuildEvent, BuildOptions, BuildSummary } from './build-types.js';
import type { TreeReport } from './check/check-tree.js';
import { type ConfiguredTree, type ReadyToFetch, withConfiguredTree } from './configured-tree.js';
import { emit, threadPacking } from './emit/output.js';
import { OutputThread } from './emit/output-thread.js';
import { statIfThere } from './files/there.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { refuseForbidden } from './rootfs/forbidden.js';
import { clampTimes } from './rootfs/normalise.js';

/**
 * The pipeline on two pages: profile → archives → plan → .debs → unpacked packages → tree → configured tree
 * (configured-tree.ts) → artifact. Each step is a function of what it is given; only these pages know all of them.
 *
 * @throws KoalaError with a message for the user; then there is no output, and the store is whole.
 */
export async function build(options: BuildOptions): Promise<BuildSummary> {
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'warning') warnings.push(event.text);
    options.onEvent(event);
  };
  const watched = { ...options, onEvent };
  const thread = new OutputThread();
  let keep: ((made: Made) => Promise<void>) | undefined;
  const use = async (configured: ConfiguredTree): Promise<BuildSummary> => {
    const { tree, stages, scripts, epoch, clock, signal } = configured;
    if (options.strict) refuseNotUnderstood(scripts);
    for (const text of scriptWarnings(scripts)) onEvent({ type: 'warning', text });

    let gone: ReturnType<typeof filterPaths> = new Map();
    for (const stage of stages) {
      // The last stage is the tree.
      gone = filterPaths(stage.tree, pathRules(options.profile, options.excludePaths));
      clampTimes(stage.tree, epoch);
    }

    /** What may refuse the tree, and its SBOMs; once. */
    let accounting: Promise<Accounted> | undefined;
    const account = (): Promise<Accounted> => {
      accounting ??= accountFor(configured, watched, gone);
      return accounting;
    };
    const { output: path, format, stdout, jobs } = options;
    // An SBOM inside is a part of what is written; otherwise both go on at the same time, where what is written can be taken back.
    if ((options.sbom?.inside ?? []).length > 0) await account();
    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const output = await emit(tree, {
      output: path,
      format,
      stdout,
      jobs,
      signal,
      onProgress,
      thread,
      before: account,
    });
    const { check, prepared } = await account();
    const artifact = { type: 'tar', sha256: output.tarSha256 } as const;
    const sboms = prepared === undefined ? [] : await (await sbomFiles()).finishSboms(prepared, artifact, options);
    clock.finish('write');
    for (const text of output.notes) onEvent({ type: 'warning', text });
    const { bytes, sha256, tarSha256, entries } = output;
    const subject = { name: basename(path), sha256, sboms };
    const provenance = await writeProvenance(options, configured, subject);
    const summary = {
      ...summarise({ ...configured, options, check, sboms, warnings, seconds: clock.seconds() }),
      reused: false,
      output: { path, format, bytes, sha256, tarSha256, entries },
      ...provenance,
    };
    await keep?.({ summary, recipe: output.recipe, packages: configured.unpacked.packages });
    return summary;
  };
  const reuse = async (ready: ReadyToFetch): Promise<BuildSummary | undefined> => {
    const { store, chosen, clock } = ready;
    const key = buildKey(options, ready);
    const before = await takeOutput(store, key, watched, clock);
    if (before === undefined) {
      keep = (made) => keepOutput(store, key, made);
      return undefined;
    }
    for (const text of before.warnings) if (!warnings.includes(text)) onEvent({ type: 'warning', text });
    return summariseAgain(before, { options, chosen, warnings, seconds: clock.seconds() });
  };
  const warm = (): void => {
    const inThread = threadPacking(options);
    if (inThread !== undefined && options.output !== '-') thread.start(inThread.packing);
  };
  const hooks = { ...(isReusable(options) ? { instead: reuse } : {}), unpacked: warm };
  return withConfiguredTree(watched, use, hooks).finally(() => thread.close());
}

/** What is known of a tree that nothing refused. */
interface Accounted {
  readonly check: TreeReport | undefined;
  /** Where SBOMs are asked for. */
  readonly prepared: PreparedSboms | undefined;
}

async function accountFor(
  configured: ConfiguredTree,
  options: BuildOptions,
  gone: ReturnType<typeof filterPaths>,
): Promise<Accounted> {
  const check = options.check
    ? await (await import('./build/check-built.js')).checkBuilt(configured, options, gone)
    : undefined;
  refuseForbidden(configured.tree, options.profile.forbid ?? []);
  configured.clock.start('write');
  const { beside = [], inside = [] } = options.sbom ?? {};
  const isAsked = beside.length + inside.length > 0;
  return { check, prepared: isAsked ? await (await sbomFiles()).prepareSboms(configured, options) : undefined };
}

/** SBOMs need code that few builds do. */
function sbomFiles() {
  return import('./build/sbom-files.js');
}

async function writeProvenance(options: BuildOptions, configured: ConfiguredTree, subject: ProvenanceSubject) {
  if (options.provenance !== true) return {};
  const { provenanceOfBuild } = await import('./build/provenance.js');
  return provenanceOfBuild(options, [configured], subject);
}

/**
 * Only files are kept: what a stream or a device took cannot be taken back where a copy turns out to be damaged. An SBOM says more
 * than what decides on the packages: the Release files that they were verified by.
 */
function isReusable({ reuse, format, output, sbom, provenance }: BuildOptions): boolean {
  return (
    reuse === true &&
    format !== 'dir' &&
    output !== '-' &&
    (sbom?.beside ?? []).length + (sbom?.inside ?? []).length === 0 &&
    provenance !== true &&
    statIfThere(output)?.isFile() !== false
  );
}
