import { refuseNotUnderstood, scriptWarnings } from './build/script-warnings.js';
import { summarise } from './build/summarise.js';
import type { BuildEvent, ImageOptions, ImageSummary, ImagesSummary } from './build-types.js';
import { type ConfiguredTree, withConfiguredTree } from './configured-tree.js';
import { layerBetween } from './emit/oci/difference.js';
import { type LayerInput, type WrittenImage, writeImage } from './emit/oci/image.js';
import { layersByOrigin } from './emit/oci/origin-layers.js';
import { emitImages } from './emit/oci/output.js';
import { createStaging, type Staging } from './emit/oci/staging.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { clampTimes } from './rootfs/normalise.js';
import { osReleaseOf } from './rootfs/os-release.js';
import type { Tree } from './rootfs/tree.js';

/**
 * Builds an image for each architecture, one after the other, and writes them as one output: profile → … → configured tree →
 * layers → image → index.
 *
 * @throws KoalaError with a message for the user; then there is no output, and the store is whole.
 */
export async function buildImages(options: ImageOptions): Promise<ImagesSummary> {
  const { output: path, format, reference, stdout } = options;
  const staging = await createStaging(path);
  try {
    const written: WrittenImage[] = [];
    const images: ImageSummary[] = [];
    for (const architecture of options.architectures) {
      const { image, summary } = await buildImage({ ...options, architecture }, staging);
      written.push(image);
      images.push(summary);
    }
    // Of one profile and one time all have the same; where archives differ by architecture, the newest counts.
    const epoch = Math.max(...images.map((image) => image.epoch));
    const { digest, bytes, sha256 } = await emitImages(staging, written, {
      output: path,
      format,
      reference,
      epoch,
      stdout,
    });
    return { digest, reference, output: { path, format, bytes, sha256 }, images };
  } finally {
    await staging.discard();
  }
}

type OneImageOptions = ImageOptions & { readonly architecture: string };

async function buildImage(
  options: OneImageOptions,
  staging: Staging,
): Promise<{ readonly image: WrittenImage; readonly summary: ImageSummary }> {
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'warning') warnings.push(event.text);
    options.onEvent(event);
  };
  return withConfiguredTree({ ...options, onEvent }, async (configured) => {
    const { tree, scripts, epoch, clock, signal } = configured;
    if (options.strict) refuseNotUnderstood(scripts);
    for (const text of scriptWarnings(scripts)) onEvent({ type: 'warning', text });
    const { profile, architecture, layerCompression: compression, jobs } = options;
    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const image = await clock.run('write', () => {
      filterPaths(tree, pathRules(profile, options.excludePaths));
      clampTimes(tree, epoch);
      const facts = { profile, architecture, epoch, version: osReleaseOf(tree).get('VERSION_ID'), base: undefined };
      const layers = layersOf(configured, options);
      return writeImage(staging, { facts, below: [], layers }, { compression, jobs, signal, onProgress });
    });
    const { descriptor, layers, annotations, entries } = image;
    const { digest } = descriptor;
    const summary = summarise({ ...configured, options, warnings, seconds: clock.seconds() });
    return { image, summary: { ...summary, digest, layers, annotations, entries } };
  });
}

/** The layers of a tree, as the profile wants them: a stage is one, unless there is one for all or one for each source. */
function layersOf(configured: ConfiguredTree, { profile, squash }: OneImageOptions): LayerInput[] {
  const { plan } = configured;
  const { layering } = profile.image;
  const stages: readonly { readonly name: string; readonly tree: Tree }[] = [{ name: 'all', tree: configured.tree }];
  const last = stages.at(-1)?.tree ?? configured.tree;
  if (squash) return [{ name: `${profile.name}, squashed`, tree: last }];
  if (layering.strategy === 'origin') {
    const packages = plan.stages.flatMap((stage) =>
      stage.packages.map(({ record }) => ({ name: record.name, record })),
    );
    return layersByOrigin(last, packages, layering.budget).map(({ name, tree }) => ({
      name: `packages of ${name}`,
      tree,
    }));
  }
  return stages.flatMap(({ name, tree }, at) => {
    const layer = layerBetween(stages[at - 1]?.tree, tree);
    return layer.changes === 0 ? [] : [{ name: `stage ${name}`, tree: layer.tree }];
  });
}
