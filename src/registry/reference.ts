import { KoalaError } from '../formats/errors.js';

/** The name of an image in a registry. */
export interface Reference {
  /** `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly host: string;
  /** `library/debian` */
  readonly repository: string;
  /** Undefined where neither a tag nor a digest is given too. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** The registry that a name without one is of, and where that listens. */
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_API = 'registry-1.docker.io';
/** Of a whole repository name, by the registries' own rule. */
const MAX_REPOSITORY = 255;

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const LABEL = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Reads `[HOST[:PORT]/]NAME[:TAG][@DIGEST]` as docker does: what stands before the first slash is a host if it has a dot,
 * a colon or an upper-case letter, or is `localhost`; otherwise the host is docker.io, whose own images lie in `library/`.
 *
 * @throws KoalaError `usage` where it is none
 */
export function parseReference(text: string): Reference {
  const refuse = (why: string, hint?: string): KoalaError =>
    new KoalaError(
      'usage',
      `cannot use ${JSON.stringify(text)} as the name of an image: ${why}`,
      hint === undefined ? {} : { hint },
    );
  if (/^[a-z]+:\/\//i.test(text)) throw refuse('it is a URL', 'leave out what stands before the host');
  const [beforeDigest = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    throw refuse('what follows @ must be a digest such as sha256:…, with all its digits');
  }
  const slash = beforeDigest.indexOf('/');
  const first = beforeDigest.slice(0, Math.max(slash, 0));
  const hasHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const host = canonicalHost(hasHost ? first : DOCKER_HUB);
  const rest = hasHost ? beforeDigest.slice(slash + 1) : beforeDigest;
  if (!HOST.test(host)) throw refuse(`${JSON.stringify(first)} is no host`);
  const colon = rest.indexOf(':');
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw refuse(`${JSON.stringify(tag)} is no tag`);
  const repository = host === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name;
  if (!REPOSITORY.test(repository) || repository.length > MAX_REPOSITORY) {
    const lower = /[A-Z]/.test(name)
      ? 'it has upper-case letters'
      : `${JSON.stringify(name)} is no name of a repository`;
    throw refuse(lower, 'such names are like registry.example/team/app:1.0');
  }
  return { host, repository, tag, digest };
}

/**
 * Reads the name of a registry alone, as `login` takes it.
 *
 * @throws KoalaError `usage`
 */
export function parseHost(text: string): string {
  const bare = text.replace(/^https?:\/\//i, '').replace(/\/+$/, '');
  // What docker writes into its files as the key of docker.io.
  const host = canonicalHost(bare === 'index.docker.io/v1' ? DOCKER_HUB : bare);
  if (HOST.test(host)) return host;
  throw new KoalaError('usage', `cannot use ${JSON.stringify(text)} as the name of a registry`, {
    hint: 'such names are like registry.example or localhost:5000',
  });
}

/** The tag that an image gets or has where nothing is said. */
export function tagOf({ tag, digest }: Reference): string | undefined {
  return tag ?? (digest === undefined ? 'latest' : undefined);
}

/** `registry.example/team/app:1.0` in full. */
export function formatReference(reference: Reference): string {
  const tag = tagOf(reference);
  const { host, repository, digest } = reference;
  return `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** `registry.example/team/app@sha256:…` */
export function withDigest({ host, repository }: Reference, digest: string): string {
  return `${host}/${repository}@${digest}`;
}

/** The host that speaks for a registry. */
export function apiHost(host: string): string {
  return host === DOCKER_HUB ? DOCKER_HUB_API : host;
}

/** Whether a host is this machine (RFC 6761, 6.3; RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:[0-9]+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(name) || name === '[::1]';
}

function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  // In lower case, one that is a host by its upper-case letters alone would be a part of a name in docker.io.
  if (!/[.:]/.test(lower) && lower !== 'localhost') return host;
  return lower === 'index.docker.io' || lower === DOCKER_HUB_API ? DOCKER_HUB : lower;
}
