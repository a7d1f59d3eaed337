import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SmallArchive, smallArchive } from '../e2e/archive.js';
import { koala } from '../e2e/command.js';

const base = mkdtempSync(join(tmpdir(), 'koala-addresses-'));
let archive: SmallArchive;
let hanging: { readonly kill: () => void } | undefined;

/** A resolver of names that exist nowhere: one with an address that hangs before one that answers, one without an answer. */
const RESOLVER = `
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
const { lookup } = dns;
dns.lookup = (name, options, callback) => {
  if (name === 'silent.test') return void setTimeout(callback, 60_000, new Error('late')).unref();
  if (name === 'dead.test') return callback(Object.assign(new Error('getaddrinfo EAI_AGAIN dead.test'), { code: 'EAI_AGAIN' }));
  if (name !== 'dual.test') return lookup(name, options, callback);
  callback(null, [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }]);
};
syncBuiltinESMExports();
`;

/** Listens on [::1], and answers nobody: its queue is full, so that the next one to connect waits. */
const HANGING = `
const { createServer, connect } = require('node:net');
const port = Number(process.argv[1]);
const server = createServer().listen({ host: '::1', port, backlog: 1 }, () => {
  require('node:child_process').spawn(process.execPath, ['-e', 'for (let i = 0; i < 4; i++) require("node:net").connect({ host: "::1", port: ' + port + ' }).on("error", () => {}); setTimeout(() => process.exit(), 60000)'], { stdio: 'ignore' }).unref();
  console.log('full');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
});
server.on('error', () => console.log('none'));
`;

const hasIpv6 =
  spawnSync(process.execPath, [
    '-e',
    'require("node:net").createServer().on("error", () => process.exit(1)).listen(0, "::1", () => process.exit(0))',
  ]).status === 0;

beforeAll(async () => {
  archive = await smallArchive(base);
  writeFileSync(join(base, 'resolver.mjs'), RESOLVER);
});
afterAll(async () => {
  hanging?.kill();
  await archive.server.close();
  rmSync(base, { recursive: true, force: true });
});

/** Builds from these mirrors, the names of which only the test's resolver knows. */
async function build(name: string, mirrors: readonly string[], more: readonly string[] = []) {
  const work = join(base, name);
  mkdirSync(work);
  const [profile = '', file = ''] = archive.args;
  const places = mirrors.flatMap((mirror) => ['--mirror', mirror]);
  const args = [
    profile,
    file,
    '--arch',
    'amd64',
    ...places,
    '--cache-dir',
    join(work, 'cache'),
    '--quiet',
    '--limit',
    'retries=1',
    ...more,
  ];
  return koala(args, { cwd: work, environment: { NODE_OPTIONS: `--import=file://${base}/resolver.mjs` } });
}

describe('names and addresses', () => {
  it.skipIf(!hasIpv6)('IPv6 that hangs: the address after it is taken (skipped without IPv6)', async () => {
    const { port } = new URL(archive.server.url);
    const child = spawn(process.execPath, ['-e', HANGING, port], { stdio: ['ignore', 'pipe', 'ignore'] });
    hanging = child;
    expect(await new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())))).toBe(
      'full',
    );
    expect(await build('dual', [`http://dual.test:${port}`])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('a name that nobody knows: the next mirror is taken', async () => {
    expect(await build('dead', ['http://dead.test', archive.server.url])).toMatchObject({ status: 0 });
  });

  it('a resolver that does not answer: the next mirror is taken', async () => {
    const more = ['--limit', 'stall-seconds=1'];
    expect(await build('silent', ['http://silent.test', archive.server.url], more)).toMatchObject({ status: 0 });
  });

  it('neither: one message names the URL', async () => {
    const { status, stderr } = await build('none', ['http://dead.test']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^koala-bootstrap: cannot fetch http:\/\/dead\.test\/\S+: getaddrinfo EAI_AGAIN dead\.test \(tried 2 times\)\n/,
      ),
    ]);
  });
});
