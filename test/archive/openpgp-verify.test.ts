import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKey, revokeKey } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Keyring, loadKeyring, openKeyring } from '../../src/archive/keyring.js';
import { verifyClearsigned, verifyDetached } from '../../src/archive/openpgp-verify.js';
import { clearsign, type SigningKey, signDetached, testKey, writeKeyring } from '../builder/keys.js';
import { temporaryDirectory } from './scratch.js';

const TEXT = 'Origin: Test\n- a line with a hyphen\nSuite: trixie\n';
const SIGNED = new Date('2024-05-01T12:00:00Z');
const NOW = new Date('2024-06-01T12:00:00Z');
/** Seconds from the keys' creation, 2020-01-01, to 2024-05-15: after SIGNED, before NOW. */
const EXPIRES_BETWEEN = (Date.parse('2024-05-15') - Date.parse('2020-01-01')) / 1000;

let one: SigningKey;
let two: SigningKey;

beforeAll(async () => {
  [one, two] = await Promise.all([testKey('one'), testKey('two')]);
});

const keyringOf = async (...certificates: string[]): Promise<Keyring> => ({
  keys: await Promise.all(certificates.map((armoredKey) => readKey({ armoredKey }))),
  origin: 'test.asc',
});

const verify = async (bytes: string, keyring: Keyring, now = NOW) =>
  verifyClearsigned(Buffer.from(bytes), { keyring, url: 'http://m/InRelease', now });

describe('verifyClearsigned', () => {
  it('returns the signed text and who signed it', async () => {
    const inRelease = await clearsign(TEXT, [one], SIGNED);
    expect(await verify(inRelease, await keyringOf(one.certificate))).toEqual({
      text: TEXT,
      signedBy: [one.fingerprint],
      until: Number.POSITIVE_INFINITY,
    });
  });

  it('names all good signers, and does not mind an unknown one beside them', async () => {
    const inRelease = await clearsign(TEXT, [one, two], SIGNED);
    const both = await verify(inRelease, await keyringOf(one.certificate, two.certificate));
    expect(new Set(both.signedBy)).toEqual(new Set([one.fingerprint, two.fingerprint]));
    const single = await verify(inRelease, await keyringOf(two.certificate));
    expect(single.signedBy).toEqual([two.fingerprint]);
  });

  it('refuses a signature of an unknown key, and says which', async () => {
    const inRelease = await clearsign(TEXT, [two], SIGNED);
    const id = two.fingerprint.slice(-16);
    await expect(verify(inRelease, await keyringOf(one.certificate))).rejects.toMatchObject({
      code: 'verify',
      message: `cannot verify http://m/InRelease: no good signature by a key of test.asc; it is signed by ${id}`,
      details: [`${id}: the keyring does not have this key`],
      hint: expect.stringContaining('--keyring'),
    });
  });

  it.each([
    ['another text', (file: string) => file.replace('trixie', 'tricky')],
    ['another digest', (file: string) => file.replace('SHA512', 'SHA256')],
  ])('refuses %s', async (_, edit) => {
    const inRelease = edit(await clearsign(TEXT, [one], SIGNED));
    await expect(verify(inRelease, await keyringOf(one.certificate))).rejects.toMatchObject({ code: 'verify' });
  });

  it('says where the file is not the one that was signed, and does not ask for keys then', async () => {
    const inRelease = (await clearsign(TEXT, [one], SIGNED)).replace('trixie', 'tricky');
    const id = one.fingerprint.slice(-16);
    await expect(verify(inRelease, await keyringOf(one.certificate))).rejects.toMatchObject({
      message: `cannot verify http://m/InRelease: it was changed or damaged after ${id} signed it`,
      hint: expect.stringMatching(/^try again later, or another --mirror/),
    });
  });

  it.each([
    ['before the block', (file: string) => `Suite: evil\n${file}`, 'it is not a clear-signed file'],
    ['after the block', (file: string) => `${file}\nSuite: evil\n`, 'there is text outside of the signed block'],
    ['in a second block', (file: string) => `${file}${file}`, 'there is text outside of the signed block'],
    ['without a signature', () => TEXT, 'it is not a clear-signed file'],
    ['of a captive portal', () => '<html>Please log in</html>', 'it is not a clear-signed file'],
  ])('refuses text %s', async (_, edit, why) => {
    const inRelease = edit(await clearsign(TEXT, [one], SIGNED));
    await expect(verify(inRelease, await keyringOf(one.certificate))).rejects.toThrow(
      `cannot verify http://m/InRelease: ${why}`,
    );
  });

  it('refuses what is not UTF-8', async () => {
    const bytes = Buffer.from(await clearsign(TEXT, [one], SIGNED));
    bytes.writeUInt8(0xff, bytes.indexOf('trixie'));
    const keyring = await keyringOf(one.certificate);
    await expect(verifyClearsigned(bytes, { keyring, url: 'u', now: NOW })).rejects.toThrow('it is not UTF-8');
  });

  it('refuses a key that has expired since it signed', async () => {
    const expired = await testKey('expired', EXPIRES_BETWEEN);
    const inRelease = await clearsign(TEXT, [expired], SIGNED);
    const keyring = await keyringOf(expired.certificate);
    await expect(verify(inRelease, keyring)).rejects.toMatchObject({ details: [expect.stringContaining('expired')] });
    expect((await verify(inRelease, keyring, SIGNED)).signedBy).toEqual([expired.fingerprint]);
  });

  it('refuses a key that was revoked since it signed', async () => {
    const inRelease = await clearsign(TEXT, [one], SIGNED);
    const date = new Date('2024-05-20');
    const { publicKey } = await revokeKey({ key: one.privateKey, date, format: 'armored' });
    await expect(verify(inRelease, await keyringOf(publicKey))).rejects.toMatchObject({
      details: [expect.stringContaining('revoked')],
    });
  });

  it('refuses a signature of the future', async () => {
    const inRelease = await clearsign(TEXT, [one], new Date('2024-07-01'));
    await expect(verify(inRelease, await keyringOf(one.certificate))).rejects.toMatchObject({ code: 'verify' });
  });
});

