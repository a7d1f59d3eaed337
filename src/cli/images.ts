import { basename } from 'node:path';
import type { ImageOptions } from '../build-types.js';
import type { ImageFormat } from '../emit/oci/output.js';
import { KoalaError } from '../formats/errors.js';
import type { LayerCompression } from '../formats/oci/media-types.js';
import { didYouMean } from '../profile/nearest.js';
import { type BuildArguments, commonSettingsOf, refuseTerminal } from './build.js';
import { formatImages } from './image-summary.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { architecturesOf } from './options.js';
import { defaultOutput } from './paths.js';
import { createProgress } from './progress.js';
import { DEFAULT_COLUMNS, lookOf } from './text.js';

/** The options that only images have, as the parser gives them. */
export interface ImageArguments {
  /** The path of an image. */
  readonly base: string | undefined;
  readonly squash: boolean;
  readonly layerCompression: string | undefined;
  readonly tag: string | undefined;
}

/** Builds images, as `runBuild` builds tarballs. */
export async function runImages(
  given: BuildArguments,
  format: ImageFormat,
  io: Io,
  interruption: Interruption,
): Promise<void> {
  const settings = await imageSettingsOf(given, io);
  const { profile, suite, architectures } = settings;
  const output = given.output ?? defaultOutput(profile.name, suite, architectures, format);
  refuseTerminal(output, io);
  const progress = await createProgress(io, given);
  interruption.onFirst(() => progress.say('cancelling; once more stops at once'));
  progress.say(
    `${profile.name}, ${suite}, ${architectures.join(' ')}: ${output === '-' ? 'to standard output' : output}`,
  );
  const onEvent: ImageOptions['onEvent'] = (event) => progress.onEvent(event);
  const summary = await io
    .buildImages({ ...settings, output, format, signal: interruption.signal, onEvent })
    .finally(() => progress.stop());
  if (given.json) {
    io.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  } else if (!given.quiet) {
    const stream = output === '-' ? io.stderr : io.stdout;
    const gap = stream.isTTY === true ? '\n' : '';
    stream.write(gap + formatImages(summary, lookOf(stream, io.environment), stream.columns || DEFAULT_COLUMNS));
  }
}

/**
 * What a build of images needs, but for where it goes. The architectures are those that are asked for, else the profile's.
 *
 * @throws KoalaError `usage`
 */
export async function imageSettingsOf(
  given: Omit<BuildArguments, 'output' | 'format'>,
  io: Io,
): Promise<Omit<ImageOptions, 'signal' | 'onEvent' | 'output' | 'format'>> {
  const layerCompression = compressionOf(given.layerCompression);
  const common = await commonSettingsOf(given, io);
  const { architecture: _, ...choice } = common.choice;
  const { profile, suite } = choice;
  const architectures =
    given.arch.length > 0 || common.locked !== undefined
      ? common.architectures
      : architecturesOf([], profile.architectures);
  const reference = referenceOf(given.tag, profile.name, suite);
  const base = given.base === undefined ? undefined : { path: given.base, name: basename(given.base) };
  return { ...choice, ...common, architectures, layerCompression, squash: given.squash, reference, base };
}

const COMPRESSIONS: readonly LayerCompression[] = ['gz', 'zst', 'none'];

function compressionOf(given: string | undefined): LayerCompression {
  if (given === undefined) return 'gz';
  const found = COMPRESSIONS.find((known) => known === given);
  if (found !== undefined) return found;
  throw new KoalaError(
    'usage',
    `cannot compress layers as ${JSON.stringify(given)}${didYouMean(given, COMPRESSIONS)}`,
    { hint: `known are ${COMPRESSIONS.join(', ')}` },
  );
}

/** A name with a tag, of what a reference may hold (distribution's reference.go); without one the tag is the suite. */
function referenceOf(given: string | undefined, profile: string, suite: string): string {
  const tag = suite.replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  const text = given ?? `localhost/${profile}`;
  const withTag = /:[^:/]*$/.test(text) ? text : `${text}:${tag}`;
  const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const domain = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?';
  if (new RegExp(`^${domain}${component}(?:/${component})*:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`).test(withTag))
    return withTag;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(withTag)} as the name of an image`, {
    hint: 'give one with --tag, such as example.org/team/web:1',
  });
}
