import { join } from 'node:path';
import { openStore } from '../archive/store.js';
import type { BaseInput, ImageOptions, RemoteBase } from '../build-types.js';
import { architectureInfo } from '../formats/architecture.js';
import { KoalaError } from '../formats/errors.js';
import { pullImage } from '../registry/pull.js';
import { formatReference, parseReference } from '../registry/reference.js';
import { createScratch } from './scratch.js';

/**
 * Brings the image that a build stands on from its registry, its blobs to the store, and gives it to `action`.
 *
 * @throws KoalaError as `pullImage`; `usage` where it is no name of an image; `registry` where no server may be asked
 */
export async function withRemoteBase<T>(
  { reference: text, insecure }: RemoteBase,
  { architectures, cacheDir, environment, offline, signal, onEvent }: ImageOptions,
  action: (base: BaseInput) => Promise<T>,
): Promise<T> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  if (offline) {
    throw new KoalaError('registry', `cannot fetch ${name}: --offline`, {
      hint: '--base takes a layout too, which skopeo copy fetches',
    });
  }
  const scratch = await createScratch(cacheDir, { offline });
  try {
    const path = join(scratch.directory, 'base.oci');
    const { pinned } = await pullImage(reference, path, {
      platforms: architectures.map((architecture) => architectureInfo(architecture).platform),
      store: await openStore(cacheDir),
      environment,
      insecure,
      signal,
      onEvent: (event) => {
        if (event.type === 'retried') onEvent({ type: 'note', text: `${event.what}: ${event.reason}, trying again` });
      },
    });
    onEvent({ type: 'note', text: `${name} is ${pinned}` });
    return await action({ path, name });
  } finally {
    await scratch.remove();
  }
}
