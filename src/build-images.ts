import { checkBuilt } from './build/check-built.js';
import { type BuiltTree, provenanceOfBuild } from './build/provenance.js';
import { withRemoteBase } from './build/remote-base.js';
import { finishSboms, type PreparedSboms, prepareSboms } from './build/sbom-files.js';
import { refuseNotUnderstood, scriptWarnings } from './build/script-warnings.js';
import { summarise } from './build/summarise.js';
import type { BaseInput, BuildEvent, ImageOptions, ImageSummary, ImagesSummary } from './build-types.js';
import { type ConfiguredTree, withConfiguredTree } from './configured-tree.js';
import { layerBetween } from './emit/oci/difference.js';
import { type LayerInput, type WrittenImage, writeImage } from './emit/oci/image.js';
import { layersByOrigin } from './emit/oci/origin-layers.js';
import { emitImages } from './emit/oci/output.js';
import { createStaging, type Staging } from './emit/oci/staging.js';
import { foreignFor } from './profile/suites.js';
import type { Profile } from './profile/types.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import { refuseForbidden } from './rootfs/forbidden.js';
import { ownName } from './rootfs/merge.js';
import { clampTimes } from './rootfs/normalise.js';
import { osReleaseOf } from './rootfs/os-release.js';

/**
 * Builds an image for each architecture, one after the other, and writes them as one output: profile → … → configured tree →
 * layers → image → index.
 *
 * @throws KoalaError with a message for the user; then there is no output, and the store is whole.
 */
export async function buildImages(options: ImageOptions): Promise<ImagesSummary> {
  const { base } = options;
  if (base === undefined || !('reference' in base)) return buildOn(base, options);
  return withRemoteBase(base, options, (fetched) => buildOn(fetched, options));
}

async function buildOn(base: BaseInput | undefined, options: ImageOptions): Promise<ImagesSummary> {
  const { output: path, format, reference, stdout } = options;
  const staging = await createStaging(path, format === 'oci-dir');
  try {
    const written: WrittenImage[] = [];
    const images: ImageSummary[] = [];
    const prepared: PreparedSboms[] = [];
    const trees: BuiltTree[] = [];
    for (const architecture of options.architectures) {
      if (options.architectures.length > 1) options.onEvent({ type: 'image-started', architecture });
      const { image, summary, sboms, tree } = await buildImage({ ...options, base, architecture }, staging);
      prepared.push(sboms);
      written.push(image);
      images.push(summary);
      trees.push(tree);
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
    const withSboms: ImageSummary[] = [];
    for (const [at, image] of images.entries()) {
      const artifact = { type: 'image', sha256: image.digest.replace('sha256:', '') } as const;
      const base = images.length === 1 ? path : `${path.replace(/\/+$/, '')}.${image.architecture}`;
      const ofIt = prepared[at];
      const sboms = ofIt === undefined ? [] : await finishSboms(ofIt, artifact, options, base);
      withSboms.push({ ...image, sboms });
    }
    const sboms = withSboms.flatMap((image) => image.sboms);
    const subject = { name: reference, sha256: digest.slice('sha256:'.length), sboms };
    const provenance = await provenanceOfBuild(options, trees, subject);
    return { digest, reference, output: { path, format, bytes, sha256 }, ...provenance, images: withSboms };
  } finally {
    await staging.discard();
  }
}

interface OneImageOptions extends Omit<ImageOptions, 'base'> {
  readonly base: BaseInput | undefined;
  readonly architecture: string;
}

interface BuiltImage {
  readonly image: WrittenImage;
  readonly summary: ImageSummary;
  readonly sboms: PreparedSboms;
  readonly tree: BuiltTree;
}

async function buildImage(options: OneImageOptions, staging: Staging): Promise<BuiltImage> {
  const warnings: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'warning') warnings.push(event.text);
    options.onEvent(event);
  };
  return withConfiguredTree({ ...options, onEvent, keepStages: hasStages(options) }, async (configured) => {
    const { tree, stages, base, scripts, epoch, clock, signal } = configured;
    if (options.strict) refuseNotUnderstood(scripts);
    for (const text of scriptWarnings(scripts)) onEvent({ type: 'warning', text });
    const { profile, architecture, layerCompression: compression, jobs } = options;
    let gone: ReturnType<typeof filterPaths> = new Map();
    for (const [at, stage] of stages.entries()) {
      const of = at === stages.length - 1 ? profile : upTo(profile, stage.name);
      // The last stage is the tree.
      gone = filterPaths(stage.tree, pathRules(of, options.excludePaths), (path) => base?.tree.get(path) !== undefined);
      clampTimes(stage.tree, epoch, base?.tree);
    }
    const check = await checkBuilt(configured, { ...options, onEvent }, gone);

    const onProgress = (bytes: number, total: number): void => onEvent({ type: 'written', bytes, total });
    const { image, sboms } = await clock.run('write', async () => {
      refuseForbidden(tree, profile.forbid ?? []);
      const prepared = await prepareSboms(configured, options);
      const facts = { profile, architecture, epoch, version: osReleaseOf(tree).get('VERSION_ID'), base: base?.facts };
      const layers = layersOf(configured, options);
      const parts = { facts, below: base?.layers ?? [], layers };
      const written = await writeImage(staging, parts, { compression, jobs, signal, onProgress });
      return { image: written, sboms: prepared };
    });
    const { descriptor, layers, annotations, entries } = image;
    const { digest } = descriptor;
    const summary = summarise({
      ...configured,
      options,
      check,
      sboms: sboms.planted,
      warnings,
      seconds: clock.seconds(),
    });
    const { chosen } = configured;
    return { image, sboms, summary: { ...summary, digest, layers, annotations, entries }, tree: { chosen, epoch } };
  });
}

