import { existsSync } from 'node:fs';
import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { type Claim, claimOf } from '../sign/attested.js';
import { COMPANIONS, sha256Of, signFile } from '../sign/file.js';
import type { ImageStore } from '../sign/image-store.js';
import { readSigningKey } from '../sign/keys.js';
import { SCHEMES, type Scheme } from '../sign/schemes.js';
import { signImage } from '../sign/sign-image.js';
import { predicateName } from '../sign/statement.js';
import type { SigningKey } from '../sign/types.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { listedNames } from './options.js';
import { passphraseFor } from './passphrase.js';
import type { TalkArguments } from './progress.js';
import { readText, withSigned } from './signed-artifact.js';
import { lookOf, printable, styled } from './text.js';

/** What is asked of `sign`, as the parser gives it. */
export interface SignArguments extends TalkArguments {
  readonly artifact: string;
  readonly key: string | undefined;
  readonly attest: readonly string[];
  readonly scheme: readonly string[];
  readonly insecure: boolean;
  readonly json: boolean;
}

/** A line of the report. */
interface Done {
  /** The digest of an image, or what was written. */
  readonly of: string;
  readonly type: string;
  readonly scheme: Scheme | undefined;
  readonly isNew: boolean;
}

/** Signs an image or a file, and what is said of it: what `--attest` names, and the SBOM and provenance that lie beside it. */
export async function runSign(given: SignArguments, io: Io, interruption: Interruption): Promise<void> {
  const schemes = schemesOf(given.scheme);
  const done = await withSigned({ ...given, purpose: 'sign' }, io, interruption, async (artifact) => {
    const key = await keyOf(given.key, io);
    const documents = given.attest.length > 0 ? given.attest : besides(artifact.path);
    return artifact.type === 'image'
      ? signAll(artifact.store, documents, key, schemes)
      : signOne(artifact.path, documents, key);
  });
  if (given.json) io.stdout.write(jsonText({ artifact: given.artifact, signed: done }));
  else if (!given.quiet) io.stdout.write(textOf(done, io));
}

async function signAll(
  store: ImageStore,
  documents: readonly string[],
  key: SigningKey,
  schemes: readonly Scheme[],
): Promise<Done[]> {
  const subjects = await store.subjects();
  if (subjects.length === 0) throw new KoalaError('usage', `cannot sign ${store.origin}: it has no image`);
  const all: Done[] = [];
  for (const subject of subjects) {
    const claims = await claimsOf(documents, subject.digest.replace('sha256:', ''));
    const signed = await signImage(store, { subject, claims }, key, schemes);
    for (const { digest, predicateType, scheme, isNew } of signed) {
      all.push({ of: digest, type: predicateType, scheme, isNew });
    }
  }
  await store.finish();
  return all;
}

async function signOne(path: string, documents: readonly string[], key: SigningKey): Promise<Done[]> {
  const claims = await claimsOf(documents, await sha256Of(path));
  const files = await signFile(path, claims, key);
  return files.map((file) => ({ of: file.path, type: file.predicateType, scheme: undefined, isNew: true }));
}

async function claimsOf(documents: readonly string[], sha256: string): Promise<Claim[]> {
  return Promise.all(documents.map(async (path) => claimOf(Buffer.from(await readText(path)), sha256, path)));
}

/** What a build writes beside its output. */
function besides(path: string | undefined): string[] {
  if (path === undefined) return [];
  return COMPANIONS.map(([ending]) => `${path}${ending}.json`).filter((name) => existsSync(name));
}

async function keyOf(path: string | undefined, io: Io): Promise<SigningKey> {
  if (path === undefined) {
    throw new KoalaError('usage', 'cannot sign without a key: give --key FILE', {
      hint: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -out koala.key makes one',
    });
  }
  return readSigningKey(await readText(path), path, () => passphraseFor(path, io));
}

function schemesOf(lists: readonly string[]): readonly Scheme[] {
  const names = listedNames(lists);
  const wrong = names.find((name) => !SCHEMES.some((scheme) => scheme === name));
  if (wrong !== undefined) {
    throw new KoalaError('usage', `cannot sign in the scheme ${JSON.stringify(wrong)}`, {
      hint: `there are ${SCHEMES.join(' and ')}`,
    });
  }
  return names.length === 0 ? SCHEMES : SCHEMES.filter((scheme) => names.includes(scheme));
}

function textOf(done: readonly Done[], io: Io): string {
  const look = lookOf(io.stdout, io.environment);
  const lines = [...new Set(done.map(({ of }) => of))].flatMap((subject) => [
    styled('bold', printable(subject, look), look),
    ...done
      .filter(({ of }) => of === subject)
      .map(({ type, scheme, isNew }) => {
        const words = [scheme, isNew ? undefined : 'there already'].filter((word) => word !== undefined);
        return `  ${printable(predicateName(type), look)}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
      }),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
