import { lstatSync } from 'node:fs';
import { reasonOf } from '../formats/errors.js';
import { serve, throwIfStopped } from '../threads/serve.js';
import type { Entry } from './entries.js';
import { checkEntry } from './kinds.js';

export interface VerifyRequest {
  readonly entries: readonly Entry[];
}

/** What is damaged of the entries. */
export type VerifyReply = readonly { readonly entry: Entry; readonly inode: number; readonly why: string }[];

serve<VerifyRequest, VerifyReply>(async ({ entries }) => {
  return {
    result: entries.flatMap((entry) => {
      throwIfStopped();
      const inode = lstatSync(entry.path, { throwIfNoEntry: false })?.ino;
      try {
        checkEntry(entry);
        return [];
      } catch (error) {
        // It was pruned since it was listed.
        const isGone = inode === undefined || (error as NodeJS.ErrnoException).code === 'ENOENT';
        return isGone ? [] : [{ entry, inode, why: reasonOf(error) }];
      }
    }),
  };
});
