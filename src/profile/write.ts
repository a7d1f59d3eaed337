import type { ArchiveSpec, PathMutation, Pin, Profile, Stage } from './types.js';

/** A profile's fields by the names that its YAML has for them. */
export type ProfileFields = Readonly<Record<string, unknown>>;

/**
 * A profile as a file would have it that extends nothing: what it extends is part of it, defaults are left out. Read again it
 * gives the same profile, but that it no longer knows which part came from where.
 */
export function profileFields(profile: Profile): ProfileFields {
  const { image, accounts } = profile;
  const { entrypoint, layering } = image;
  return pruned({
    name: profile.name,
    description: profile.description,
    suite: profile.suite,
    archs: profile.architectures,
    'foreign-architectures': profile.foreignArchitectures,
    archives: profile.archives.map(archiveFields),
    pins: profile.pins.map(pinFields),
    stages: profile.stages.map(stageFields),
    configure: profile.configure,
    debconf: profile.debconf.map(({ question, value }) => `koala-bootstrap ${question} string ${value}`),
    accounts: {
      'run-as': accounts.runAs,
      users: accounts.users,
      groups: accounts.groups.map((group) => pruned({ ...group })),
    },
    paths: profile.paths.map(pathFields),
    environment: profile.environment,
    entrypoint: { command: entrypoint },
    cmd: image.cmd,
    'stop-signal': image.stopSignal,
    'work-dir': image.workDir,
    volumes: image.volumes,
    'exposed-ports': image.exposedPorts,
    labels: image.labels,
    annotations: image.annotations,
    'vcs-url': image.vcsUrl,
    certificates: { additional: image.certificates.map(({ name, pem }) => ({ name, content: pem })) },
    layering: layering.strategy === 'stage' ? undefined : layering,
    'exclude-paths': profile.excludePaths,
    'include-paths': profile.includePaths,
  });
}

function archiveFields(archive: ArchiveSpec): ProfileFields {
  const { suite, kind, keyrings, components, uris, trusted, architectures, priority, notFor, updates } = archive;
  return pruned({
    suite,
    kind,
    uris,
    components,
    keyring: keyrings,
    trusted: trusted || undefined,
    architectures,
    priority,
    'not-for': notFor,
    updates: updates || undefined,
    'check-valid-until': archive.checkValidUntil ? undefined : false,
  });
}

function pinFields({ packages, ...conditions }: Pin): ProfileFields {
  return pruned({ package: packages, ...conditions });
}

function stageFields({ name, packages, essential, priorities, recommends, prefer, drops }: Stage): ProfileFields {
  return pruned({
    name,
    packages,
    essential: essential || undefined,
    priorities,
    recommends: recommends || undefined,
    prefer,
    drop: drops.map((drop) => pruned({ ...drop })),
  });
}

function pathFields({ type, path, permissions, uid, gid, ...rest }: PathMutation): ProfileFields {
  const mode = permissions === undefined ? undefined : `0${permissions.toString(8).padStart(3, '0')}`;
  const { recursive, ...others } = rest as { recursive?: boolean } & ProfileFields;
  return pruned({ type, path, ...others, permissions: mode, uid, gid, recursive: recursive || undefined });
}

/** Without what says nothing: lists and mappings that are empty, and what is undefined. Text stays, empty or not. */
function pruned(fields: ProfileFields): ProfileFields {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value]];
    if (typeof value !== 'object' || value === null) return [[name, value]];
    const inner = pruned(value as ProfileFields);
    return Object.keys(inner).length === 0 ? [] : [[name, inner]];
  });
  return Object.fromEntries(kept);
}
