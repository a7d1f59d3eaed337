import type { ArchiveSpec } from './types.js';

/** Where Debian itself serves its archives, for machines and images without a mirror of their own. */
export const OFFICIAL_URIS: Readonly<Record<ArchiveSpec['kind'], string | undefined>> = {
  debian: 'http://ftp.debian.org/debian',
  'debian-security': 'http://security.debian.org/debian-security',
  other: undefined,
};
