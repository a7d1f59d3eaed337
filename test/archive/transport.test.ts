import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fetchBytes, fetchPromised } from '../../src/archive/fetch.js';
import type { HttpClient } from '../../src/archive/http-client.js';
import { openHttpClient } from '../../src/archive/http-client.js';
import { downloadHttp } from '../../src/archive/http-download.js';
import { promiseOf } from '../../src/archive/store.js';
import { limitsOf } from '../../src/formats/limits.js';
import { hasProgram } from '../builder/programs.js';
import { type Scratch, scratch, temporaryDirectory } from './scratch.js';

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
const PROMISE = promiseOf(BYTES);

async function withFile(): Promise<Scratch> {
  const place = await scratch();
  await writeFile(join(place.directory, 'file'), BYTES);
  return place;
}

/** Fetches `file` of the test server into the store, and says whether it is there as it was served. */
async function fetchFile(place: Scratch, options = {}, base = place.server.url): Promise<boolean> {
  const file = { bases: [base], paths: ['file'], promise: PROMISE };
  await fetchPromised(file, place.store, place.transport(options));
  return isStored(place);
}

/** `toEqual` takes a second for so many bytes. */
async function isStored(place: Scratch): Promise<boolean> {
  return (await place.store.read(PROMISE))?.equals(BYTES) === true;
}

