import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createScratch } from './build/scratch.js';
import { buildImages } from './build-images.js';
import type { ImageOptions, ImagesSummary } from './build-types.js';
import type { ImageFormat } from './emit/oci/output.js';
import { KoalaError } from './formats/errors.js';
import { openImageFiles } from './image/files.js';
import { readSendableImage, type SendableImage } from './registry/image.js';
import { type Pushed, type PushOptions, pushImage } from './registry/push.js';
import { formatReference, type Reference } from './registry/reference.js';
import { Session } from './registry/session.js';
import { attach } from './sign/attach.js';
import { copyCompanions, hasCompanions } from './sign/copy-companions.js';
import type { ImageStore } from './sign/image-store.js';
import { layoutStore } from './sign/layout-store.js';
import { registryStore } from './sign/registry-store.js';

/** A file that says something of an image, and is found in a registry by that. */
export interface ImageDocument {
  /** Of the image. */
  readonly digest: string;
  readonly path: string;
  readonly mediaType: string;
}

export interface PublishOptions extends PushOptions {
  /** Where the image goes, at least one. */
  readonly references: readonly Reference[];
  /** What is sent along as artifacts that refer to it or to images in it. */
  readonly documents?: readonly ImageDocument[];
}

/** What was published; `--json` as it is. */
export interface Published {
  /** Of the index where there are several images, else of the image. */
  readonly digest: string;
  readonly references: readonly Pushed[];
}

/**
 * Publishes an image that is there.
 *
 * @param image a path of an OCI layout, a directory or a tar
 * @throws KoalaError as `readSendableImage` and `pushImage`
 */
export async function publishImage(
  image: string,
  { references, documents = [], ...options }: PublishOptions,
): Promise<Published> {
  const files = await openImageFiles(image);
  if (files === undefined) {
    throw new KoalaError('usage', `cannot publish ${image}: it is no image`, {
      hint: 'an image is an OCI layout, a directory or a tar: koala-bootstrap -o NAME.oci.tar builds one',
    });
  }
  const sendable = readSendableImage(files, image);
  const { digest } = sendable.root;
  const pushed = await pushImage(sendable, references, options);
  const companions = layoutStore(image, files);
  if (await hasCompanions(companions, digest)) {
    // What is signed of an image comes after it.
    await inRegistries(references, options, (store) => copyCompanions(companions, store, digest));
  }
  if (documents.length > 0) await inRegistries(references, options, (store) => attachAll(store, sendable, documents));
  return { digest, references: pushed };
}

async function inRegistries(
  references: readonly Reference[],
  options: PushOptions,
  action: (store: ImageStore) => Promise<void>,
): Promise<void> {
  for (const reference of references) {
    const { host, repository } = reference;
    const scopes = [`repository:${repository}:pull,push`];
    const target = { host, repository, scopes, purpose: `publish ${formatReference(reference)}` };
    await Session.with(target, options, (session) => action(registryStore(session, reference)));
  }
}

async function attachAll(store: ImageStore, image: SendableImage, documents: readonly ImageDocument[]): Promise<void> {
  for (const { digest, path, mediaType } of documents) {
    const subject = image.documents.find(({ descriptor }) => descriptor.digest === digest)?.descriptor;
    if (subject === undefined) continue;
    const bytes = await readFile(path);
    await attach(store, subject, { artifactType: mediaType, mediaType, bytes, annotations: {} });
  }
}

export interface BuildToPublish extends Omit<ImageOptions, 'output' | 'format'> {
  /** Where the image stays too; undefined: nowhere. */
  readonly output: { readonly path: string; readonly format: ImageFormat } | undefined;
}

/** Builds images as `buildImages` does, and gives their layout to `action`; what nobody wants to keep is removed then. */
export async function withBuiltImages<T>(
  build: BuildToPublish,
  action: (image: string, summary: ImagesSummary) => Promise<T>,
): Promise<T> {
  const { output } = build;
  if (output !== undefined) {
    const summary = await buildImages({ ...build, output: output.path, format: output.format });
    return action(output.path, summary);
  }
  const scratch = await createScratch(build.cacheDir, build);
  try {
    const image = join(scratch.directory, 'image.oci');
    const summary = await buildImages({ ...build, output: image, format: 'oci-dir' });
    return await action(image, summary);
  } finally {
    await scratch.remove();
  }
}
