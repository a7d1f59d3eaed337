import type { AuditReport } from '../build-types.js';
import type { ScriptAudit } from '../configure/audit.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { formatAuditTable, outcomeCounts } from './audit-table.js';
import { type Choice, type ChoiceArguments, choiceOf, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { epochOf, jobsOf } from './options.js';
import { type TalkArguments, withProgress } from './progress.js';
import { counted, lookOf, reportColumns } from './text.js';

/** The options of `audit` as the parser gives them. */
export interface AuditArguments extends ChoiceArguments, PackagesArguments, TalkArguments {
  readonly json: boolean;
  readonly strict: boolean;
  readonly jobs: string | undefined;
}

/** An audit as `--json` prints it. These fields stay as they are; others may come. */
interface AuditJson {
  /** `packages` where there was no profile. */
  readonly profile: string;
  readonly suite: string;
  readonly architecture: string;
  /** The build date that scripts were told, seconds since the epoch. */
  readonly epoch: number;
  /** How many there are, those without scripts too. */
  readonly packages: number;
  /** How many scripts have each outcome. */
  readonly outcomes: Readonly<Record<ScriptAudit['outcome'], number>>;
  /** In the order in which they ran. */
  readonly scripts: readonly ScriptAudit[];
}

/**
 * Says of each maintainer script what configuring makes of it, and writes no tree. The report goes to standard output, all
 * else to error.
 *
 * @throws KoalaError `configure` with `--strict`, once the report is written, where a script is not understood
 */
export async function runAudit(given: AuditArguments, io: Io, interruption: Interruption): Promise<void> {
  const { json, strict, verbose } = given;
  const epoch = epochOf(io.environment);
  const jobs = jobsOf(given.jobs);
  const choice = await choiceOf(given, io, { essential: true });
  const report = await withProgress(io, given, interruption, (_, watch) =>
    io.audit({ ...choice, locked: undefined, epoch, jobs, ...watch }),
  );
  const look = lookOf(io.stdout, io.environment);
  const columns = reportColumns(io.stdout);
  const text = json ? jsonText(auditJson(report, choice)) : formatAuditTable(report, { verbose, look, columns });
  io.stdout.write(text);
  const failed = outcomeCounts(report.scripts)['not-understood'];
  if (!strict || failed === 0) return;
  throw new KoalaError('configure', `cannot pass --strict: ${counted(failed, 'maintainer script')} not understood`);
}

function auditJson({ chosen, epoch, scripts }: AuditReport, { profile, suite, architecture }: Choice): AuditJson {
  const packages = chosen.plan.stages.reduce((sum, stage) => sum + stage.packages.length, 0);
  return {
    profile: profile.name,
    suite,
    architecture,
    epoch,
    packages,
    outcomes: outcomeCounts(scripts),
    scripts,
  };
}
