import { rmSync } from 'node:fs';

/** Takes away what is damaged in a cache, whatever it is. Where the cache may only be read it stays, and is found again. */
export function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Nobody is worse off.
  }
}