describe('verifyDetached', () => {
  it('holds for the bytes that were signed and no others', async () => {
    const context = { keyring: await keyringOf(one.certificate), url: 'http://m/Release', now: NOW };
    const signature = Buffer.from(await signDetached(TEXT, [one], SIGNED));
    expect(await verifyDetached(Buffer.from(TEXT), signature, context)).toEqual({
      text: TEXT,
      signedBy: [one.fingerprint],
      until: Number.POSITIVE_INFINITY,
    });
    await expect(verifyDetached(Buffer.from(`${TEXT} `), signature, context)).rejects.toMatchObject({ code: 'verify' });
    await expect(verifyDetached(Buffer.from(TEXT), Buffer.from('nothing'), context)).rejects.toMatchObject({
      code: 'verify',
    });
  });
});

describe('a signature over SHA-1', () => {
  // Written by gpg --digest-algo, with an RSA key: openpgp refuses short digests with Ed25519 by itself.
  const data = (name: string) => readFile(new URL(`./data/sha1/${name}`, import.meta.url));

  it('is refused, of a key whose SHA-256 signature is good', async () => {
    const keyring = await keyringOf((await data('key.asc')).toString());
    const context = { keyring, url: 'http://m/Release', now: NOW };
    const release = await data('Release');
    expect((await verifyDetached(release, await data('Release.sha256.asc'), context)).signedBy).toHaveLength(1);
    await expect(verifyDetached(release, await data('Release.sha1.asc'), context)).rejects.toMatchObject({
      code: 'verify',
      details: [expect.stringMatching(/sha1|too weak/i)],
    });
  });
});

describe('openKeyring', () => {
  it('makes keys of the same bytes once', async () => {
    const unread = await openKeyring([one.certificate]);
    expect((await unread.keys()).keys).toHaveLength(1);
    expect(await unread.keys()).toBe(await unread.keys());
  });
});

describe('loadKeyring', () => {
  it('reads files with several armoured blocks, binary files, and a block itself', async () => {
    const directory = await temporaryDirectory();
    const armoured = await writeKeyring(directory, 'two.asc', [one, two]);
    const binary = join(directory, 'binary.gpg');
    await writeFile(binary, (await readKey({ armoredKey: one.certificate })).write());
    const { keys, origin } = await loadKeyring([armoured, binary, two.certificate]);
    const fingerprints = keys.map((key) => key.getFingerprint().toUpperCase());
    expect(fingerprints).toEqual([one.fingerprint, two.fingerprint, one.fingerprint, two.fingerprint]);
    expect(origin).toBe(`${armoured}, ${binary}, the key in Signed-By`);
  });

  it.each([
    ['', 'it holds no OpenPGP certificate'],
    ['nonsense', 'it holds no OpenPGP certificate'],
    ['\0\0\0 \x01\x01\0\0KBXf', 'a GnuPG keybox is not a keyring to share'],
    ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----', 'cannot read the keyring'],
  ])('refuses a file of %j', async (content, why) => {
    const file = join(await temporaryDirectory(), 'k');
    await writeFile(file, content);
    await expect(loadKeyring([file])).rejects.toThrow(why);
  });
});
