import { join } from 'node:path';
import type { BaseInput, ImageOptions, RemoteBase } from '../build-types.js';
import { architectureInfo } from '../formats/architecture.js';
import { KoalaError } from '../formats/errors.js';
import { pullImage } from '../registry/pull.js';
import { formatReference, parseReference } from '../registry/reference.js';

/**
 * Brings the image that a build stands on from its registry, to a layout below the cache that later builds find there.
 *
 * @throws KoalaError as `pullImage`; `usage` where it is no name of an image; `registry` where no server may be asked
 */
export async function fetchBase(
  { reference: text, insecure }: RemoteBase,
  { architectures, cacheDir, environment, offline, signal, onEvent }: ImageOptions,
): Promise<BaseInput> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  if (offline) {
    throw new KoalaError('registry', `cannot fetch ${name}: --offline`, {
      hint: '--base takes a layout too, which skopeo copy fetches',
    });
  }
  const path = join(cacheDir, 'images', encodeURIComponent(name));
  const platforms = architectures.map((architecture) => architectureInfo(architecture).platform);
  const { pinned } = await pullImage(reference, path, {
    platforms,
    environment,
    insecure,
    signal,
    onEvent: (event) => {
      if (event.type === 'retried') onEvent({ type: 'note', text: `${event.what}: ${event.reason}, trying again` });
    },
  });
  onEvent({ type: 'note', text: `${name} is ${pinned}` });
  return { path, name };
}
