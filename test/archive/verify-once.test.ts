import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/archive/store.js';
import { verifyOnce } from '../../src/archive/verify-once.js';
import { temporaryDirectory } from './scratch.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 6, 1);
const QUESTION = { files: [Buffer.from('signed'), Buffer.from('signature')], keyring: 'k'.repeat(64), signers: ['F'] };

let store: Store;
beforeEach(async () => {
  store = await openStore(await temporaryDirectory());
});

/** Asks, and says whether OpenPGP was asked. */
async function ask(change: object = {}, at = NOW, until = Number.POSITIVE_INFINITY): Promise<boolean> {
  let asked = false;
  const signed = await verifyOnce({ ...QUESTION, now: new Date(at), store, ...change }, async () => {
    asked = true;
    return { text: 'Origin: ä\n', signedBy: ['F'], until };
  });
  expect(signed).toMatchObject({ text: 'Origin: ä\n', signedBy: ['F'] });
  return asked;
}

it('verifies the same bytes by the same keys once', async () => {
  expect([await ask(), await ask(), await ask({}, NOW + 23 * HOUR)]).toEqual([true, false, false]);
});

it.each([
  ['other bytes', { files: [Buffer.from('Signed'), Buffer.from('signature')] }, NOW],
  ['bytes that are parted in another place', { files: [Buffer.from('signeds'), Buffer.from('ignature')] }, NOW],
  ['another keyring', { keyring: 'l'.repeat(64) }, NOW],
  ['other signers', { signers: [] }, NOW],
  ['an earlier time', {}, NOW - 1],
  ['the next day', {}, NOW + 24 * HOUR],
])('verifies again for %s', async (_, change, at) => {
  await ask();
  expect(await ask(change, at)).toBe(true);
});

it('ends with the key', async () => {
  const until = NOW + HOUR;
  expect([await ask({}, NOW, until), await ask({}, until - 1), await ask({}, until)]).toEqual([true, false, true]);
});

it('keeps nothing of what is not good', async () => {
  const fail = () => verifyOnce({ ...QUESTION, now: new Date(NOW), store }, () => Promise.reject(new Error('bad')));
  await expect(fail()).rejects.toThrow('bad');
  await expect(fail()).rejects.toThrow('bad');
  await expect(readdir(join(store.directory, 'verified'))).rejects.toThrow('ENOENT');
});

it.each([
  ['is damaged', async (file: string) => writeFile(file, (await readFile(file, 'latin1')).replace('Origin', 'Origim'))],
  ['others may write', (file: string) => chmod(file, 0o622)],
])('does not believe a file that %s', async (_, spoil) => {
  await ask();
  const [name = ''] = await readdir(join(store.directory, 'verified'));
  await spoil(join(store.directory, 'verified', name));
  expect(await ask()).toBe(true);
});
