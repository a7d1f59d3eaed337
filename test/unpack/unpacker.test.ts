import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { WorkerPool } from '../../src/threads/pool.js';
import { createUnpacker } from '../../src/unpack/unpacker.js';
import { makeDeb } from '../builder/deb.js';
import { testDirectory } from '../builder/directory.js';
import { listPackage, shortHash } from '../builder/listing.js';

async function sample(directory: string, name: string) {
  const deb = await makeDeb({ control: { Package: name }, files: [{ path: `/usr/share/${name}`, content: name }] });
  const path = join(directory, `${name}.deb`);
  writeFileSync(path, deb);
  const promised = { size: deb.byteLength, sha256: createHash('sha256').update(deb).digest('hex') };
  return { deb: path, promised, name, version: '1.0-1', architecture: 'amd64' };
}

describe('createUnpacker', () => {
  it.each([1, 2, 4])('gives the same with %i jobs', async (jobs) => {
    const debs = testDirectory();
    const directory = testDirectory();
    const names = Array.from({ length: 9 }, (_, i) => `package-${i}`);
    const unpacker = createUnpacker({ jobs, directory });
    const requests = await Promise.all(names.map((name) => sample(debs, name)));
    const packages = await Promise.all(requests.map((request) => unpacker.unpack(request)));
    await unpacker.close();
    expect(packages.map((each) => listPackage(each).at(-1))).toEqual(
      names.map((name) => `/usr/share/${name}: file 0644 0:0 ${shortHash(name)}`),
    );
    expect(Buffer.from(packages[3]?.control.get('control')?.bytes ?? []).toString()).toMatch(/^Package: package-3\n/);
    expect(readdirSync(directory)).toHaveLength(names.length);
  });

  it('hands errors over, and goes on after them', async () => {
    const debs = testDirectory();
    const unpacker = createUnpacker({ jobs: 1, directory: testDirectory() });
    const request = await sample(debs, 'good');
    const error = await unpacker.unpack({ ...request, version: '2' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KoalaError);
    expect(error).toMatchObject({
      code: 'unpack',
      message: `cannot unpack ${request.deb}: its Version is 1.0-1, the index says 2`,
      details: [],
    });
    expect((await unpacker.unpack(request)).entries).toHaveLength(4);
    await unpacker.close();
  });

  it('is cancelled by close, whatever it is at', async () => {
    const debs = testDirectory();
    const unpacker = createUnpacker({ jobs: 2, directory: testDirectory() });
    const requests = await Promise.all(['a1', 'b1', 'c1', 'd1'].map((name) => sample(debs, name)));
    const results = requests.map((request) => unpacker.unpack(request).catch((thrown: unknown) => thrown));
    await unpacker.close();
    for (const result of await Promise.all(results)) expect(result).toMatchObject({ code: 'cancelled' });
    const [request] = requests;
    if (request) await expect(unpacker.unpack(request)).rejects.toThrow(/^cannot go on unpacking: it was cancelled$/);
  });
});

describe('WorkerPool', () => {
  const pool = (body: string, size = 2): WorkerPool<string, string> =>
    new WorkerPool({
      script: new URL(
        `data:text/javascript,${encodeURIComponent(
          `import { parentPort, threadId } from 'node:worker_threads'; parentPort.on('message', (text) => {
           const reply = (result) => parentPort.postMessage({ ok: true, result }); ${body} });`,
        )}`,
      ),
      size,
      task: 'testing',
      code: 'emit',
    });

  it('has ended all its threads when a second close comes back, too: a full disk once left one that still wrote', async () => {
    const threads = pool('const end = Date.now() + 200; while (Date.now() < end); reply("done");');
    const result = threads.run('').catch(() => 'cancelled');
    const ended: string[] = [];
    const closes = ['first', 'second'].map((name) => threads.close().then(() => ended.push(name)));
    await closes[1];
    expect([await result, ended]).toEqual(['cancelled', ['first', 'second']]);
  });

  it('starts no more threads than it may, and none without work', async () => {
    const threads = pool('setTimeout(() => reply(String(threadId)), 5);');
    const ids = await Promise.all(Array.from({ length: 10 }, () => threads.run('')));
    expect(new Set(ids).size).toBe(2);
    await threads.close();
  });

  it.each([
    ['exits', 'process.exit(3);', 'a worker thread ended with status 3'],
    ['throws outside of a request', 'throw new Error("boom");', 'boom'],
  ])('says so where a thread %s, and starts another', async (_, crash, why) => {
    const threads = pool(`if (text === 'crash') { ${crash} } else reply(text);`, 1);
    const results = await Promise.allSettled(['crash', 'one', 'two'].map((text) => threads.run(text)));
    expect(results).toEqual([
      {
        status: 'rejected',
        reason: expect.objectContaining({ code: 'emit', message: `cannot go on testing: ${why}` }),
      },
      { status: 'fulfilled', value: 'one' },
      { status: 'fulfilled', value: 'two' },
    ]);
    await threads.close();
  });
});
