import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeKeystore, encodeKeystore, JavaKeystore } from '../../../src/configure/effects/java-keystore.js';
import { pemCertificates } from '../../../src/formats/x509.js';
import { CERTIFICATES } from '../../builder/certificates.js';
import { hasTool, World, withDirectory } from './harness.js';

const JAR = [
  'java',
  '-Xmx64m',
  '-jar',
  '/usr/share/ca-certificates-java/ca-certificates-java.jar',
  '-storepass',
  'changeit',
];
const KEYTOOL = 'keytool';
const STORE = '/etc/ssl/certs/java/cacerts';
/** Nothing reads what is in a certificate. */
const PEM = `-----BEGIN CERTIFICATE-----\n${Buffer.from('DER').toString('base64')}\n-----END CERTIFICATE-----\n`;

describe('the program of ca-certificates-java', () => {
  it('writes a keystore with the dates of the build', () => {
    const world = new World().add({ '/etc/ssl/certs/A_Root.pem': PEM, '/etc/ssl/certs/java/': '' });
    expect(world.run(JAR, { input: '+/etc/ssl/certs/A_Root.pem\n' })).toMatchObject({
      status: 0,
      stdout: 'Adding debian:A_Root.pem\n',
    });
    const date = Buffer.alloc(8);
    date.writeBigUInt64BE(1_750_000_000_000n);
    const expected = `\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\x11debian:a_root.pem${date.toString('latin1')}\0\x05X.509\0\0\0\x03DER`;
    expect(world.read(STORE)?.slice(0, -20)).toBe(expected);
    expect(decodeKeystore(Buffer.from(world.read(STORE) ?? '', 'latin1'), 'changeit').size).toBe(1);
  });

  it('replaces, removes, and goes on after what it cannot read', () => {
    const world = new World().add({ '/a/x.pem': PEM, '/a/y.pem': PEM, '/a/bad.pem': 'no', '/etc/ssl/certs/java/': '' });
    world.run(JAR, { input: '+/a/x.pem\n+/a/y.pem\n' });
    const { stdout, stderr } = world.run(JAR, { input: '+/a/x.pem\n+/a/bad.pem\nfoo\n-y.pem\n' });
    expect(stdout).toBe('Replacing debian:x.pem\nRemoving debian:y.pem\n');
    expect(stderr).toContain('/a/bad.pem');
    expect(stderr).toContain('Unknown input: foo');
    expect(world.run(['keytool', '-cacerts', '-storepass', 'changeit', '-list', '-rfc']).stdout).toContain(
      'contains 1 entries\n\nAlias name: debian:x.pem\nCreation date: Jun 15, 2025\n',
    );
  });

  it.each([
    ['a wrong password', ['keytool', '-cacerts', '-storepass', 'other', '-list', '-rfc'], 'password'],
    ['no keystore', ['keytool', '-keystore', '/nowhere', '-list', '-rfc'], ''],
    ['another program', ['java', '-jar', '/tmp/other.jar'], 'not interpreted'],
  ])('fails for %s', (_, args, said) => {
    const world = new World().add({ [STORE]: encodeKeystore(new JavaKeystore(), 'changeit').toString('latin1') });
    expect(world.run(args)).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
  });

  it.skipIf(!hasTool(KEYTOOL))(
    'writes what Java writes, byte for byte (skipped where there is no keytool)',
    () => {
      const [certificate] = pemCertificates(CERTIFICATES[0].pem);
      const ours = new JavaKeystore();
      for (let index = 0; index < 60; index++) {
        ours.set({ alias: `debian:ä${index * index}.pem`, date: 0n, certificate: certificate ?? Buffer.alloc(0) });
      }
      withDirectory((directory) => {
        const [from, to] = [`${directory}/ours`, `${directory}/theirs`];
        writeFileSync(from, encodeKeystore(ours, 'changeit'));
        const passwords = ['-srcstorepass', 'changeit', '-deststorepass', 'changeit', '-deststoretype', 'JKS'];
        execFileSync(
          'keytool',
          ['-importkeystore', '-srckeystore', from, '-destkeystore', to, '-noprompt', ...passwords],
          {
            stdio: 'pipe',
          },
        );
        const bytes = readFileSync(to);
        const dates = new Map(
          decodeKeystore(bytes, 'changeit')
            .entries()
            .map(({ alias, date }) => [alias, date]),
        );
        const copy = new JavaKeystore();
        // In the order in which they are when the source is read.
        const loaded = decodeKeystore(readFileSync(from), 'changeit').entries();
        for (const entry of loaded) copy.set({ ...entry, date: dates.get(entry.alias) ?? 0n });
        expect(encodeKeystore(copy, 'changeit').equals(bytes)).toBe(true);
      });
    },
    60_000,
  );
});
