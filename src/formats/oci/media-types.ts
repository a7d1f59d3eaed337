/** How a layer's tar is compressed. */
export type LayerCompression = 'none' | 'gz' | 'zst';

/** The media types that we write (OCI image-spec, media-types.md). */
export const MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** Docker's, which registries still give, and which mean the same (media-types.md, "Compatibility Matrix"). */
export const DOCKER_MEDIA_TYPES = {
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
} as const;

/** Media types of layers by their compression. */
export const LAYER_MEDIA_TYPES: Readonly<Record<LayerCompression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gz: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zst: 'application/vnd.oci.image.layer.v1.tar+zstd',
};

export function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.index || mediaType === DOCKER_MEDIA_TYPES.index;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.manifest || mediaType === DOCKER_MEDIA_TYPES.manifest;
}
