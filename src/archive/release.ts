import { KoalaError } from '../formats/errors.js';
import { fetchBytes, firstOf, notFound } from './fetch.js';
import type { UnreadKeyring } from './keyring.js';
import { type SignedText, type VerifyContext, verifyClearsigned, verifyDetached } from './openpgp-verify.js';
import { parseRelease } from './release-file.js';
import { type ReleaseState, readReleaseState, releaseStatePath, writeReleaseState } from './release-state.js';
import { promiseOf, type Store } from './store.js';
import { isFlat, suitePath } from './suite-path.js';
import type { Transport } from './transport.js';
import { completeRelease, trustedText } from './trusted-release.js';
import type { ArchiveSource, Release } from './types.js';
import { joinUrl, maskUrl } from './url.js';
import { verifyOnce } from './verify-once.js';

export interface ReleaseContext {
  readonly store: Store;
  readonly transport: Transport;
  /** Being read while the Release file is on its way. */
  readonly keyring: Promise<UnreadKeyring>;
  readonly now: Date;
  /** Whose indices are read; matters to a trusted archive without a Release file. */
  readonly architecture: string;
}

/** What was read: the one clear-signed file, or the file and its signature. */
interface Carrier {
  readonly url: string;
  readonly files: readonly [Uint8Array] | readonly [Uint8Array, Uint8Array];
}

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

async function openReleaseAt(base: string, source: ArchiveSource, context: ReleaseContext): Promise<Release> {
  const { store, transport } = context;
  const now = source.asOf === undefined ? context.now : new Date(source.asOf * 1000);
  const offline = transport.offline && !base.startsWith('file:');
  const directory = joinUrl(base, suitePath(source.suite)).replace(/\/$/, '');
  const reading = async () => {
    const state = await readReleaseState(store, base, source.suite);
    const carrier = offline ? stored(directory, state, store) : fetched(directory, source, context);
    // Nobody has verified what comes: the code for that, which is large, and the keys are read meanwhile. Who needs them is told if
    // they cannot be.
    if (state === undefined && !source.trusted) prepare(context.keyring);
    return { state, carrier: await carrier };
  };
  const [keyring, { state, carrier }] = await Promise.all([context.keyring, reading()]);
  const url = maskUrl(carrier.url);
  const signed = source.trusted
    ? { text: await trustedText(carrier.files[0], url), signedBy: [] }
    : await verify(carrier, { keyring, signers: source.signers, url, now, limits: transport.limits }, store);
  const [file] = carrier.files;
  const release = parseRelease(signed.text, {
    source: { ...source, uris: [base, ...source.uris.filter((uri) => uri !== base)] },
    url,
    sha256: promiseOf(file).sha256,
    signedBy: signed.signedBy,
    limits: transport.limits,
  });
  checkSuite(release);
  checkDates(release, now);
  if (state !== undefined && release.date < state.date && !source.trusted) {
    throw refused(url, `its Date is ${timeOf(release.date)}, older than the ${timeOf(state.date)} seen before`, {
      hint: `where the archive was set back on purpose, remove ${releaseStatePath(store, base, source.suite)}`,
    });
  }
  if (!offline) await remember(carrier, release, base, state, store);
  return release;
}

function prepare(keyring: Promise<UnreadKeyring>): void {
  keyring.then((unread) => unread.keys()).catch(() => undefined);
}

async function fetched(directory: string, source: ArchiveSource, context: ReleaseContext): Promise<Carrier> {
  const { transport } = context;
  const { releaseBytes } = transport.limits;
  const clearsigned = await fetchBytes(`${directory}/InRelease`, releaseBytes, transport);
  if (clearsigned !== undefined) return { url: `${directory}/InRelease`, files: [clearsigned] };
  const url = `${directory}/Release`;
  const file = await fetchBytes(url, releaseBytes, transport);
  if (source.trusted) {
    const given = file === undefined ? undefined : await trustedText(file, maskUrl(url));
    const text = await completeRelease(given, directory, source, context.architecture, context);
    return { url, files: [Buffer.from(text)] };
  }
  if (file === undefined) throw notFound(`${directory}/InRelease`);
  const signature = await fetchBytes(`${url}.gpg`, releaseBytes, transport);
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

function verify(
  carrier: Carrier,
  { keyring, ...given }: Omit<VerifyContext, 'keyring'> & { readonly keyring: UnreadKeyring },
  store: Store,
): Promise<SignedText> {
  const { files } = carrier;
  const { signers = [], now } = given;
  return verifyOnce({ files, keyring: keyring.digest, signers, now, store }, async () => {
    const context = { ...given, keyring: await keyring.keys() };
    const [file, signature] = files;
    return signature === undefined ? verifyClearsigned(file, context) : verifyDetached(file, signature, context);
  });
}

/** Nothing is written where the very same files were seen last. */
async function remember(
  carrier: Carrier,
  release: Release,
  base: string,
  state: ReleaseState | undefined,
  store: Store,
): Promise<void> {
  const files = carrier.files.map((bytes) => ({ bytes, promise: promiseOf(bytes) }));
  const isKnown = files.every(({ promise }, at) => promise.sha256 === state?.files[at]?.sha256);
  const isStored = await Promise.all(files.map(({ promise }) => store.has(promise)));
  if (isKnown && files.length === state?.files.length && !isStored.includes(false)) return;
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
  // As apt, whose users write `buster/updates` for a Release file that says buster.
  const names = [asked, asked.slice(0, Math.max(asked.lastIndexOf('/'), 0))].filter((name) => name !== '');
  if (release.source.trusted || isFlat(asked)) return;
  if (names.includes(release.suite) || names.includes(release.codename)) return;
  const is = [release.suite, release.codename].filter(Boolean).join(', ') || 'none that it names';
  throw refused(release.url, `the suite is ${is}, not ${asked}`);
}

function checkDates(release: Release, now: Date): void {
  const seconds = now.getTime() / 1000;
  const { validUntil, source } = release;
  const clock = `${source.asOf === undefined ? 'the clock says' : 'the snapshot is of'} ${timeOf(Math.floor(seconds))}`;
  if (release.date > seconds + MAX_FUTURE_SECONDS) {
    throw refused(release.url, `its Date, ${timeOf(release.date)}, is in the future: ${clock}`, {
      hint:
        source.asOf === undefined
          ? "set the machine's clock"
          : 'the mirror serves another snapshot than it was asked for',
    });
  }
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
