import { createHash, randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadHttp } from '../archive/http-download.js';
import { createSlots } from '../archive/slots.js';
import type { Sink, Store } from '../archive/store.js';
import type { TransferEvent } from '../archive/types.js';
import { KoalaError } from '../formats/errors.js';
import { DEFAULT_LIMITS } from '../formats/limits.js';
import { blobPath, parseDigest } from '../formats/oci/digest.js';
import { DOCKER_MEDIA_TYPES, MEDIA_TYPES } from '../formats/oci/media-types.js';
import { formatPlatform, parseImageDocument, platformMatches } from '../formats/oci/parse.js';
import type { Descriptor, Platform } from '../formats/oci/types.js';
import { type Answer, plainUrl } from './exchange.js';
import { formatReference, type Reference, tagOf, withDigest } from './reference.js';
import { Session } from './session.js';
import type { RegistryOptions } from './types.js';

export interface PullOptions extends RegistryOptions {
  /** Which images of an index are wanted; none: all. */
  readonly platforms: readonly Platform[];
  /** Keeps the blobs. */
  readonly store: Store;
  /** Bytes that a blob may have; 16 GiB unless given. */
  readonly limit?: number;
}

export interface Pulled {
  /** `registry.example/team/app@sha256:…` */
  readonly pinned: string;
  /** Of the manifest or index. */
  readonly descriptor: Descriptor;
}

const ACCEPT = [MEDIA_TYPES.index, MEDIA_TYPES.manifest, DOCKER_MEDIA_TYPES.index, DOCKER_MEDIA_TYPES.manifest].join();
/** Of a blob, unless the caller allows another. */
const MAX_BLOB = 2 ** 34;
const MAX_DEPTH = 4;

/**
 * Brings an image to an OCI layout: each blob with the size and the digest that its descriptor promises. Blobs that the
 * store has already are not fetched again.
 *
 * @param directory is made; its `index.json` names this image
 * @throws KoalaError `registry` where the registry does not give it, `verify` for what is not as promised, `usage` where an
 * index has no image for a platform, `unpack` for documents that are not understood, `cancelled`
 */
export async function pullImage(reference: Reference, directory: string, options: PullOptions): Promise<Pulled> {
  const { host, repository } = reference;
  const name = formatReference(reference);
  const target = { host, repository, scopes: [`repository:${repository}:pull`], purpose: `fetch ${name}` };
  return Session.with(target, options, async (session) => {
    const { platforms } = options;
    const slots = createSlots(session.concurrency);
    const blobs = new Map<string, Descriptor>();
    const visit = async (to: string, promised: string | undefined, depth: number): Promise<Descriptor> => {
      if (depth > MAX_DEPTH) throw session.failure('indices lie in indices too deeply');
      const { bytes, descriptor } = await getDocument(session, `${repository}/manifests/${to}`, promised);
      const document = parseImageDocument(bytes, `${descriptor.digest} of ${name}`, descriptor.mediaType);
      await writeWhole(join(directory, blobPath(descriptor.digest, name)), bytes);
      if (document.type === 'manifest') {
        for (const blob of [document.manifest.config, ...document.manifest.layers]) blobs.set(blob.digest, blob);
        return descriptor;
      }
      for (const { digest } of chosen(document.index.manifests, platforms, name))
        await visit(digest, digest, depth + 1);
      return descriptor;
    };
    const descriptor = await visit(reference.digest ?? tagOf(reference) ?? '', reference.digest, 0);
    await Promise.all(
      [...blobs.values()].map((blob) => slots(() => getBlob(session, repository, blob, directory, options))),
    );
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [descriptor] };
    await writeWhole(join(directory, 'index.json'), Buffer.from(JSON.stringify(index)));
    await writeWhole(join(directory, 'oci-layout'), Buffer.from(JSON.stringify({ imageLayoutVersion: '1.0.0' })));
    return { pinned: withDigest(reference, descriptor.digest), descriptor };
  });
}

async function getDocument(session: Session, to: string, promised: string | undefined) {
  const answer = await askForDocument(session, to);
  if (answer.status === 404) throw await session.refusal(`${session.host} does not have it`, answer);
  return documentIn(session, answer, promised);
}

/**
 * A manifest or an index, if it is there.
 *
 * @param to below the registry's `/v2/`
 * @param promised the digest that it must have; undefined: what the registry says it has
 * @throws KoalaError `registry`, `verify`
 */
export async function findDocument(session: Session, to: string, promised: string | undefined) {
  const answer = await askForDocument(session, to);
  return answer.status === 404 ? undefined : documentIn(session, answer, promised);
}

function askForDocument(session: Session, to: string): Promise<Answer> {
  return session.ask({ method: 'GET', to, headers: { accept: ACCEPT } });
}