describe('a download', () => {
  it('is told about', async () => {
    const place = await withFile();
    expect(await fetchFile(place)).toBe(true);
    const url = `${place.server.url}/file`;
    expect(place.events[0]).toEqual({ type: 'transfer-started', url, bytes: BYTES.length });
    expect(place.events.at(-1)).toEqual({ type: 'transfer-finished', url, fromStore: false });
    const bytes = place.events.map((event) => (event.type === 'transfer-progress' ? event.bytes : 0));
    expect(bytes.reduce((a, b) => a + b)).toBe(BYTES.length);
    expect(place.server.requests[0]?.headers['user-agent']).toMatch(/^koala-bootstrap\/\d/);
  });

  it('sends credentials of the URL, and shows no password', async () => {
    const place = await withFile();
    await fetchFile(place, {}, place.server.url.replace('http://', 'http://me:s%65cret@'));
    expect(place.server.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('me:secret').toString('base64')}`,
    );
    expect(JSON.stringify(place.events)).not.toContain('cret@');
    expect(place.events[0]).toMatchObject({ url: expect.stringContaining('me:***@') });
  });

  it.each([408, 429, 500, 503])('is tried again after a %d', async (status) => {
    const place = await withFile();
    place.server.fault('/file', { type: 'status', status, times: 2 });
    expect(await fetchFile(place)).toBe(true);
    expect(place.events.filter((event) => event.type === 'transfer-retried')).toHaveLength(2);
  });

  it('waits as long as Retry-After says, and gives up some day', async () => {
    const place = await withFile();
    place.server.fault('/file', { type: 'status', status: 429, headers: { 'retry-after': '0' } });
    await expect(fetchFile(place, { pause: 1_000_000 })).rejects.toMatchObject({
      code: 'archive',
      message: `cannot fetch ${place.server.url}/file: 429 Too Many Requests (tried 3 times)`,
    });
    expect(place.server.requests).toHaveLength(3);
  });

  it('is not tried again where that cannot help', async () => {
    const place = await withFile();
    place.server.fault('/file', { type: 'status', status: 403 });
    await expect(fetchFile(place)).rejects.toThrow(`cannot fetch ${place.server.url}/file: 403 Forbidden`);
    expect(place.server.requests).toHaveLength(1);
  });

  it('goes on where the body broke off', async () => {
    const place = await withFile();
    place.server.fault('/file', { type: 'cut', after: 100_000, times: 1 });
    expect(await fetchFile(place)).toBe(true);
    const [first, second] = place.server.requests;
    expect(first?.headers.range).toBeUndefined();
    expect(second?.headers.range).toMatch(/^bytes=\d+-$/);
    expect(second?.headers['if-range']).toBe(`"${BYTES.length}"`);
  });

  it.each(['ignore-range', 'wrong-range'] as const)(
    'begins again where the server answers a Range by %s',
    async (type) => {
      const place = await withFile();
      place.server.fault('/file', { type: 'cut', after: 100_000, times: 1 });
      place.server.fault('/file', { type, times: 1 });
      expect(await fetchFile(place)).toBe(true);
    },
  );

  it('is tried again where nothing comes any more', async () => {
    const place = await withFile();
    place.server.fault('/file', { type: 'stall', after: 1000, times: 1 });
    expect(await fetchFile(place, { limits: { stallSeconds: 0.2 } })).toBe(true);
  });

  it.each([
    ['longer', { type: 'replace', bytes: Buffer.concat([BYTES, BYTES]) }, 'it is longer than the 300000 bytes'],
    ['endless', { type: 'endless' }, 'it is longer than the 300000 bytes'],
    ['shorter', { type: 'replace', bytes: BYTES.subarray(1) }, 'it has 299999 bytes, the archive promised 300000'],
    ['damaged', { type: 'flip', at: 250_000 }, `the archive promised ${PROMISE.sha256}`],
  ] as const)('is refused where it is %s', async (_, fault, why) => {
    const place = await withFile();
    place.server.fault('/file', fault);
    await expect(fetchFile(place)).rejects.toMatchObject({ code: 'verify', message: expect.stringContaining(why) });
    expect(await place.store.has(PROMISE)).toBe(false);
  });

  it('ends when it is cancelled', async () => {
    const place = await withFile();
    place.server.fault('/file', { type: 'stall', after: 1000 });
    const controller = new AbortController();
    const fetching = fetchFile(place, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
    await expect(fetchFile(place, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('runs beside as many others as are allowed', async () => {
    const place = await withFile();
    const transport = place.transport({ concurrency: 2 });
    const url = `${place.server.url}/file`;
    await Promise.all(Array.from({ length: 6 }, () => fetchBytes(url, BYTES.length, transport)));
    let running = 0;
    const counts = place.events.map(({ type }) => {
      if (type === 'transfer-started') running++;
      if (type === 'transfer-finished') running--;
      return running;
    });
    expect(Math.max(...counts)).toBe(2);
    expect(running).toBe(0);
  });
});

describe('redirects', () => {
  it('are followed, five at most', async () => {
    const place = await withFile();
    place.server.fault('/moved', { type: 'redirect', to: '/file' });
    const moved = await fetchBytes(`${place.server.url}/moved`, 1e6, place.transport());
    expect(moved?.equals(BYTES)).toBe(true);
    place.server.fault('/loop', { type: 'redirect', to: '/loop' });
    await expect(fetchBytes(`${place.server.url}/loop`, 1e6, place.transport())).rejects.toThrow('after 5 redirects');
    expect(place.server.requests.filter(({ path }) => path === '/loop')).toHaveLength(6);
  });

  it.each([
    ['http://m/x', 'file:///etc/passwd', 'which is not http or https'],
    ['http://m/x', '', 'which is no URL'],
    ['https://m/x', 'http://m/x', 'which is not encrypted'],
    ['https://m/x', 'http://me:secret@m/x', 'it redirects to http://me:***@m/x'],
  ])('from %s to %j are refused', async (url, location, why) => {
    const client = { get: async () => response(302, { location }) };
    const sink = { restart: async () => {}, write: async () => {} };
    const context = {
      client,
      signal: new AbortController().signal,
      onEvent: () => {},
      limits: limitsOf({ retries: 0 }),
      pause: 0,
    };
    await expect(downloadHttp({ url, sink, limit: 1 }, context)).rejects.toMatchObject({
      code: 'archive',
      message: expect.stringContaining(why),
    });
  });
});

/** What undici's client would answer. */
function response(statusCode: number, headers: Record<string, string>): Awaited<ReturnType<HttpClient['get']>> {
  const body = Object.assign(Readable.from([]), { dump: async () => {} });
  return { statusCode, headers, body } as unknown as Awaited<ReturnType<HttpClient['get']>>;
}

describe('several mirrors', () => {
  it.each([
    ['does not have the file', { type: 'status', status: 404 }],
    ['fails', { type: 'status', status: 500 }],
    ['has other bytes', { type: 'flip', at: 7 }],
  ] as const)('the next is asked where one %s', async (_, fault) => {
    const place = await withFile();
    await mkdir(join(place.directory, 'second'));
    await writeFile(join(place.directory, 'second/file'), BYTES);
    place.server.fault('first/file', fault);
    await mkdir(join(place.directory, 'first'));
    await writeFile(join(place.directory, 'first/file'), BYTES);
    const bases = [`${place.server.url}/first`, `${place.server.url}/second`];
    await fetchPromised({ bases, paths: ['file'], promise: PROMISE }, place.store, place.transport());
    expect(await isStored(place)).toBe(true);
    expect(place.events.filter((event) => event.type === 'transfer-retried').at(-1)).toMatchObject({ url: bases[0] });
  });

  it('are all named where none has it', async () => {
    const place = await scratch();
    const bases = [`${place.server.url}/a`, `${place.server.url}/b`];
    const fetching = fetchPromised({ bases, paths: ['x', 'y'], promise: PROMISE }, place.store, place.transport());
    await expect(fetching).rejects.toMatchObject({
      message: `cannot fetch ${bases[0]}/y: there is no such file; 1 more mirror failed as well`,
      details: bases.map((base) => `cannot fetch ${base}/y: there is no such file`),
    });
    expect(place.server.requests.map(({ path }) => path)).toEqual(['/a/x', '/a/y', '/b/x', '/b/y']);
  });

  it('a server that is not there is tried again, then left', async () => {
    const place = await withFile();
    const bases = ['http://127.0.0.1:1', place.server.url];
    await fetchPromised({ bases, paths: ['file'], promise: PROMISE }, place.store, place.transport());
    expect(place.events.filter((event) => event.type === 'transfer-retried')).toHaveLength(3);
  });
});

describe('a body', () => {
  it('is sent once, also where the server asks for it late', async () => {
    const got: Buffer[] = [];
    const server = createServer();
    server.on('checkContinue', (request, answer) => {
      // Later than the client waits.
      setTimeout(() => {
        answer.writeContinue();
        request.on('data', (chunk) => got.push(chunk)).on('end', () => answer.end());
      }, 1200);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = openHttpClient({ environment: {}, connections: 1, timeout: 10_000, headerBytes: 16_384 });
    onTestFinished(async () => {
      await client.close();
      server.closeAllConnections();
      server.close();
    });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    let opened = 0;
    const open = () => {
      opened++;
      return [BYTES];
    };
    const body = { size: BYTES.length, open };
    const { signal } = new AbortController();
    const response = await client.send({ method: 'PUT', url, headers: {}, body, signal });
    expect([response.statusCode, opened, Buffer.concat(got).equals(BYTES)]).toEqual([200, 1, true]);
  });
});

describe('other ways', () => {
  it('reads file: URLs, also offline', async () => {
    const place = await withFile();
    expect(await fetchFile(place, { offline: true }, `file://${place.directory}`)).toBe(true);
    const transport = place.transport();
    expect(await fetchBytes(`file://${place.directory}/absent`, 10, transport)).toBeUndefined();
    await expect(fetchBytes(`file://${place.directory}/file`, 10, transport)).rejects.toThrow(
      'longer than the 10 bytes',
    );
    await expect(fetchBytes(`file://${place.directory}`, 10, transport)).rejects.toThrow('it is not a regular file');
  });

  it('asks no server offline', async () => {
    const place = await withFile();
    await expect(fetchFile(place, { offline: true })).rejects.toMatchObject({
      message: `cannot fetch ${place.server.url}/file: --offline and it is not in the store`,
      hint: expect.stringContaining('without --offline'),
    });
    expect(place.server.requests).toEqual([]);
  });

  it('knows no other scheme', async () => {
    const place = await scratch();
    await expect(fetchBytes('ftp://m/x', 10, place.transport())).rejects.toMatchObject({ code: 'usage' });
  });

  it('asks a proxy in plain words for an http URL', async () => {
    const place = await withFile();
    const asked: (string | undefined)[] = [];
    const proxy = createServer((request, answer) => {
      asked.push(request.url, request.headers['proxy-authorization']);
      answer.end(BYTES);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    try {
      const environment = { http_proxy: `http://me:secret@127.0.0.1:${port}` };
      expect(await fetchFile(place, { environment }, 'http://mirror.invalid/debian')).toBe(true);
      const credentials = Buffer.from('me:secret').toString('base64');
      expect(asked).toEqual(['http://mirror.invalid/debian/file', `Basic ${credentials}`]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});

describe.skipIf(!hasProgram('openssl'))('https (skipped without openssl)', () => {
  /** Serves BYTES with a certificate for 127.0.0.1 that only who is told of it trusts. */
  async function secureServer() {
    const directory = await temporaryDirectory();
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const what = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=koala -addext';
    const args = [...what.split(' '), 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', ...args], { stdio: 'ignore' });
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) =>
      response.end(BYTES),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { certificate, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  /** In a process of its own: Node reads NODE_EXTRA_CA_CERTS when it starts. */
  async function fetchIn(environment: Record<string, string>, url: string, directory: string): Promise<string> {
    const program = `
      const { createTransport } = await import('./dist/archive/transport.js');
      const { fetchPromised } = await import('./dist/archive/fetch.js');
      const { openStore } = await import('./dist/archive/store.js');
      const transport = createTransport({
        offline: false, environment: {}, concurrency: 2, signal: new AbortController().signal, onEvent() {}, limits: { retries: 0 }, pause: 1,
      });
      const file = { bases: [${JSON.stringify(url)}], paths: ['file'], promise: ${JSON.stringify(PROMISE)} };
      await fetchPromised(file, await openStore(${JSON.stringify(directory)}), transport)
        .then(() => console.log('fetched'), (error) => console.log(error.message));
      await transport.close();`;
    const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), env: { ...process.env, ...environment } };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options);
    return stdout.trim();
  }

  it('is fetched from a server whose certificate is trusted, and from no other', async () => {
    const { certificate, url } = await secureServer();
    const directory = await temporaryDirectory();
    expect(await fetchIn({}, url, directory)).toMatch(/^cannot fetch https:.*self-signed certificate/);
    expect(await fetchIn({ NODE_EXTRA_CA_CERTS: certificate }, url, directory)).toBe('fetched');
  });

  it('is refused where the certificate is for another name', async () => {
    const { certificate, url } = await secureServer();
    const other = url.replace('127.0.0.1', 'localhost');
    const said = await fetchIn({ NODE_EXTRA_CA_CERTS: certificate }, other, await temporaryDirectory());
    expect(said).toMatch(/^cannot fetch https:.*does not match certificate/);
  });
});
