import { architectureInfo } from '../../formats/architecture.js';
import type { Annotations, HistoryEntry, ImageConfig, RunConfig } from '../../formats/oci/types.js';
import type { Profile } from '../../profile/types.js';

/** What is known of an image beside its layers. */
export interface ImageFacts {
  readonly profile: Pick<Profile, 'name' | 'description' | 'accounts' | 'environment' | 'image'>;
  /** Debian's name. */
  readonly architecture: string;
  /** The build date in seconds since the epoch. */
  readonly epoch: number;
  /** Of the system, as its os-release says; undefined where it has none. */
  readonly version: string | undefined;
  readonly base: BaseFacts | undefined;
}

/** The image that it stands on. */
export interface BaseFacts {
  /** As it was given: a reference, or a file's name. */
  readonly name: string;
  /** Of its manifest; undefined where it has none. */
  readonly digest: string | undefined;
  readonly config: ImageConfig;
}

/** A layer of the image, as its configuration speaks of it. */
export interface LayerFacts {
  readonly diffId: string;
  readonly createdBy: string;
}

const PREFIX = 'org.opencontainers.image.';

/** The time of a build, as RFC 3339 has it and images do: without fractions. */
export function timeText(epoch: number): string {
  return new Date(epoch * 1000).toISOString().replace('.000', '');
}

/**
 * The annotations of an image (OCI image-spec, annotations.md): those that are known, and over them those of the profile. All
 * of it follows from the profile, the plan and the base.
 */
export function annotationsOf({ profile, epoch, version, base }: ImageFacts): Annotations {
  const { vcsUrl, annotations } = profile.image;
  // A URL may have a user before an @ of its own.
  const [, source = vcsUrl, revision] = /^(.+)@([^@/:]+)$/.exec(vcsUrl ?? '') ?? [];
  const known: Readonly<Record<string, string | undefined>> = {
    created: timeText(epoch),
    title: profile.name,
    description: profile.description === '' ? undefined : profile.description,
    version,
    source,
    revision,
    'base.name': base?.name,
    'base.digest': base?.digest,
  };
  const made = Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [[PREFIX + name, value]]));
  return { ...Object.fromEntries(made), ...annotations };
}

/**
 * The configuration of an image (config.md). What the profile says comes in place of what a base says, environment and labels
 * name by name; the annotations are labels too, since that is what `docker inspect` shows.
 *
 * @param layers those that are added to the base's, the lowest first
 */
export function imageConfig(facts: ImageFacts, annotations: Annotations, layers: readonly LayerFacts[]): ImageConfig {
  const { architecture, epoch, base } = facts;
  const created = timeText(epoch);
  const history = layers.map(({ createdBy }): HistoryEntry => ({ created, created_by: createdBy }));
  const run = runConfig(facts, annotations);
  return {
    ...architectureInfo(architecture).platform,
    created,
    config: run,
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [...(base?.config.history ?? []), ...history],
  };
}

function runConfig({ profile, base }: ImageFacts, annotations: Annotations): RunConfig {
  const below = base?.config.config ?? {};
  const { entrypoint, cmd, stopSignal, workDir, volumes, exposedPorts, labels } = profile.image;
  const environment = { ...variablesOf(below.Env ?? []), ...profile.environment };
  const user = profile.accounts.runAs ?? below.User;
  // Arguments of another program have no meaning.
  const ownCmd = cmd ?? (entrypoint === undefined ? below.Cmd : undefined);
  const own: { readonly [Name in keyof RunConfig]: RunConfig[Name] | undefined } = {
    User: user,
    ExposedPorts: setOf([...Object.keys(below.ExposedPorts ?? {}), ...exposedPorts]),
    Env: some(
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    ),
    Entrypoint: entrypoint ?? below.Entrypoint,
    Cmd: ownCmd,
    Volumes: setOf([...Object.keys(below.Volumes ?? {}), ...volumes]),
    WorkingDir: workDir ?? below.WorkingDir,
    Labels: { ...below.Labels, ...annotations, ...labels },
    StopSignal: stopSignal ?? below.StopSignal,
  };
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined && value !== null));
}

function variablesOf(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf('=');
      return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A set as Go writes it: empty objects by name. */
function setOf(names: readonly string[]): Record<string, Record<string, never>> | undefined {
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, {}]));
}

function some<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}
