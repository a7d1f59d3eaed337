import { describe, expect, it } from 'vitest';
import { readCorpus, topics } from './corpus.js';
import { hasDash, type Ran, runDash, runOurs } from './oracle.js';

/** All but the lines in messages: dash names the one that it has read last, we name the command's. */
function comparable({ status, stdout, stderr }: Ran): Ran {
  return { status, stdout, stderr: stderr.replace(/^script: [0-9]+:/gm, 'script: N:') };
}

describe.skipIf(!hasDash)('as dash (skipped where this machine has no dash)', () => {
  describe.each(topics)('%s', (topic) => {
    it.each(readCorpus(topic))('$title', ({ script }) => {
      expect(comparable(runOurs(script))).toEqual(comparable(runDash(script)));
    });
  });
});
