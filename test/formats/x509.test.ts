import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pemCertificates, subjectHash } from '../../src/formats/x509.js';
import { CERTIFICATES } from '../builder/certificates.js';

const SYSTEM = '/etc/ssl/certs';

/** The links that openssl-rehash made on this machine; empty where it has no ca-certificates. */
function systemLinks(): string[] {
  try {
    return readdirSync(SYSTEM).filter((name) => /^[0-9a-f]{8}\.[0-9]+$/.test(name));
  } catch {
    return [];
  }
}

/** A certificate whose subject is one attribute of that type and value. */
function subject(tag: number, value: string): Buffer {
  const element = (type: number, ...parts: readonly Buffer[]) => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.of(type, content.length), content]);
  };
  const empty = element(0x30);
  const attribute = element(0x30, element(6, Buffer.of(0x55, 4, 3)), element(tag, Buffer.from(value, 'hex')));
  const name = element(0x30, element(0x31, attribute));
  return element(0x30, element(0x30, element(2, Buffer.of(1)), empty, empty, empty, name));
}

describe('subjectHash', () => {
  it.each(CERTIFICATES)('gives $hash', ({ hash, pem }) => {
    expect(pemCertificates(pem).map(subjectHash)).toEqual([hash]);
  });

  const links = systemLinks();
  it.skipIf(links.length === 0)('agrees with openssl on this machine (skipped: no /etc/ssl/certs/*.0)', () => {
    const ours = links.map((name) => pemCertificates(readFileSync(`${SYSTEM}/${name}`, 'latin1')).map(subjectHash)[0]);
    expect(ours).toEqual(links.map((name) => name.slice(0, 8)));
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a length beyond the end', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0])],
    ['another structure', Buffer.from([0x30, 0x02, 0x30, 0x00])],
    ['a universal string with a number that is no character', subject(28, '04000041')],
    ['a universal string that is cut off', subject(28, '000000410000')],
    ['a BMP string of an odd length', subject(30, '004100')],
  ])('refuses %s', (_, bytes) => {
    expect(() => subjectHash(bytes)).toThrow(/^cannot read a certificate: /);
  });
});
