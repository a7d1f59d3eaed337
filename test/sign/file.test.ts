import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimOf } from '../../src/sign/attested.js';
import { sha256Of, signFile, verifyFile } from '../../src/sign/file.js';
import { readSigningKey } from '../../src/sign/keys.js';
import { PREDICATE_TYPES, statementOf } from '../../src/sign/statement.js';
import type { SigningKey } from '../../src/sign/types.js';
import { testDirectory } from '../builder/directory.js';

const { spdx: SPDX, cyclonedx: CYCLONEDX, provenance: PROVENANCE } = PREDICATE_TYPES;

async function newKey(type: 'ec' | 'ed25519' = 'ec'): Promise<SigningKey> {
  const { privateKey } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return readSigningKey(String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 'test', async () => '');
}

/** A file with an SBOM beside it, signed. */
async function signed(key: SigningKey): Promise<string> {
  const path = join(testDirectory(), 'a.tar');
  writeFileSync(path, Buffer.alloc(3_000_000, 'content '));
  writeFileSync(`${path}.spdx.json`, '{"spdxVersion": "SPDX-2.3", "name": "a"}\n');
  const sha256 = await sha256Of(path);
  await signFile(path, [claimOf(readFileSync(`${path}.spdx.json`), sha256, 'a.tar.spdx.json')], key);
  return path;
}

describe('a signed file', () => {
  it.each(['ec', 'ed25519'] as const)('is accepted, by a key of %s', async (type) => {
    const key = await newKey(type);
    const path = await signed(key);
    const expected = { sha256: await sha256Of(path), predicateTypes: [SPDX] };
    expect(await verifyFile(path, key.publicKey, [SPDX])).toEqual(expected);
    for (const ending of ['.sig', '.sigstore.json']) {
      copyFileSync(path + ending, `${path}.kept`);
      rmSync(path + ending);
      expect(await verifyFile(path, key.publicKey, []), `without ${ending}`).toEqual(expected);
      copyFileSync(`${path}.kept`, path + ending);
    }
    rmSync(`${path}.spdx.json`);
    expect(await verifyFile(path, key.publicKey, [])).toEqual(expected);
  });

  const flip = (path: string) => {
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes[1_234_567] ?? 0) ^ 1, 1_234_567);
    writeFileSync(path, bytes);
  };
  const bundle = '.sigstore.json';
  it.each<[string, (path: string) => void, RegExp]>([
    ['a bit is another one', flip, /a\.tar: a\.tar\.sigstore\.json is not its signature with this key$/],
    ['it is cut off', (path) => truncateSync(path, 2_999_999), /is not its signature/],
    [
      'its signature is another one',
      (path) => writeFileSync(`${path}.sig`, 'AAAA'),
      /a\.tar\.sig is not its signature/,
    ],
    [
      'its bundle is empty',
      (path) => writeFileSync(path + bundle, ''),
      /cannot accept .*a\.tar\.sigstore\.json: .*JSON/,
    ],
    [
      'its bundle is another',
      (path) => copyFileSync(`${path}.spdx${bundle}`, path + bundle),
      /not the signature of a file/,
    ],
    [
      'it has no signature',
      (path) => ['.sig', bundle].map((ending) => rmSync(path + ending)),
      /^cannot accept .*a\.tar: it has no signature$/,
    ],
    [
      'the SBOM beside it is another',
      (path) => writeFileSync(`${path}.spdx.json`, '{"spdxVersion": "SPDX-2.3", "name": "b"}'),
      /a\.tar\.spdx\.json: it is not what a\.tar\.spdx\.sigstore\.json attests$/,
    ],
    [
      'its attestation is a signature',
      (path) => copyFileSync(path + bundle, `${path}.spdx${bundle}`),
      /spdx\.sigstore\.json: it is not signed with this key$/,
    ],
    [
      'its attestation has another name',
      (path) => copyFileSync(`${path}.spdx${bundle}`, `${path}.cdx${bundle}`),
      /cdx\.sigstore\.json: it says something else: https:\/\/spdx\.dev\/Document$/,
    ],
    ['what is required is not there', (path) => rmSync(`${path}.spdx${bundle}`), /it has no SPDX of this key$/],
  ])('is refused where %s', async (_, tamper, message) => {
    const key = await newKey();
    const path = await signed(key);
    tamper(path);
    await expect(verifyFile(path, key.publicKey, [SPDX])).rejects.toMatchObject({
      code: 'verify',
      message: expect.stringMatching(message),
    });
  });

  it('is refused with the attestation of another file, and by another key', async () => {
    const key = await newKey();
    const path = await signed(key);
    const other = join(testDirectory(), 'b.tar');
    writeFileSync(other, 'b');
    await signFile(other, [], key);
    copyFileSync(`${path}.spdx.sigstore.json`, `${other}.spdx.sigstore.json`);
    await expect(verifyFile(other, key.publicKey, [])).rejects.toThrow(/it speaks of another file$/);
    await expect(verifyFile(path, (await newKey()).publicKey, [])).rejects.toThrow(
      /is not its signature with this key$/,
    );
  });

  it('is not attested under a name that nobody would find', async () => {
    const path = join(testDirectory(), 'a');
    writeFileSync(path, 'a');
    const claim = { predicateType: 'https://example.org/x', predicate: {} };
    await expect(signFile(path, [claim], await newKey())).rejects.toThrow(/^cannot attest https:\/\/example\.org\/x/);
    expect(existsSync(`${path}.sig`)).toBe(false);
  });
});

describe('what is attested', () => {
  const sha256 = 'a'.repeat(64);
  const statement = (of: string) => statementOf('x', of, PROVENANCE, { x: 1 });
  it.each<[string, unknown, unknown]>([
    ['SPDX', { spdxVersion: 'SPDX-2.3' }, { predicateType: SPDX, predicate: { spdxVersion: 'SPDX-2.3' } }],
    ['CycloneDX', { bomFormat: 'CycloneDX' }, { predicateType: CYCLONEDX, predicate: { bomFormat: 'CycloneDX' } }],
    ['a statement', statement(sha256), { predicateType: PROVENANCE, predicate: { x: 1 } }],
  ])('is told by what it is: %s', (_, document, claim) => {
    expect(claimOf(Buffer.from(JSON.stringify(document)), sha256, 'x.json')).toEqual(claim);
  });

  it.each<[string, string, RegExp]>([
    ['a text', 'hello', /^cannot attest x\.json: it is not JSON/],
    ['a list', '[]', /neither SPDX nor CycloneDX/],
    ['null', 'null', /it is no object/],
    ['something else', '{"a": 1}', /neither SPDX nor CycloneDX nor an in-toto statement$/],
    ['half a statement', '{"predicateType": "x"}', /it is no in-toto statement$/],
    [
      'what speaks of another',
      JSON.stringify(statement('b'.repeat(64))),
      /^cannot attest x\.json: it speaks of another artifact$/,
    ],
  ])('is refused: %s', (_, text, message) => {
    expect(() => claimOf(Buffer.from(text), sha256, 'x.json')).toThrow(message);
  });
});
