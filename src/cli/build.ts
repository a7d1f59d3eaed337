import type { BuildOptions, OutputFormat } from '../build-types.js';
import { KoalaError } from '../formats/errors.js';
import { didYouMean } from '../profile/nearest.js';
import { type ChoiceArguments, choiceOrLock, type LockedArguments } from './choice.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { epochOf, excludePathsOf, jobsOf } from './options.js';
import { defaultOutput, FORMATS, formatOf } from './paths.js';
import { createProgress } from './progress.js';
import { formatSummary } from './summary.js';
import { DEFAULT_COLUMNS, lookOf } from './text.js';

/** The options of `build` as the parser gives them. */
export interface BuildArguments extends ChoiceArguments, LockedArguments {
  readonly excludePath: readonly string[];
  readonly output: string | undefined;
  readonly format: string | undefined;
  readonly json: boolean;
  readonly strict: boolean;
  readonly noCheck: boolean;
  readonly jobs: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/**
 * Runs a build: options in, one call, words out. Progress goes to standard error; the table, or the JSON, to standard
 * output, unless the archive itself goes there.
 */
export async function runBuild(given: BuildArguments, io: Io, interruption: Interruption): Promise<void> {
  const settings = await settingsOf(given, io);
  const progress = await createProgress(io, given);
  interruption.onFirst(() => progress.say('cancelling; once more stops at once'));
  const { profile, suite, architecture, output } = settings;
  progress.say(`${profile.name}, ${suite}, ${architecture}: ${output === '-' ? 'to standard output' : output}`);
  const summary = await io
    .build({ ...settings, signal: interruption.signal, onEvent: (event) => progress.onEvent(event) })
    .finally(() => progress.stop());
  if (given.json) {
    io.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  } else if (!given.quiet) {
    const stream = output === '-' ? io.stderr : io.stdout;
    // The display of the steps stays above it.
    const gap = stream.isTTY === true ? '\n' : '';
    stream.write(gap + formatSummary(summary, lookOf(stream, io.environment), stream.columns || DEFAULT_COLUMNS));
  }
}

async function settingsOf(given: BuildArguments, io: Io): Promise<Omit<BuildOptions, 'signal' | 'onEvent'>> {
  refuseContradictions(given);
  const format = formatGiven(given);
  const epoch = epochOf(io.environment);
  const jobs = jobsOf(given.jobs);
  const excludePaths = excludePathsOf(given.excludePath);
  const { choice, locked } = await choiceOrLock(given, io);
  const { profile, suite, architecture } = choice;
  const output = given.output ?? defaultOutput(profile.name, suite, architecture, format);
  if (output === '-' && io.stdout.isTTY === true) {
    throw new KoalaError('usage', 'cannot write an archive to a terminal', {
      hint: 'send it on: koala-bootstrap ... -o - | tar tv',
    });
  }
  return {
    ...choice,
    locked,
    output,
    format,
    excludePaths,
    jobs,
    epoch,
    strict: given.strict,
    check: !given.noCheck,
    stdout: io.stdout,
  };
}

function refuseContradictions({ json, output, format, quiet, verbose }: BuildArguments): void {
  const refuse = (why: string): KoalaError => new KoalaError('usage', `cannot do both: ${why}`);
  if (json && output === '-') throw refuse('--json and --output - want the same standard output');
  if (format === 'dir' && output === '-') throw refuse('--format dir makes no stream for --output -');
  if (quiet && verbose) throw refuse('--quiet and --verbose');
}

function formatGiven({ format, output }: BuildArguments): OutputFormat {
  if (format === undefined) return output === undefined ? 'tar' : formatOf(output);
  const found = FORMATS.find((known) => known === format);
  if (found !== undefined) return found;
  throw new KoalaError('usage', `cannot write the format ${JSON.stringify(format)}${didYouMean(format, FORMATS)}`, {
    hint: `known are ${FORMATS.join(', ')}`,
  });
}
