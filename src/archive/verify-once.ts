import { createHash } from 'node:crypto';
import { keepJson, readKeptJson } from './block-file.js';
import { entryPath } from './layout.js';
import type { SignedText } from './openpgp-verify.js';
import type { Store } from './store.js';

/** All that an answer of OpenPGP depends on, but for the code. */
interface Question {
  /** The signed file, and its signature where that is apart. */
  readonly files: readonly Uint8Array[];
  /** The digest of the keyring's contents. */
  readonly keyring: string;
  readonly signers: readonly string[];
  /** The time that keys and signatures are judged at. */
  readonly now: Date;
  readonly store: Store;
}

/** What was found good, and when that holds; times in milliseconds since the epoch. */
interface Answer extends SignedText {
  readonly from: number;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * Verifies signed files, unless the very same bytes were found good with the very same keys before, and still are: time is all
 * that can change such an answer. It does so when a signature or a key expires, which ends what is kept; and where a
 * certificate tells of its future, such as a revocation that is dated ahead, so nothing is kept for more than a day. Only what
 * was good is kept, and it is believed only in a file of this user that nobody else may write: who can write it can
 * write this program, too.
 */
export async function verifyOnce(question: Question, verify: () => Promise<SignedText>): Promise<SignedText> {
  const { store } = question;
  const now = question.now.getTime();
  const key = keyOf(question);
  const path = entryPath(store.directory, 'verified', key);
  // Where there is none, it is asked again.
  const known = readKeptJson(path, key) as Answer | undefined;
  if (known !== undefined && known.from <= now && now < known.until) return known;
  const signed = await verify();
  const answer: Answer = { ...signed, from: now, until: Math.min(signed.until, now + DAY) };
  await keepJson(store, path, answer, key);
  return signed;
}

function keyOf({ files, keyring, signers }: Question): string {
  const digests = files.map((file) => createHash('sha256').update(file).digest('hex'));
  const parts = JSON.stringify([digests, keyring, signers]);
  return createHash('sha256').update(parts).digest('hex');
}