async function documentIn(session: Session, answer: Answer, promised: string | undefined) {
  if (answer.status !== 200) throw await session.refusal(`${session.host} does not give it`, answer);
  const mediaType = answer.header('content-type')?.replace(/\s*;.*/, '') ?? '';
  if (mediaType.startsWith('application/vnd.docker.distribution.manifest.v1')) {
    throw session.failure('it has a manifest of the old schema 1, which names no digests of layers', {
      hint: 'push it anew with a client of today',
    });
  }
  const digest = promised ?? answer.header('docker-content-digest') ?? 'sha256:';
  const [algorithm = 'sha256'] = digest.split(':');
  const is = `${algorithm}:${createHash(algorithm === 'sha512' ? 'sha512' : 'sha256')
    .update(answer.body)
    .digest('hex')}`;
  if (digest !== 'sha256:' && digest !== is) throw isOther(session, digest, is);
  return { bytes: answer.body, descriptor: { mediaType, digest: is, size: answer.body.length } };
}

function chosen(manifests: readonly Descriptor[], platforms: readonly Platform[], name: string): readonly Descriptor[] {
  if (platforms.length === 0) return manifests;
  return platforms.map((wanted) => {
    const found = manifests.find(({ platform }) => platformMatches(platform, wanted));
    if (found !== undefined) return found;
    const names = manifests.map(({ platform }) => (platform === undefined ? 'none' : formatPlatform(platform)));
    throw new KoalaError('usage', `cannot fetch ${name} for ${formatPlatform(wanted)}: it is for ${names.join(', ')}`);
  });
}

/** Brings a blob to the store, unless it is there, and links it into the layout. */
async function getBlob(
  session: Session,
  repository: string,
  { digest, size }: Descriptor,
  directory: string,
  { store, limit = MAX_BLOB }: PullOptions,
): Promise<void> {
  const url = session.urlOf(`${repository}/blobs/${digest}`);
  const { algorithm, hex } = parseDigest(digest, url.href);
  if (algorithm !== 'sha256')
    throw session.failure(`${digest} is a digest of ${algorithm}, and blobs are kept by SHA-256`);
  if (size > limit) throw session.failure(`${digest} has ${size} bytes, more than the ${limit} that are allowed`);
  const promise = { sha256: hex, size };
  const file = await store.verifiedFile(promise);
  const fill = (sink: Sink): Promise<void> => download(session, url, { digest, size }, sink);
  const kept = file ?? (await store.put(promise, url.href, fill));
  const path = join(directory, blobPath(digest, repository));
  await mkdir(dirname(path), { recursive: true });
  // Where the two are on different disks, a link cannot be made.
  await link(kept, path).catch(() => copyFile(kept, path));
}

/**
 * Reads a blob of a repository, which must have the size and the digest of its descriptor.
 *
 * @param sink is told to begin again where the registry does
 * @throws KoalaError `registry`, `verify`
 */
export async function readBlob(
  session: Session,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  sink: Sink,
): Promise<void> {
  const url = session.urlOf(`${repository}/blobs/${digest}`);
  const { algorithm, hex } = parseDigest(digest, url.href);
  let hash = createHash(algorithm);
  let done = 0;
  await download(
    session,
    url,
    { digest, size },
    {
      restart: async () => {
        hash = createHash(algorithm);
        done = 0;
        await sink.restart();
      },
      write: async (chunk) => {
        hash.update(chunk);
        done += chunk.length;
        await sink.write(chunk);
      },
    },
  );
  const is = `${algorithm}:${hash.digest('hex')}`;
  if (done === size && is === `${algorithm}:${hex}`) return;
  throw isOther(session, digest, done === size ? is : `${done} bytes`);
}

/** Downloads a blob, and checks nothing of it. */
async function download(
  session: Session,
  url: URL,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  sink: Sink,
): Promise<void> {
  const { retries, pause, signal, onEvent } = session.patience;
  let done = 0;
  const onProgress = (event: TransferEvent): void => {
    if (event.type !== 'transfer-progress') return;
    done += event.bytes;
    onEvent({ type: 'blob-progress', digest, done, size });
  };
  const client = {
    get: (to: URL, headers: Readonly<Record<string, string>>) =>
      session.send({ method: 'GET', url: to, headers, signal }),
  };
  const request = { url: url.href, sink, limit: size, size };
  const outcome = await downloadHttp(request, {
    client,
    signal,
    limits: { ...DEFAULT_LIMITS, retries },
    pause,
    onEvent: onProgress,
  });
  if (outcome === 'absent') throw session.failure(`${plainUrl(url)} is not there`);
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  await writeFile(part, bytes, { flag: 'wx' });
  await rename(part, path);
}

function isOther(session: Session, digest: string, is: string): KoalaError {
  return new KoalaError('verify', `cannot accept ${digest} of ${session.host}: it is ${is}`);
}
