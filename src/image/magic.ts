/** How files are compressed that we can read. */
export type KnownCompression = 'none' | 'gz' | 'xz' | 'zst' | 'bz2';

/** The first bytes of compressed files (RFC 1952, 8878; the .xz and bzip2 formats). */
const MAGIC: readonly (readonly [compression: KnownCompression, bytes: string])[] = [
  ['gz', '1f8b'],
  ['xz', 'fd377a585a00'],
  ['zst', '28b52ffd'],
  ['bz2', '425a68'],
];

/** How a file is compressed, by how it begins. */
export function compressionOf(head: Uint8Array): KnownCompression {
  const start = Buffer.from(head.subarray(0, 8)).toString('hex');
  return MAGIC.find(([, bytes]) => start.startsWith(bytes))?.[0] ?? 'none';
}

/** Whether a file begins as a tar does, with what POSIX and GNU write into each header, or with the zeros of an empty one. */
export function isTar(head: Uint8Array): boolean {
  if (Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar') return true;
  return head.length === 512 && head.every((byte) => byte === 0);
}
