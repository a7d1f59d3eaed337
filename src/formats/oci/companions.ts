import type { Descriptor } from './types.js';

/** What a manifest is called in a layout (annotations.md): its tag. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/**
 * Tags of what belongs to an image: cosign's (`.sig`, `.att`, `.sbom`), and the one under which a registry without the
 * referrers API lists what refers to it (OCI distribution-spec, "Referrers Tag Schema").
 */
const COMPANION_TAG = /^sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?$/;

/** Whether a manifest of a layout is no image, but says something of one: a signature, an attestation, an SBOM. */
export function isCompanion({ artifactType, annotations }: Descriptor): boolean {
  return artifactType !== undefined || COMPANION_TAG.test(annotations?.[REF_NAME] ?? '');
}

/**
 * The tag of what belongs to an image.
 *
 * @param digest of the image's manifest
 * @param suffix `sig` or `att`; none: the list of what refers to it
 */
export function companionTag(digest: string, suffix?: 'sig' | 'att'): string {
  return digest.replace(':', '-') + (suffix === undefined ? '' : `.${suffix}`);
}
