import { KoalaError } from '../formats/errors.js';
import { fetchBytes, firstOf, notFound } from './fetch.js';
import type { Keyring } from './keyring.js';
import { type SignedText, verifyClearsigned, verifyDetached } from './openpgp-verify.js';
import { parseRelease } from './release-file.js';
import { type ReleaseState, readReleaseState, releaseStatePath, writeReleaseState } from './release-state.js';
import { promiseOf, type Store } from './store.js';
import type { Transport } from './transport.js';
import type { ArchiveSource, Release } from './types.js';
import { joinUrl, maskUrl } from './url.js';

export interface ReleaseContext {
  readonly store: Store;
  readonly transport: Transport;
  /** Being read while the Release file is on its way. */
  readonly keyring: Promise<Keyring>;
  readonly now: Date;
}

/** What was read: the one clear-signed file, or the file and its signature. */
interface Carrier {
  readonly url: string;
  readonly files: readonly [Uint8Array] | readonly [Uint8Array, Uint8Array];
}

/** Debian's largest is 0.2 MB. */
const MAX_BYTES = 32 << 20;

/** apt's default of Acquire::Max-FutureTime: a clock that is further behind cannot judge Valid-Until either. */
const MAX_FUTURE_SECONDS = 10;

/**
 * Fetches the Release file of a source from the first of its mirrors that has a good one, verifies its signature, and
 * checks that it is the suite that was asked for, not of the future, not expired, and not older than the one seen last. In
 * `source` of the answer the mirror that served it comes first.
 *
 * @throws KoalaError `verify` for what must not be trusted, `archive` for what cannot be had or read
 */
export async function openRelease(source: ArchiveSource, context: ReleaseContext): Promise<Release> {
  return firstOf(source.uris, context.transport, (base) => openReleaseAt(base, source, context));
}

/** Where the suite's files lie: below `dists/`, or for a flat archive (a suite that ends in `/`) in the suite itself. */
export function suitePath(suite: string): string {
  return suite.endsWith('/') ? suite.replace(/\/+$/, '') : `dists/${suite}`;
}

async function openReleaseAt(base: string, source: ArchiveSource, context: ReleaseContext): Promise<Release> {
  const { store, transport, now } = context;
  const offline = transport.offline && !base.startsWith('file:');
  const directory = joinUrl(base, suitePath(source.suite));
  const reading = async () => {
    const state = await readReleaseState(store, base, source.suite);
    return { state, carrier: offline ? await stored(directory, state, store) : await fetched(directory, transport) };
  };
  const [keyring, { state, carrier }] = await Promise.all([context.keyring, reading()]);
  const url = maskUrl(carrier.url);
  const signed = await verify(carrier, { keyring, url, now });
  const [file] = carrier.files;
  const release = parseRelease(signed.text, {
    source: { ...source, uris: [base, ...source.uris.filter((uri) => uri !== base)] },
    url,
    sha256: promiseOf(file).sha256,
    signedBy: signed.signedBy,
  });
  checkSuite(release);
  checkDates(release, now);
  if (state !== undefined && release.date < state.date) {
    throw refused(url, `its Date is ${timeOf(release.date)}, older than the ${timeOf(state.date)} seen before`, {
      hint: `where the archive was set back on purpose, remove ${releaseStatePath(store, base, source.suite)}`,
    });
  }
  if (!offline) await remember(carrier, release, base, store);
  return release;
}

async function fetched(directory: string, transport: Transport): Promise<Carrier> {
  const clearsigned = await fetchBytes(`${directory}/InRelease`, MAX_BYTES, transport);
  if (clearsigned !== undefined) return { url: `${directory}/InRelease`, files: [clearsigned] };
  const url = `${directory}/Release`;
  const file = await fetchBytes(url, MAX_BYTES, transport);
  if (file === undefined) throw notFound(`${directory}/InRelease`);
  const signature = await fetchBytes(`${url}.gpg`, MAX_BYTES, transport);
  if (signature === undefined) throw refused(maskUrl(url), 'the archive has no signature of it (Release.gpg)');
  return { url, files: [file, signature] };
}

/** What was verified last and lies in the store; it is verified again. */
async function stored(directory: string, state: ReleaseState | undefined, store: Store): Promise<Carrier> {
  const [file, signature] = await Promise.all((state?.files ?? []).map((promise) => store.read(promise)));
  if (file === undefined || (state?.files.length === 2 && signature === undefined)) {
    throw new KoalaError('archive', `cannot read ${maskUrl(directory)}: --offline and it is not in the store`, {
      hint: 'run the command once without --offline, with the same --cache-dir',
    });
  }
  return signature === undefined
    ? { url: `${directory}/InRelease`, files: [file] }
    : { url: `${directory}/Release`, files: [file, signature] };
}

function verify(carrier: Carrier, context: { keyring: Keyring; url: string; now: Date }): Promise<SignedText> {
  const [file, signature] = carrier.files;
  return signature === undefined ? verifyClearsigned(file, context) : verifyDetached(file, signature, context);
}

async function remember(carrier: Carrier, release: Release, base: string, store: Store): Promise<void> {
  const files = carrier.files.map((bytes) => ({ bytes, promise: promiseOf(bytes) }));
  for (const { bytes, promise } of files) {
    await store.put(promise, release.url, (sink) => sink.write(bytes));
  }
  await writeReleaseState(store, base, {
    archive: maskUrl(base),
    suite: release.source.suite,
    date: release.date,
    files: files.map(({ promise }) => promise),
  });
}

/** A mirror must not pass one suite off as another: the signature holds for both. */
function checkSuite(release: Release): void {
  const asked = release.source.suite;
  if (asked.endsWith('/') || asked === release.suite || asked === release.codename) return;
  const is = [release.suite, release.codename].filter(Boolean).join(', ') || 'none that it names';
  throw refused(release.url, `the suite is ${is}, not ${asked}`);
}

function checkDates(release: Release, now: Date): void {
  const seconds = now.getTime() / 1000;
  const clock = `the clock says ${timeOf(Math.floor(seconds))}`;
  if (release.date > seconds + MAX_FUTURE_SECONDS) {
    throw refused(release.url, `its Date, ${timeOf(release.date)}, is in the future: ${clock}`, {
      hint: "set the machine's clock",
    });
  }
  const { validUntil, source } = release;
  if (validUntil !== undefined && validUntil < seconds && source.checkValidUntil) {
    throw refused(release.url, `it expired at ${timeOf(validUntil)}: ${clock}`, {
      hint: 'take a mirror that is up to date, or write check-valid-until: false for this archive in the profile',
    });
  }
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function refused(url: string, why: string, options: { hint?: string } = {}): KoalaError {
  return new KoalaError('verify', `cannot accept ${url}: ${why}`, options);
}
