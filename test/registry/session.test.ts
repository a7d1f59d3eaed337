import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import { hasProgram } from '../builder/programs.js';
import { bytes, image, options, temporaryDirectory } from './images.js';
import { TestRegistry } from './server.js';

const IMAGE = image({ amd64: [bytes(300_000), bytes(100)] });

async function registryWith(): Promise<TestRegistry> {
  const registry = await TestRegistry.start();
  onTestFinished(() => registry.close());
  return registry;
}

async function listening(server: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const push = (name: string, more = {}) =>
  pushImage(IMAGE, [parseReference(name)], options({ retries: 1, chunk: 100_000, ...more }));

describe('a session', () => {
  it('speaks http to another machine only where that is allowed', async () => {
    const registry = await registryWith();
    // On Linux this is the machine itself, and no name for it.
    const name = `${registry.host.replace('127.0.0.1', '0.0.0.0')}/app`;
    await expect(push(name)).rejects.toMatchObject({
      message: expect.stringContaining(`cannot publish ${name}:latest: `),
      hint: '--insecure speaks http to it, if it has no https',
    });
    expect(registry.seen).toEqual([]);
    await push(name, { insecure: true });
    expect(registry.manifests.has('app:latest')).toBe(true);
  });

  it.skipIf(!hasProgram('openssl'))(
    'takes no certificate that nobody vouches for (skipped without openssl)',
    async () => {
      const directory = temporaryDirectory();
      const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
      const what = [
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-days',
        '2',
      ];
      execFileSync('openssl', ['req', '-x509', ...what, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      const seen: unknown[] = [];
      const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
        seen.push(request.url);
        response.end('{}');
      });
      const port = await listening(server);
      for (const insecure of [false, true]) {
        await expect(push(`localhost:${port}/app`, { insecure })).rejects.toMatchObject({
          message: expect.stringContaining('self-signed certificate'),
          hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
        });
      }
      expect(seen).toEqual([]);
    },
  );

  it('goes through a proxy, bodies and all', async () => {
    const registry = await registryWith();
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      const { method, url = '', headers } = request;
      asked.push(`${method} ${url}`);
      request.pipe(
        ask(url, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    const http_proxy = `http://127.0.0.1:${await listening(proxy)}`;
    const { environment } = options();
    await push(`${registry.host}/app`, { environment: { ...environment, http_proxy } });
    expect(asked).toHaveLength(registry.seen.length);
    expect(asked.some((line) => line.startsWith(`PATCH http://${registry.host}/v2/`))).toBe(true);
    for (const { descriptor, open } of IMAGE.blobs) {
      expect(registry.blobs.get(`app@${descriptor.digest}`)?.equals(Buffer.concat([...open(0)]))).toBe(true);
    }
  });

  it('is not led to other schemes', async () => {
    const registry = await TestRegistry.start({ uploadBase: () => 'ftp://storage.invalid' });
    onTestFinished(() => registry.close());
    await expect(push(`${registry.host}/app`)).rejects.toThrow(
      'wants data at ftp://storage.invalid, which is not http',
    );
  });
});
