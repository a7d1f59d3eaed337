import type { CheckReport } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { formatFix } from './check-fix.js';
import { checkJson } from './check-json.js';
import { formatCheckTable } from './check-table.js';
import { type ChoiceArguments, choiceOf, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { epochOf, excludePathsOf, jobsOf } from './options.js';
import { createProgress } from './progress.js';
import { lookOf } from './text.js';

/** The options of `check` as the parser gives them. */
export interface CheckArguments extends ChoiceArguments, PackagesArguments {
  /** A file or directory; undefined: the profile's tree. */
  readonly path: string | undefined;
  readonly excludePath: readonly string[];
  readonly json: boolean;
  readonly fix: boolean;
  readonly noSuggest: boolean;
  readonly jobs: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/**
 * Says what is missing in a tree, who needs it, and what would supply it. The report goes to standard output, all else to
 * error.
 *
 * @returns the exit status: 0 where the tree is closed, 1 where it is open
 */
export async function runCheck(given: CheckArguments, io: Io, interruption: Interruption): Promise<0 | 1> {
  const { path, json, fix, quiet, verbose } = given;
  if (quiet && verbose) throw new KoalaError('usage', 'cannot do both: --quiet and --verbose');
  if (json && fix) throw new KoalaError('usage', 'cannot do both: --json and --fix');
  const hasProfile = given.profile !== undefined || given.packages.length > 0;
  if (path === undefined && !hasProfile) {
    throw new KoalaError('usage', 'cannot check nothing', {
      hint: 'give a FILE or DIRECTORY with a root filesystem or an image, or --profile NAME',
    });
  }
  const epoch = epochOf(io.environment);
  const jobs = jobsOf(given.jobs);
  const excludePaths = excludePathsOf(given.excludePath);
  // Of Debian's archives the smallest profile knows as much as any other; what it says of its tree is not of this one.
  const choice = await choiceOf(hasProfile ? given : { ...given, profile: 'static' }, io);
  const profile = hasProfile ? choice.profile : { ...choice.profile, accept: [], environment: {} };
  const progress = await createProgress(io, path === undefined ? given : { ...given, quiet: true });
  interruption.onFirst(() => progress.say('cancelling; once more stops at once'));
  const report = await io
    .check({
      ...choice,
      locked: undefined,
      profile,
      path,
      excludePaths,
      artifactArchitecture: given.arch === undefined ? undefined : choice.architecture,
      suiteOfArtifact: !hasProfile && given.suite === undefined,
      suggest: !given.noSuggest,
      close: fix,
      epoch,
      jobs,
      signal: interruption.signal,
      onEvent: (event) => {
        if (path === undefined || event.type === 'warning') progress.onEvent(event);
      },
    })
    .finally(() => progress.stop());
  if (!quiet || json || fix) io.stdout.write(textOf(report, given, io));
  return report.closed ? 0 : 1;
}

function textOf(report: CheckReport, { json, verbose }: CheckArguments, io: Io): string {
  if (json) return `${JSON.stringify(checkJson(report), null, 2)}\n`;
  const look = lookOf(io.stdout, io.environment);
  if (report.closing !== undefined) return formatFix(report.closing);
  // What reads a pipe wants all of it.
  return formatCheckTable(report, { verbose, look, columns: io.stdout.columns || Number.POSITIVE_INFINITY });
}
