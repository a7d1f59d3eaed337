import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CODE = fileURLToPath(new URL('..', import.meta.url));

/**
 * Tells this program from any other: names, sizes and times of the files of its code. Reading all of them would take longer, and
 * files that were not changed give the same.
 */
export function programDigest(): string {
  const hash = createHash('sha256');
  const names = readdirSync(CODE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const name of names.sort()) {
    const { size, mtimeMs } = statSync(join(CODE, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}
