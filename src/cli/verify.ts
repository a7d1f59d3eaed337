import { KoalaError } from '../formats/errors.js';
import { jsonText } from '../formats/json-text.js';
import { formatPlatform } from '../formats/oci/parse.js';
import { verifyFile } from '../sign/file.js';
import type { ImageStore } from '../sign/image-store.js';
import { readVerifyingKey } from '../sign/keys.js';
import { PREDICATE_TYPES, predicateName } from '../sign/statement.js';
import type { VerifyingKey } from '../sign/types.js';
import { verifyImage } from '../sign/verify-image.js';
import type { BuildArguments } from './build.js';
import type { Interruption } from './interrupt.js';
import type { Io } from './io.js';
import { listedNames } from './options.js';
import { readText, withSigned } from './signed-artifact.js';
import { type Look, lookOf, printable, styled } from './text.js';

/** What is asked of `verify`, as the parser gives it, with the options of a build for `--reproduce`. */
export interface VerifyArguments extends Omit<BuildArguments, 'output' | 'format'> {
  readonly artifact: string;
  readonly key: string | undefined;
  readonly require: readonly string[];
  readonly reproduce: boolean;
  readonly insecure: boolean;
}

/** Something that holds, and all that its key's owner says of it. */
interface Held {
  /** `sha256:` and hexadecimal digits, of a manifest or a file. */
  readonly digest: string;
  /** `linux/amd64`; undefined where nothing says it. */
  readonly platform: string | undefined;
  readonly claims: readonly { readonly type: string; readonly scheme: string | undefined }[];
  /** Signatures and attestations of other keys. */
  readonly others: number;
}

/**
 * Checks that an image or a file is what a key's owner signed, and that the lock gives it again.
 *
 * @throws KoalaError `verify` where it is not
 */
export async function runVerify(given: VerifyArguments, io: Io, interruption: Interruption): Promise<void> {
  const { artifact, key, reproduce } = given;
  const required = requiredOf(given.require);
  if (key === undefined && (!reproduce || required.length > 0)) {
    throw new KoalaError('usage', `cannot verify ${required.length > 0 ? 'attestations' : artifact} without a key`, {
      hint: 'give --key FILE, or --reproduce with --lock FILE',
    });
  }
  const verified = key === undefined ? [] : await verifySigned(given, key, required, io, interruption);
  const rebuilt = reproduce ? await (await import('./reproduce.js')).runReproduce(given, io, interruption) : undefined;
  if (given.json) {
    io.stdout.write(jsonText({ artifact, verified, reproduced: rebuilt !== undefined }));
  } else if (!given.quiet) {
    const look = lookOf(io.stdout, io.environment);
    const lines = verified.flatMap((one) => linesOf(one, look));
    if (rebuilt !== undefined) lines.push(`${printable(`${artifact}: ${rebuilt}`, look)}\n`);
    io.stdout.write(lines.join(''));
  }
}

async function verifySigned(
  given: VerifyArguments,
  keyFile: string,
  required: readonly string[],
  io: Io,
  interruption: Interruption,
): Promise<Held[]> {
  const key = readVerifyingKey(await readText(keyFile), keyFile);
  return withSigned({ ...given, purpose: 'verify' }, io, interruption, async (artifact) => {
    if (artifact.type === 'image') return verifyAll(artifact.store, key, required);
    const { sha256, predicateTypes } = await verifyFile(artifact.path, key, required);
    const claims = [PREDICATE_TYPES.signature, ...predicateTypes].map((type) => ({ type, scheme: undefined }));
    return [{ digest: `sha256:${sha256}`, platform: undefined, claims, others: 0 }];
  });
}

async function verifyAll(store: ImageStore, key: VerifyingKey, required: readonly string[]): Promise<Held[]> {
  const subjects = await store.subjects();
  if (subjects.length === 0) throw new KoalaError('verify', `cannot accept ${store.origin}: it has no image`);
  const held: Held[] = [];
  for (const subject of subjects) {
    const { claims, others } = await verifyImage(store, subject, key, required);
    const { platform, digest } = subject;
    held.push({
      digest,
      platform: platform === undefined ? undefined : formatPlatform(platform),
      claims: claims.map(({ predicateType, scheme }) => ({ type: predicateType, scheme })),
      others,
    });
  }
  return held;
}

function linesOf({ digest, platform, claims, others }: Held, look: Look): string[] {
  const lines = [...new Set(claims.map(({ type }) => type))].map((type) => {
    const found = claims.filter((claim) => claim.type === type).map(({ scheme }) => scheme);
    const schemes = [...new Set(found)].filter((scheme) => scheme !== undefined);
    return `  ${printable(predicateName(type), look)}${schemes.length === 0 ? '' : ` (${schemes.join(', ')})`}`;
  });
  const head = styled('bold', [digest, platform ?? []].flat().join(' '), look);
  const rest = others === 0 ? [] : [styled('dim', `  and ${others} of other keys`, look)];
  return [head, ...lines, ...rest].map((line) => `${line}\n`);
}

/** cosign's names for attestations beside ours. */
const TYPES: Readonly<Record<string, string>> = {
  spdx: PREDICATE_TYPES.spdx,
  spdxjson: PREDICATE_TYPES.spdx,
  cyclonedx: PREDICATE_TYPES.cyclonedx,
  provenance: PREDICATE_TYPES.provenance,
  slsaprovenance1: PREDICATE_TYPES.provenance,
};

function requiredOf(lists: readonly string[]): string[] {
  return listedNames(lists).map((name) => {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : name.includes(':') ? name : undefined;
    if (type !== undefined) return type;
    throw new KoalaError('usage', `cannot require ${JSON.stringify(name)}: no attestation is called so`, {
      hint: `known are ${Object.keys(TYPES).join(', ')}, and the URI of a predicate type`,
    });
  });
}
