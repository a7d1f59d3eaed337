import { createHash } from 'node:crypto';

/**
 * What tells whether an implementation of a compression makes the bytes that the outputs are made of: the SHA-256 of what
 * it makes of a sample. The versions of all libraries are fixed, but a platform may have had its own compiled in.
 */
export function fingerprint(compress: (bytes: Uint8Array) => Uint8Array): string {
  return createHash('sha256').update(compress(sample())).digest('hex');
}

const SAMPLE_SIZE = 256 * 1024;

/** Letters, and repetitions near and far, short and long: what implementations, versions and levels treat differently. */
function sample(): Uint8Array {
  const bytes = new Uint8Array(SAMPLE_SIZE);
  let state = 1;
  // The generator of POSIX' rand(), for numbers that are the same everywhere.
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let at = 0; at < SAMPLE_SIZE; ) {
    const repeat = at > 0 && random(3) > 0;
    const length = Math.min(SAMPLE_SIZE - at, repeat ? 3 + random(random(20) === 0 ? 1000 : 30) : 1 + random(12));
    const from = at - 1 - random(random(2) === 0 ? Math.min(at || 1, 1000) : at || 1);
    for (let count = 0; count < length; count += 1)
      bytes[at + count] = repeat ? (bytes[from + count] ?? 0) : 97 + random(26);
    at += length;
  }
  return bytes;
}