/** Whether stages become layers. */
function hasStages({ profile, squash }: OneImageOptions): boolean {
  return !squash && profile.image.layering.strategy === 'stage';
}

/**
 * What is left out of the tree after a stage that is not the last: by the rules of the profile that the stage is of and of those
 * that it extends, so that a stage is what it is in that profile's own images.
 */
function upTo({ levels }: Profile, stage: string): Pick<Profile, 'excludePaths' | 'includePaths' | 'slices'> {
  const at = levels.findIndex(({ name, stages }) => stages.includes(stage) || (stages.length === 0 && name === stage));
  const below = levels.slice(0, at + 1);
  return {
    excludePaths: below.flatMap((level) => level.excludePaths),
    includePaths: below.flatMap((level) => level.includePaths),
    slices: below.flatMap((level) => level.slices),
  };
}

/** The layers of a tree, as the profile wants them: a stage is one, unless there is one for all or one for each source. */
function layersOf({ plan, tree, stages, base }: ConfiguredTree, options: OneImageOptions): LayerInput[] {
  const { profile, squash } = options;
  const { layering } = profile.image;
  if (!squash && layering.strategy === 'origin') {
    const foreign = foreignFor(profile, options.architecture);
    const packages = plan.stages.flatMap((stage) =>
      stage.packages.map(({ record }) => ({ name: ownName(record, foreign), record })),
    );
    const whole = base === undefined ? tree : layerBetween(base.tree, tree).tree;
    return layersByOrigin(whole, packages, layering.budget).map((layer) => ({
      ...layer,
      name: `packages of ${layer.name}`,
    }));
  }
  const parts = squash ? [{ name: profile.name, tree }] : stages;
  return parts.flatMap((stage, at) => {
    const layer = layerBetween(parts[at - 1]?.tree ?? base?.tree, stage.tree);
    return layer.changes === 0 ? [] : [{ name: `${squash ? 'profile' : 'stage'} ${stage.name}`, tree: layer.tree }];
  });
}
