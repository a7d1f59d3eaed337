import { type Answer, Interrupted, registryErrors } from './exchange.js';
import type { SendableBlob } from './image.js';
import type { Session } from './session.js';
import type { BlobOutcome } from './types.js';

/** How large the parts are in which a blob is sent: what is smaller goes at once, and a broken one is begun again. */
export const CHUNK_SIZE = 64 << 20;
/** Parts are made smaller down to this where something on the way takes no larger ones. */
const SMALLEST_CHUNK = 1 << 20;

/** An upload that has begun (distribution-spec, "Pushing blobs"). */
interface Upload {
  readonly location: URL;
  /** Bytes that the registry has. */
  readonly offset: number;
  /** Parts may not be smaller, but for the last one. */
  readonly smallest: number;
}

export interface BlobTarget {
  readonly repository: string;
  /** Another repository of the same registry that may have the blob. */
  readonly from: string | undefined;
  /** Bytes; `CHUNK_SIZE` but for tests. */
  readonly chunk: number;
}

/**
 * Sees to it that a repository has a blob: asks whether it is there, takes it over from another repository, or sends it. Goes
 * on where a connection broke off, with what the registry says that it has.
 *
 * @throws KoalaError `registry`
 */
export async function putBlob(session: Session, blob: SendableBlob, target: BlobTarget): Promise<BlobOutcome> {
  if (await hasBlob(session, blob, target)) return 'present';
  const begun = await begin(session, blob, target, target.from);
  if (begun === 'mounted') return 'mounted';
  await new Uploading(session, blob, target, begun).run();
  return 'sent';
}

async function hasBlob(session: Session, { descriptor }: SendableBlob, { repository }: BlobTarget): Promise<boolean> {
  const answer = await session.ask({ method: 'HEAD', to: `${repository}/blobs/${descriptor.digest}` });
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw await session.refusal(`${session.host} does not say whether it has ${descriptor.digest}`, answer);
}

