import { createSlots } from '../archive/slots.js';
import { KoalaError } from '../formats/errors.js';
import type { Descriptor } from '../formats/oci/types.js';
import { type Answer, registryErrors } from './exchange.js';
import type { SendableDocument, SendableImage } from './image.js';
import { formatReference, parseReference, type Reference, tagOf, withDigest } from './reference.js';
import { Session } from './session.js';
import type { BlobOutcome, RegistryOptions } from './types.js';
import { CHUNK_SIZE, putBlob } from './upload.js';

export interface PushOptions extends RegistryOptions {
  /** Bytes in which larger blobs are sent. */
  readonly chunk?: number;
}

/** What was done for one reference. */
export interface Pushed {
  /** `registry.example/team/app:1.0` */
  readonly reference: string;
  /** Of the manifest or index. */
  readonly digest: string;
  /** The reference by its digest, which stays what it is. */
  readonly pinned: string;
  /** The same of the manifests in an index. */
  readonly manifests: readonly { readonly pinned: string; readonly platform: Descriptor['platform'] }[];
  readonly blobs: Readonly<Record<BlobOutcome, { readonly count: number; readonly bytes: number }>>;
}

/**
 * Sends an image to all references, one after the other: what a registry has is not sent again, what another repository of it
 * has is taken over. Blobs go first, then manifests, indices and tags last, so that nobody can pull what is not whole.
 *
 * @throws KoalaError `usage` for a reference by a digest that the image has not; `registry`; `cancelled`
 */
export async function pushImage(
  image: SendableImage,
  references: readonly Reference[],
  options: PushOptions,
): Promise<Pushed[]> {
  for (const { digest } of references) {
    if (digest === undefined || digest === image.root.digest) continue;
    throw new KoalaError('usage', `cannot publish as ${digest}: the image is ${image.root.digest}`);
  }
  const done: Pushed[] = [];
  for (const [at, reference] of references.entries()) {
    const known = [...references.slice(0, at), ...baseOf(image)];
    const from = known.find(({ host, repository }) => host === reference.host && repository !== reference.repository);
    done.push(await pushTo(image, reference, from?.repository, options));
  }
  return done;
}

async function pushTo(
  image: SendableImage,
  reference: Reference,
  from: string | undefined,
  options: PushOptions,
): Promise<Pushed> {
  const { host, repository } = reference;
  const name = formatReference(reference);
  const target = {
    host,
    repository,
    scopes: [`repository:${repository}:pull,push`, ...(from === undefined ? [] : [`repository:${from}:pull`])],
    purpose: `publish ${name}`,
  };
  return Session.with(target, options, async (session) => {
    const blobs = await putBlobs(session, image, { repository, from, chunk: options.chunk ?? CHUNK_SIZE });
    for (const document of image.documents) {
      const tag = document.descriptor.digest === image.root.digest ? tagOf(reference) : undefined;
      await putDocument(session, document, repository, tag);
    }
    const manifests = image.documents.filter(({ descriptor }) => descriptor.digest !== image.root.digest);
    return {
      reference: name,
      digest: image.root.digest,
      pinned: withDigest(reference, image.root.digest),
      manifests: manifests.map(({ descriptor: { digest, platform } }) => ({
        pinned: withDigest(reference, digest),
        platform,
      })),
      blobs,
    };
  });
}

async function putBlobs(session: Session, image: SendableImage, target: Parameters<typeof putBlob>[2]) {
  const totals = { sent: { count: 0, bytes: 0 }, mounted: { count: 0, bytes: 0 }, present: { count: 0, bytes: 0 } };
  const slots = createSlots(session.concurrency);
  let failed = false;
  const work = image.blobs.map((blob) =>
    slots(async () => {
      // Nothing is begun any more after a failure.
      if (failed) return;
      const { digest, size } = blob.descriptor;
      const outcome = await putBlob(session, blob, target).catch((error: unknown) => {
        failed = true;
        throw error;
      });
      totals[outcome].count += 1;
      totals[outcome].bytes += size;
      session.patience.onEvent({ type: 'blob-finished', digest, size, outcome });
    }),
  );
  await Promise.all(work);
  return totals;
}

/** Sends a manifest or an index, unless it is there under that tag already. */
export async function putDocument(
  session: Session,
  { descriptor, bytes }: SendableDocument,
  repository: string,
  tag: string | undefined,
): Promise<void> {
  const { digest, mediaType } = descriptor;
  const to = `${repository}/manifests/${tag ?? digest}`;
  const there = await session.ask({ method: 'HEAD', to, headers: { accept: mediaType } });
  const before = there.status === 200 ? (there.header('docker-content-digest') ?? 'unknown') : undefined;
  const reference = `${session.host}/${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`;
  const finished = (outcome: 'sent' | 'present'): void =>
    session.patience.onEvent({ type: 'manifest-finished', reference, outcome });
  if (before === digest) return finished('present');
  const body = { size: bytes.length, open: () => [bytes] };
  const answer = await session.ask({ method: 'PUT', to, headers: { 'content-type': mediaType }, body });
  if (answer.status < 200 || answer.status >= 300) throw await refusedDocument(session, reference, before, answer);
  const got = answer.header('docker-content-digest');
  if (got === undefined || got === digest) return finished('sent');
  throw session.failure(`${session.host} made ${got} of ${digest}`);
}

function refusedDocument(session: Session, reference: string, before: string | undefined, answer: Answer) {
  const isTag = !reference.includes('@');
  const said = registryErrors(answer.body)
    .map(({ code, message }) => `${code} ${message}`)
    .join(' ');
  const isImmutable = [409, 412].includes(answer.status) || /immutab|overwrit|already exist/i.test(said);
  if (isTag && before !== undefined && (isImmutable || [400, 403, 405].includes(answer.status))) {
    const names = before === 'unknown' ? 'something else' : before;
    return session.refusal(`the tag is there and stays what it is, ${names}`, answer, {
      hint: 'choose another tag; in a registry with immutable tags each one is given once',
    });
  }
  if (answer.status === 413) return session.refusal(`${session.host} does not take so large a manifest`, answer);
  return session.refusal(`${session.host} does not take ${isTag ? 'the tag' : reference}`, answer);
}

/** The image that this one stands on: a registry that has it has its layers. */
function baseOf({ baseName }: SendableImage): Reference[] {
  try {
    return baseName === undefined ? [] : [parseReference(baseName)];
  } catch {
    return [];
  }
}
