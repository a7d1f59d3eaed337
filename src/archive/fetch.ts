import { KoalaError, reasonOf } from '../formats/errors.js';
import type { Store } from './store.js';
import type { Transport } from './transport.js';
import type { Promise256 } from './types.js';
import { joinUrl, maskUrl } from './url.js';

/** A file that an archive promises. */
export interface PromisedFile {
  /** Base URLs, tried in order. */
  readonly bases: readonly string[];
  /** Names of the file below a base, tried in order: by-hash, then plain. */
  readonly paths: readonly string[];
  readonly promise: Promise256;
}

/**
 * Brings a promised file into the store, from the first place that has it and keeps the promise. Whatever is wrong with one
 * mirror, the next one is asked.
 *
 * @throws KoalaError of the only place that was tried, or one that lists them all
 */
export async function fetchPromised(file: PromisedFile, store: Store, transport: Transport): Promise<string> {
  const { promise } = file;
  return firstOf(file.bases, transport, async (base) => {
    for (const path of file.paths) {
      const url = joinUrl(base, path);
      let absent = false;
      const stored = await store
        .put(promise, url, async (sink) => {
          const outcome = await transport.fetch({ url, sink, limit: promise.size, size: promise.size });
          absent = outcome === 'absent';
          if (absent) throw notFound(url);
        })
        .catch((error: unknown) => {
          if (absent) return undefined;
          throw error;
        });
      if (stored !== undefined) return stored;
    }
    throw notFound(joinUrl(base, file.paths.at(-1) ?? ''));
  });
}

/** The bytes of a small file without a promise, such as InRelease; undefined where the server has none. */
export async function fetchBytes(url: string, limit: number, transport: Transport): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  const outcome = await transport.fetch({
    url,
    limit,
    fresh: true,
    sink: {
      async restart() {
        chunks.length = 0;
      },
      async write(chunk) {
        chunks.push(chunk);
      },
    },
  });
  return outcome === 'absent' ? undefined : Buffer.concat(chunks);
}

/**
 * What the first place gives that does not fail; a failure that another place makes good is told as a retry.
 *
 * @throws KoalaError the failure of the only place, or the first one with all of them as details
 */
export async function firstOf<T>(
  places: readonly string[],
  transport: Transport,
  action: (place: string) => Promise<T>,
): Promise<T> {
  const failures: KoalaError[] = [];
  for (const [index, place] of places.entries()) {
    try {
      return await action(place);
    } catch (error) {
      if (!(error instanceof KoalaError) || error.code === 'cancelled') throw error;
      failures.push(error);
      if (index + 1 < places.length) {
        transport.onEvent({ type: 'transfer-retried', url: maskUrl(place), attempt: index + 1, reason: error.message });
      }
    }
  }
  const [first, ...others] = failures;
  if (first === undefined) throw new KoalaError('archive', 'cannot fetch from an archive without a URI');
  if (others.length === 0) throw first;
  throw new KoalaError(
    first.code,
    `${first.message}; ${others.length} more mirror${others.length === 1 ? '' : 's'} failed as well`,
    {
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      details: failures.map(reasonOf),
      cause: first,
    },
  );
}

export function notFound(url: string): KoalaError {
  return new KoalaError('archive', `cannot fetch ${maskUrl(url)}: there is no such file`, {
    hint: 'check the suite, and that the mirror carries it and is up to date',
  });
}
