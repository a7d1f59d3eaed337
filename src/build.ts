import { refuseNotUnderstood, scriptWarnings } from './build/script-warnings.js';
import { summarise } from './build/summarise.js';
import type { BuildEvent, BuildOptions, BuildSummary } from './build-types.js';
import { withConfiguredTree } from './configured-tree.js';
import { emit } from './emit/output.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { refuseForbidden } from './rootfs/forbidden.js';
import { clampTimes } from './rootfs/normalise.js';

export { audit } from './audit.js';
export type {
  AuditOptions,
  AuditReport,
  BuildEvent,
  BuildOptions,
  BuildSummary,
  OutputFormat,
  Planned,
  PlanOptions,
  Step,
} from './build-types.js';
export { plan } from './plan.js';

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
  return withConfiguredTree({ ...options, onEvent }, async (configured) => {
    const { tree, stages, scripts, epoch, clock, signal } = configured;
    if (options.strict) refuseNotUnderstood(scripts);
    for (const text of scriptWarnings(scripts)) onEvent({ type: 'warning', text });

    const { output: path, format, stdout, jobs } = options;
    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const output = await clock.run('write', () => {
      for (const stage of stages) {
        filterPaths(stage.tree, pathRules(options.profile, options.excludePaths));
        clampTimes(stage.tree, epoch);
      }
      refuseForbidden(tree, options.profile.forbid ?? []);
      return emit(tree, { output: path, format, stdout, jobs, signal, onProgress });
    });
    for (const text of output.notes) onEvent({ type: 'warning', text });
    return summarise({ ...configured, options, output, warnings, seconds: clock.seconds() });
  });
}
