import type { CheckReport } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { formatFix } from './check-fix.js';
import { checkJson } from './check-json.js';
import { formatCheckTable } from './check-table.js';
import { type ChoiceArguments, choiceOf, type PackagesArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { epochOf, excludePathsOf, jobsOf } from './options.js';
import { type TalkArguments, withProgress } from './progress.js';
import { lookOf, reportColumns } from './text.js';

/** The options of `check` as the parser gives them. */
export interface CheckArguments extends ChoiceArguments, PackagesArguments, TalkArguments {
  /** A file or directory; undefined: the profile's tree. */
  readonly path: string | undefined;
  readonly excludePath: readonly string[];
  readonly json: boolean;
  readonly fix: boolean;
  readonly noSuggest: boolean;
  readonly jobs: string | undefined;
}

/**
 * Says what is missing in a tree, who needs it, and what would supply it. The report goes to standard output, all else to
 * error.
 *
 * @returns the exit status: 0 where the tree is closed, 1 where it is open
 */
export async function runCheck(given: CheckArguments, io: Io, interruption: Interruption): Promise<0 | 1> {
  const { path, json, fix, quiet } = given;
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
  const talk = path === undefined ? given : { ...given, quiet: true };
  const report = await withProgress(io, talk, interruption, (_, { signal, onEvent }) =>
    io.check({
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
      signal,
      onEvent: (event) => {
        if (path === undefined || event.type === 'warning') onEvent(event);
      },
    }),
  );
  if (!quiet || json || fix) io.stdout.write(textOf(report, given, io));
  return report.closed ? 0 : 1;
}

function textOf(report: CheckReport, { json, verbose }: CheckArguments, io: Io): string {
  if (json) return jsonText(checkJson(report));
  const look = lookOf(io.stdout, io.environment);
  if (report.closing !== undefined) return formatFix(report.closing);
  return formatCheckTable(report, { verbose, look, columns: reportColumns(io.stdout) });
}
