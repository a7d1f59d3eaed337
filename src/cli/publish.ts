import type { ImageSummary } from '../build-types.js';
import { openSink } from '../emit/sink.js';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import type { ImageDocument, Published, PublishOptions } from '../publish.js';
import { formatReference, parseReference } from '../registry/reference.js';
import type { BuildArguments } from './build.js';
import { formatImages } from './image-summary.js';
import { imageSettingsOf } from './images.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { formatOf, isImageFormat } from './paths.js';
import { withProgress } from './progress.js';
import { createPushProgress } from './push-progress.js';
import { lookOf, tableColumns } from './text.js';

/** The options of `publish` as the parser gives them: those of a build, and its own. */
export interface PublishArguments extends Omit<BuildArguments, 'format' | 'tag' | 'rebuild'> {
  readonly references: readonly string[];
  /** An image that is there, in place of one that is built. */
  readonly image: string | undefined;
  readonly imageRefs: string | undefined;
  readonly insecure: boolean;
}

type Push = Omit<PublishOptions, 'onEvent'>;

/** Builds an image, or takes one that is there, and sends it to registries. Its names by digest go to standard output. */
export async function runPublish(given: PublishArguments, io: Io, interruption: Interruption): Promise<void> {
  const push: Push = {
    references: given.references.map(parseReference),
    environment: io.environment,
    insecure: given.insecure,
    signal: interruption.signal,
  };
  if (given.image === undefined) return buildAndPublish(given, push, io, interruption);
  refuseBuildOptions(given);
  await report(await publish(given.image, push, given, io), {}, given, io);
}

async function buildAndPublish(given: PublishArguments, push: Push, io: Io, interruption: Interruption): Promise<void> {
  // Where the image is kept too, it is loaded by the same name.
  const [tag] = push.references.map((reference) => formatReference({ ...reference, digest: undefined }));
  const settings = await imageSettingsOf({ ...given, tag }, io, given.insecure);
  const output = outputOf(given.output);
  const { withBuiltImages } = await import('../publish.js');
  await withProgress(io, given, interruption, (progress, watch) => {
    progress.say(
      `${settings.profile.name}, ${settings.suite}, ${settings.architectures.join(' ')}: to ${given.references.join(', ')}`,
    );
    return withBuiltImages({ ...settings, output, ...watch }, async (image, summary) => {
      progress.stop();
      if (!given.quiet && !given.json) {
        const { stderr } = io;
        const { output: written, ...rest } = summary;
        const shown = { ...rest, output: output === undefined ? { ...written, path: 'the registry' } : written };
        stderr.write(`${formatImages(shown, lookOf(stderr, io.environment), tableColumns(stderr))}\n`);
      }
      const documents = summary.images.flatMap(documentsOf);
      await report(await publish(image, { ...push, documents }, given, io), { build: summary }, given, io);
    });
  });
}

const SBOM_TYPES = { spdx: 'application/spdx+json', cyclonedx: 'application/vnd.cyclonedx+json' } as const;

/** The SBOMs that stand beside an image are found in the registry by what they are of. */
function documentsOf({ digest, sboms }: ImageSummary): ImageDocument[] {
  return sboms
    .filter(({ inside }) => !inside)
    .map(({ path, format }) => ({ digest, path, mediaType: SBOM_TYPES[format] }));
}

async function publish(image: string, push: Push, given: PublishArguments, io: Io): Promise<Published> {
  const { publishImage } = await import('../publish.js');
  const progress = await createPushProgress(io, given);
  return publishImage(image, { ...push, onEvent: progress.onEvent }).finally(() => progress.stop());
}

async function report(
  published: Published,
  extra: object,
  { json, imageRefs }: PublishArguments,
  io: Io,
): Promise<void> {
  const pinned = published.references.map((reference) => reference.pinned);
  if (imageRefs !== undefined) {
    // Images before the index that names them.
    const all = published.references.flatMap(({ manifests, pinned: top }) => [
      ...manifests.map((one) => one.pinned),
      top,
    ]);
    const sink = await openSink(imageRefs, io.stdout);
    await sink.write(Buffer.from(linesOf(all)));
    await sink.finish();
  }
  io.stdout.write(json ? jsonText({ ...published, ...extra }) : linesOf(pinned));
}

function linesOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `${name}\n`).join('');
}

function outputOf(path: string | undefined) {
  if (path === undefined) return undefined;
  const format = path === '-' ? 'tar' : formatOf(path);
  if (isImageFormat(format)) return { path, format };
  throw new KoalaError('usage', `cannot publish what is written to ${path}: it would be no image`, {
    hint: 'give it a name that ends in .oci, .oci.tar or .docker.tar',
  });
}

/** Of what is built: an image that is there has nothing left to choose. */
function refuseBuildOptions(given: PublishArguments): void {
  const {
    references: _,
    image,
    imageRefs: __,
    insecure: ___,
    json: ____,
    quiet: _____,
    verbose: ______,
    ...build
  } = given;
  const isGiven = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  const [name] = Object.entries(build).find(([, value]) => isGiven(value)) ?? [];
  if (name === undefined) return;
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new KoalaError('usage', `cannot use both --image and --${option}: ${image} is built already`);
}
