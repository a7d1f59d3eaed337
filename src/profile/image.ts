import { splitWords } from '../formats/words.js';
import { singleCertificate } from './certificate.js';
import type { RawProfile } from './schema.js';
import type { ImageSettings, Layering, TrustedCertificate } from './types.js';

/** What a profile says of images that says nothing. */
export const NO_IMAGE_SETTINGS: ImageSettings = {
  entrypoint: undefined,
  cmd: undefined,
  stopSignal: undefined,
  workDir: undefined,
  volumes: [],
  exposedPorts: [],
  labels: {},
  annotations: {},
  vcsUrl: undefined,
  certificates: [],
  layering: { strategy: 'stage' },
};

/** Of Docker and containerd's 127 layers some are left to who builds on the image. */
const DEFAULT_BUDGET = 10;

/** What a profile says of images, over what the profile says that it extends; a list or a text replaces, a mapping adds. */
export function mergeImage(raw: RawProfile, parent: ImageSettings): ImageSettings {
  const certificates = certificatesOf(raw);
  const names = new Set(certificates.map(({ name }) => name));
  return {
    entrypoint: entrypointOf(raw.entrypoint) ?? parent.entrypoint,
    // Arguments of another program have no meaning.
    cmd: wordsOf(raw.cmd) ?? (raw.entrypoint === undefined ? parent.cmd : undefined),
    stopSignal: raw['stop-signal']?.toString() ?? parent.stopSignal,
    workDir: raw['work-dir'] ?? parent.workDir,
    volumes: [...new Set([...parent.volumes, ...(raw.volumes ?? [])])],
    exposedPorts: [...new Set([...parent.exposedPorts, ...(raw['exposed-ports'] ?? []).map(portOf)])],
    labels: { ...parent.labels, ...raw.labels },
    annotations: { ...parent.annotations, ...raw.annotations },
    vcsUrl: raw['vcs-url'] ?? parent.vcsUrl,
    certificates: [...parent.certificates.filter(({ name }) => !names.has(name)), ...certificates],
    layering: raw.layering === undefined ? parent.layering : layeringOf(raw.layering),
  };
}

function entrypointOf(raw: RawProfile['entrypoint']): readonly string[] | undefined {
  const fragment = raw?.['shell-fragment'];
  return fragment === undefined ? wordsOf(raw?.command) : ['/bin/sh', '-c', fragment];
}

function wordsOf(raw: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof raw === 'string' ? splitWords(raw) : raw;
}

function portOf(raw: number | string): string {
  const text = String(raw);
  return text.includes('/') ? text : `${text}/tcp`;
}

export function certificatesOf({ certificates }: RawProfile): TrustedCertificate[] {
  return (certificates?.additional ?? []).map(({ name, content = '' }) => ({ name, pem: singleCertificate(content) }));
}

function layeringOf({ strategy = 'stage', budget = DEFAULT_BUDGET }: NonNullable<RawProfile['layering']>): Layering {
  return strategy === 'stage' ? { strategy } : { strategy, budget };
}