/** Begins an upload, or has the blob taken over from another repository. */
async function begin(
  session: Session,
  blob: SendableBlob,
  target: BlobTarget,
  from: string | undefined,
): Promise<Upload | 'mounted'> {
  const { digest } = blob.descriptor;
  const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from })}`;
  const answer = await session.ask({
    method: 'POST',
    to: `${target.repository}/blobs/uploads/${mount}`,
    headers: { 'content-length': '0' },
    mayBeRefused: from !== undefined,
  });
  if (answer.status === 201 && from !== undefined) return 'mounted';
  if (answer.status === 202) {
    const smallest = Number(answer.header('oci-chunk-min-length') ?? 0);
    const location = session.resolve(answer.header('location'), answer.url);
    return { location, offset: 0, smallest: Number.isSafeInteger(smallest) ? smallest : 0 };
  }
  // The other repository may be closed to us.
  if (from !== undefined && answer.status >= 400) return begin(session, blob, target, undefined);
  throw await session.refusal(`${session.host} takes nothing for ${target.repository}`, answer);
}

/** One blob on its way. */
class Uploading {
  readonly #session: Session;
  readonly #blob: SendableBlob;
  readonly #target: BlobTarget;
  #upload: Upload | undefined;
  #chunk: number;
  #inOne: boolean;
  /** Whether the registry refused a part, and not for its size. */
  #takesNoParts = false;

  constructor(session: Session, blob: SendableBlob, target: BlobTarget, begun: Upload) {
    this.#session = session;
    this.#blob = blob;
    this.#target = target;
    this.#upload = begun;
    this.#chunk = target.chunk;
    this.#inOne = blob.descriptor.size <= target.chunk;
  }

  async run(): Promise<void> {
    const retrying = this.#session.retrying(this.#blob.descriptor.digest);
    let furthest = 0;
    for (;;) {
      try {
        if (await this.#step()) return;
      } catch (error) {
        await retrying.after(error);
        // The answer to the last part may have been lost, and not the part.
        if (await hasBlob(this.#session, this.#blob, this.#target)) return;
        await this.#resume();
      }
      const offset = this.#upload?.offset ?? 0;
      if (offset > furthest) {
        furthest = offset;
        retrying.progressed();
      }
    }
  }

  /** One request further; true where the blob is there. */
  async #step(): Promise<boolean> {
    const { size } = this.#blob.descriptor;
    this.#upload ??= await this.#beginAnew();
    const { offset, smallest } = this.#upload;
    if (this.#inOne && offset === 0) return this.#finish(this.#upload, size);
    if (offset === size) return this.#finish(this.#upload, 0);
    const end = Math.min(size, offset + Math.max(this.#chunk, smallest));
    this.#upload = await this.#append(this.#upload, end);
    return false;
  }

  async #beginAnew(): Promise<Upload> {
    const begun = await begin(this.#session, this.#blob, this.#target, undefined);
    if (begun !== 'mounted') return begun;
    throw this.#session.failure(`${this.#session.host} says that it took over what it was not told to`);
  }

  /** Sends a part; says how far the upload is then. */
  async #append(upload: Upload, end: number): Promise<Upload | undefined> {
    const { location, offset } = upload;
    const answer = await this.#session.askOnce({
      method: 'PATCH',
      to: location,
      // Without `bytes`, and with the last byte, as the specification has it.
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${offset}-${end - 1}` },
      body: this.#part(offset, end),
    });
    if (answer.status >= 200 && answer.status < 300) {
      const reached = reachedBy(answer, end);
      if (reached <= offset || reached > end) throw new Interrupted(`the registry has ${reached} of ${end} bytes`);
      return { ...upload, location: this.#session.resolve(answer.header('location'), answer.url), offset: reached };
    }
    if (answer.status === 413) return this.#takeSmaller(upload, end - offset, answer);
    if (offset > 0) throw await this.#interruption(answer, [400, 404, 416]);
    // What takes no parts may take the whole.
    if (this.#takesNoParts || ![400, 404, 405, 411, 416, 501].includes(answer.status))
      throw await this.#refused(answer);
    this.#takesNoParts = true;
    this.#inOne = true;
    return undefined;
  }

  /** Ends the upload, with the last `length` bytes. */
  async #finish(upload: Upload, length: number): Promise<boolean> {
    const { digest, size } = this.#blob.descriptor;
    const location = new URL(upload.location);
    // By hand: the rest of the query stays as the registry signed it.
    location.search += `${location.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    const answer = await this.#session.askOnce({
      method: 'PUT',
      to: location,
      headers: { 'content-type': 'application/octet-stream' },
      body: this.#part(size - length, size),
    });
    if (answer.status >= 200 && answer.status < 300) return true;
    if (answer.status === 413 && !this.#takesNoParts) {
      this.#inOne = false;
      this.#upload = await this.#takeSmaller(upload, length, answer);
      return false;
    }
    throw await this.#interruption(answer, [404, 416]);
  }

  #part(start: number, end: number) {
    const { digest, size } = this.#blob.descriptor;
    const blob = this.#blob;
    const { onEvent } = this.#session.patience;
    const tooShort = () => this.#session.failure(`${digest} has fewer than its ${size} bytes here`);
    return {
      size: end - start,
      *open() {
        let done = start;
        for (const chunk of blob.open(start)) {
          const part = chunk.subarray(0, end - done);
          done += part.length;
          onEvent({ type: 'blob-progress', digest, done, size });
          yield part;
          if (done >= end) return;
        }
        if (done < end) throw tooShort();
      },
    };
  }

  /** Of 413: what refuses may be a proxy that takes only so much at a time, so smaller parts may pass. */
  async #takeSmaller(upload: Upload, length: number, answer: Answer): Promise<Upload | undefined> {
    const smaller = Math.max(SMALLEST_CHUNK, Math.floor(length / 4));
    if (length <= SMALLEST_CHUNK || smaller < upload.smallest) throw await this.#refused(answer);
    this.#chunk = smaller;
    await this.#resume();
    return this.#upload;
  }

  /** Asks how far an upload is; one that the registry does not know any more begins anew. */
  async #resume(): Promise<void> {
    if (this.#upload === undefined) return;
    const answer = await this.#session.ask({ method: 'GET', to: this.#upload.location });
    if (answer.status !== 204 && answer.status !== 200) {
      this.#upload = undefined;
      return;
    }
    const offset = reachedBy(answer, 0);
    const location = this.#session.resolve(answer.header('location') ?? this.#upload.location.href, answer.url);
    this.#upload = offset > this.#blob.descriptor.size ? undefined : { ...this.#upload, location, offset };
  }

  /** An upload that the registry lost (it was restarted, say) begins anew; all else is a refusal. */
  async #interruption(answer: Answer, lost: readonly number[]): Promise<Error> {
    const codes = registryErrors(answer.body).map(({ code }) => code);
    const isRefusal = codes.some((code) => /^(?:DIGEST_INVALID|SIZE_INVALID|DENIED|UNAUTHORIZED)$/.test(code));
    if (!isRefusal && lost.includes(answer.status)) return new Interrupted(`the registry lost the upload`);
    return this.#refused(answer);
  }

  async #refused(answer: Answer): Promise<Error> {
    const { digest, size } = this.#blob.descriptor;
    const { offset = 0 } = this.#upload ?? {};
    const after = offset > 0 ? ` after ${offset} bytes` : '';
    const codes = registryErrors(answer.body).map(({ code }) => code);
    return this.#session.refusal(`${this.#session.host} does not take ${digest} of ${size} bytes${after}`, answer, {
      hint:
        answer.status === 413
          ? 'blobs that are too large get smaller with more layers, one for each stage, or with another compression'
          : codes.includes('DIGEST_INVALID')
            ? 'the file is not what its name says: build the image again'
            : undefined,
    });
  }
}

/** How many bytes the registry has: `Range` names the last one; `0-0` is what it says of none. */
function reachedBy(answer: Answer, otherwise: number): number {
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(answer.header('range') ?? '') ?? [];
  if (last === undefined) return otherwise;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}
