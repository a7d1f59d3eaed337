import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { ImageOptions } from '../build-types.js';
import type { ImageFormat } from '../emit/oci/output.js';
import { KoalaError } from '../formats/errors.js';
import type { LayerCompression } from '../formats/oci/media-types.js';
import { didYouMean } from '../profile/nearest.js';
import { type BuildArguments, commonSettingsOf, refuseTerminal, writeSummary } from './build.js';
import { formatImages } from './image-summary.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { architecturesOf } from './options.js';
import { defaultOutput } from './paths.js';
import { withProgress } from './progress.js';

/** The options that only images have, as the parser gives them. */
export interface ImageArguments {
  /** The path of an image, or its name in a registry. */
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
  const summary = await withProgress(io, given, interruption, (progress, watch) => {
    progress.say(
      `${profile.name}, ${suite}, ${architectures.join(' ')}: ${output === '-' ? 'to standard output' : output}`,
    );
    return io.buildImages({ ...settings, output, format, ...watch });
  });
  writeSummary(summary, formatImages, { ...given, output }, io);
}

/**
 * What a build of images needs, but for where it goes. The architectures are those that are asked for, else the profile's.
 *
 * @param insecure whether http is spoken to a registry that has the base and no https
 * @throws KoalaError `usage`
 */
export async function imageSettingsOf(
  given: Omit<BuildArguments, 'output' | 'format' | 'rebuild'>,
  io: Io,
  insecure = false,
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
  const base = baseOf(given.base, insecure);
  return { ...choice, ...common, architectures, layerCompression, squash: given.squash, reference, base };
}

/** A path where there is such a file, or where it looks like one; else the name of an image in a registry. */
function baseOf(given: string | undefined, insecure: boolean): ImageOptions['base'] {
  if (given === undefined) return undefined;
  const isPath = /^\.{0,2}\/|\.(?:oci|tar)$/.test(given) || existsSync(given);
  return isPath ? { path: given, name: basename(given) } : { reference: given, insecure };
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
