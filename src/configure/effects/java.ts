import { nameOf } from '../../formats/path.js';
import { pemCertificates } from '../../formats/x509.js';
import { bufferOf, bytesOf, bytesOfBuffer, compareStrings, pathOf } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, Failure, readInput, say, unsupported, withFailures } from './console.js';
import { Files } from './files.js';
import { decodeKeystore, encodeKeystore, JavaKeystore } from './java-keystore.js';

const KEYSTORE = '/etc/ssl/certs/java/cacerts';
const DEFAULT_PASSWORD = 'changeit';

/** java(1), as scripts call it: to see whether it works, and to run the program of ca-certificates-java. */
export const java: Command = (process) => {
  const args = process.args.slice(1);
  if (args.includes('-version') || args.includes('--version')) return 0;
  if (args.includes('-Xshare:dump')) {
    const why = 'an archive of classes is a cache for one machine, and the runtime works without it';
    process.system.report({ type: 'left-out', command: 'java', why, line: process.line });
    return 0;
  }
  const jar = args.indexOf('-jar');
  if (jar >= 0 && args[jar + 1]?.endsWith('/ca-certificates-java.jar')) {
    return withFailures(process, '', () => updateCertificates(process, args.slice(jar + 2)));
  }
  unsupported(process, 'a Java program');
  complain(process, 'java: programs are not interpreted');
  return 1;
};

/**
 * ca-certificates-java's org.debian.security.UpdateCertificates: puts each certificate of a line `+<path>` into the keystore,
 * and takes that of a line `-<path>` out. The dates in it are the build's.
 */
function updateCertificates(process: Process, args: readonly Bytes[]): number {
  const [flag, password = DEFAULT_PASSWORD, ...rest] = args;
  if (rest.length > 0 || (flag !== undefined && flag !== '-storepass')) {
    throw new Failure('Usage: java org.debian.security.UpdateCertificates [-storepass <password>]');
  }
  const files = new Files(process);
  const store = openKeystore(files, password) ?? new JavaKeystore();
  const date = BigInt(process.system.epoch) * 1000n;
  const remove = (alias: string): void => {
    if (!store.has(alias)) return;
    say(process, `Removing ${bytesOf(alias)}`);
    store.delete(alias);
  };
  for (const line of readInput(process).split(/\r?\n/)) {
    if (line === '') continue;
    const path = line.slice(1);
    const name = pathOf(nameOf(path));
    const alias = `debian:${name}`;
    if (line.startsWith('-')) {
      remove(alias);
      remove(name);
    } else if (line.startsWith('+')) {
      const certificate = readCertificate(files, path);
      if (certificate === undefined) {
        complain(process, `Warning: there was a problem reading the certificate file ${path}.`);
        continue;
      }
      say(process, `${store.has(alias) ? 'Replacing' : 'Adding'} ${bytesOf(alias)}`);
      store.delete(alias);
      store.set({ alias, date, certificate });
    } else {
      complain(process, `Unknown input: ${line}`);
    }
  }
  files.write(KEYSTORE, bytesOfBuffer(encodeKeystore(store, pathOf(password))));
  return 0;
}

/** Undefined where there is none. */
function openKeystore(files: Files, password: Bytes): JavaKeystore | undefined {
  const bytes = files.readBuffer(KEYSTORE);
  return bytes === undefined ? undefined : decodeKeystore(bytes, pathOf(password));
}

/** The first certificate of a PEM file, or that of a DER file. */
function readCertificate(files: Files, path: Bytes): Uint8Array | undefined {
  const text = files.read(path);
  if (text === undefined) return undefined;
  return text.startsWith('\x30') ? bufferOf(text) : pemCertificates(text)[0];
}

/** keytool(1): `-list -rfc` of the system's certificates; the rest is reported. */
export const keytool: Command = (process) => {
  const args = process.args.slice(1);
  const value = (name: string): Bytes | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const isSystems = args.includes('-cacerts') || value('-keystore') === KEYSTORE;
  if (!args.includes('-list') || !args.includes('-rfc') || !isSystems) {
    unsupported(process, `keytool ${args.filter((arg) => arg.startsWith('-')).join(' ')}`);
    return 1;
  }
  return withFailures(process, 'keytool error: ', () => {
    const store = openKeystore(new Files(process), value('-storepass') ?? DEFAULT_PASSWORD);
    if (store === undefined) throw new Failure(`Keystore file does not exist: ${KEYSTORE}`);
    say(process, `Keystore type: JKS\nKeystore provider: SUN\n\nYour keystore contains ${store.size} entries\n`);
    const byAlias = store.entries().sort((a, b) => compareStrings(a.alias, b.alias));
    for (const { alias, date, certificate } of byAlias) {
      const pem = Buffer.from(certificate)
        .toString('base64')
        .replace(/.{64}(?=.)/g, '$&\n');
      say(process, `Alias name: ${bytesOf(alias)}\nCreation date: ${dateOf(date)}\nEntry type: trustedCertEntry\n`);
      say(process, `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n\n`);
      say(process, '*******************************************\n*******************************************\n\n');
    }
    return 0;
  });
};

function dateOf(date: bigint): string {
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
  return format.format(new Date(Number(date)));
}
