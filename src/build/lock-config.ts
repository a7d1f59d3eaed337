import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LockOptions } from '../build-types.js';
import { lockedConfig } from '../solve/lock/config.js';
import type { LockedConfig } from '../solve/lock/types.js';

/** What decides on packages and tree; of keyring files, their contents. */
export async function configFor(
  options: Pick<LockOptions, 'profile' | 'from' | 'suite' | 'updates' | 'snapshot' | 'include' | 'sources'>,
): Promise<LockedConfig> {
  const paths = options.profile.archives
    .flatMap(({ keyrings }) => keyrings)
    .filter((keyring) => keyring.startsWith('/'));
  const digests = await Promise.all(paths.map(async (path) => [path, await digestOf(path)] as const));
  return lockedConfig({ ...options, keyringFiles: new Map(digests) });
}

/** One that is missing is told of by who needs it. */
async function digestOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => '');
  return createHash('sha256').update(bytes).digest('hex');
}
