import type { BuildOptions, OutputFormat } from '../build-types.js';
import type { ImageFormat } from '../emit/oci/output.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { didYouMean } from '../profile/nearest.js';
import { choiceOrLock, type LockedArguments, type ManyArguments } from './choice.js';
import type { ImageArguments } from './images.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { architecturesOf, epochOf, excludePathsOf, jobsOf, sbomFormatsOf } from './options.js';
import { defaultOutput, FORMATS, formatOf, isImageFormat, layoutFormatOf } from './paths.js';
import { type TalkArguments, withProgress } from './progress.js';
import { formatSummary } from './summary.js';
import { type Look, lookOf, tableColumns } from './text.js';

/** The options of `build` as the parser gives them. */
export interface BuildArguments extends ManyArguments, LockedArguments, ImageArguments, TalkArguments {
  readonly excludePath: readonly string[];
  readonly output: string | undefined;
  readonly format: string | undefined;
  readonly sbom: readonly string[];
  readonly sbomInImage: readonly string[];
  readonly provenance: boolean;
  readonly builder: string | undefined;
  readonly json: boolean;
  readonly strict: boolean;
  readonly noCheck: boolean;
  readonly rebuild: boolean;
  readonly jobs: string | undefined;
}

/**
 * Runs a build: options in, one call, words out. Progress goes to standard error; the table, or the JSON, to standard
 * output, unless the archive itself goes there.
 */
export async function runBuild(given: BuildArguments, io: Io, interruption: Interruption): Promise<void> {
  refuseContradictions(given);
  const format = formatGiven(given);
  if (isImageFormat(format)) {
    const { runImages } = await import('./images.js');
    return runImages(given, format, io, interruption);
  }
  const settings = await settingsOf(given, format, io);
  const { profile, suite, architecture, output } = settings;
  const summary = await withProgress(io, given, interruption, (progress, watch) => {
    progress.say(`${profile.name}, ${suite}, ${architecture}: ${output === '-' ? 'to standard output' : output}`);
    return io.build({ ...settings, ...watch });
  });
  writeSummary(summary, formatSummary, { ...given, output }, io);
}

/** Says what was built, on standard output unless the archive itself goes there. */
export function writeSummary<T>(
  summary: T,
  format: (summary: T, look: Look, columns: number) => string,
  { json, quiet, output }: { readonly json: boolean; readonly quiet: boolean; readonly output: string },
  io: Io,
): void {
  if (json) {
    io.stdout.write(jsonText(summary));
  } else if (!quiet) {
    const stream = output === '-' ? io.stderr : io.stdout;
    // The display of the steps stays above it.
    const gap = stream.isTTY === true ? '\n' : '';
    stream.write(gap + format(summary, lookOf(stream, io.environment), tableColumns(stream)));
  }
}

async function settingsOf(
  given: BuildArguments,
  format: OutputFormat,
  io: Io,
): Promise<Omit<BuildOptions, 'signal' | 'onEvent'>> {
  refuseImageOptions(given, format);
  const { choice, locked, architectures, ...common } = await commonSettingsOf(given, io);
  const { profile, suite, architecture } = choice;
  const [, another] = architectures;
  if (another !== undefined) {
    throw new KoalaError('usage', `cannot write one ${format} for several architectures`, {
      hint: 'an image can have several: --format oci',
    });
  }
  const output = given.output ?? defaultOutput(profile.name, suite, [architecture], format);
  refuseTerminal(output, io);
  return { ...choice, ...common, locked, output, format, reuse: !given.rebuild };
}

/** What builds of tarballs and of images have in common. */
export async function commonSettingsOf(given: Omit<BuildArguments, 'output' | 'format' | 'rebuild'>, io: Io) {
  const epoch = epochOf(io.environment);
  const jobs = jobsOf(given.jobs);
  const excludePaths = excludePathsOf(given.excludePath);
  const [first, ...others] = given.arch.length === 0 ? [] : architecturesOf(given.arch, []);
  const { choice, locked } = await choiceOrLock({ ...given, arch: first }, io);
  const architectures = [choice.architecture, ...others];
  const sbom = {
    beside: sbomFormatsOf(given.sbom, '--sbom'),
    inside: sbomFormatsOf(given.sbomInImage, '--sbom-in-image'),
  };
  const { strict, noCheck, provenance } = given;
  const check = !noCheck;
  const builder = builderOf(given);
  const stdout = io.stdout;
  return { choice, locked, architectures, excludePaths, sbom, jobs, epoch, provenance, builder, strict, check, stdout };
}

function builderOf({ provenance, builder }: Pick<BuildArguments, 'provenance' | 'builder'>): string | undefined {
  if (builder === undefined) return undefined;
  if (!provenance) throw new KoalaError('usage', 'cannot use --builder without --provenance: nothing else names it');
  if (URL.canParse(builder)) return builder;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(builder)} as a builder: it is no URI`);
}

export function refuseTerminal(output: string, io: Io): void {
  if (output !== '-' || io.stdout.isTTY !== true) return;
  throw new KoalaError('usage', 'cannot write an archive to a terminal', {
    hint: 'send it on: koala-bootstrap ... -o - | tar tv',
  });
}

function refuseImageOptions(given: BuildArguments, format: OutputFormat): void {
  const { base, squash, layerCompression, tag } = given;
  const flags = { base, squash: squash || undefined, 'layer-compression': layerCompression, tag };
  const [name] = Object.entries(flags).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new KoalaError('usage', `cannot use --${name} with the format ${format}: it is for images`, {
    hint: 'give --format oci or --format docker',
  });
}

function refuseContradictions({ json, output, format, sbom, provenance }: BuildArguments): void {
  const refuse = (why: string): KoalaError => new KoalaError('usage', `cannot do both: ${why}`);
  if (json && output === '-') throw refuse('--json and --output - want the same standard output');
  if (format === 'dir' && output === '-') throw refuse('--format dir makes no stream for --output -');
  if (sbom.length > 0 && output === '-') throw refuse('--sbom writes beside the output, and - has no place');
  if (provenance && output === '-') throw refuse('--provenance writes beside the output, and - has no place');
}

function formatGiven({ format, output }: BuildArguments): OutputFormat | ImageFormat {
  if (format === undefined) return output === undefined ? 'tar' : formatOf(output);
  if (format === 'oci') return layoutFormatOf(output);
  const found = FORMATS.find((known) => known === format);
  if (found !== undefined) return found;
  throw new KoalaError('usage', `cannot write the format ${JSON.stringify(format)}${didYouMean(format, FORMATS)}`, {
    hint: `known are ${FORMATS.join(', ')}`,
  });
}
