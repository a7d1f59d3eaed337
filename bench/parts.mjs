/**
 * `npm run bench`: the parts of a build, each beside the obvious alternative, on data that is made here. Read the ratios: they
 * hold on a noisy machine, the times do not.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { ArReader } from 'ar-async';
import lzma from 'lzma-native';
import tarStream from 'tar-stream';
import { Bench } from 'tinybench';
import { compress } from '../dist/emit/compress.js';
import { walkAr } from '../dist/formats/ar.js';
import { TarReader } from '../dist/formats/tar/reader.js';
import { encodeTarHeader, TAR_END, tarPadding } from '../dist/formats/tar/writer.js';
import { compareVersions } from '../dist/formats/version.js';
import { decode } from '../dist/unpack/decoders.js';

const work = mkdtempSync(join(tmpdir(), 'koala-bench-'));
const entries = Array.from({ length: 4000 }, (_, at) =>
  entry(`/usr/share/part-${at % 50}/file-${at}`, 1 + (at % 4096)),
);
const tar = pack(entries);
const xz = await lzma.compress(tar, 6);
const ar = join(work, 'sample.ar');
const arBytes = arOf(tar);
writeFileSync(ar, arBytes);
const versions = entries.map((_, at) => `1:${at % 7}.${at % 13}~rc${at % 5}-${at % 11}+b${at % 3}`);

await compare('read a tar of 4,000 entries', {
  koala: () => readTar(tar),
  'tar-stream': () => readTarStream(tar),
});
await compare('write a tar of 4,000 entries', {
  koala: () => pack(entries),
  'tar-stream': () => packTarStream(entries),
});
await compare('walk an ar', {
  koala: () => walkAr((offset, length) => arBytes.subarray(offset, offset + length), arBytes.length, 'sample.ar'),
  'ar-async': () => readArAsync(ar),
});
await compare('decode xz', {
  koala: () => decode('xz', chunksOf(xz), () => {}, { origin: 'sample', maxBytes: Number.MAX_SAFE_INTEGER }),
  'lzma-native, one shot': () => lzma.decompress(xz),
});
await compare('gzip', {
  'koala, 2 threads': () => drain(compress([Uint8Array.from(tar)], 'gz', { jobs: 2 })),
  gzipSync: () => gzipSync(tar, { level: 6 }),
});
await compare('compare 4,000 versions', { koala: () => versions.toSorted(compareVersions) });
await compare('hash', { sha256: () => createHash('sha256').update(tar).digest('hex') });
rmSync(work, { recursive: true });

async function compare(title, tasks) {
  const bench = new Bench({ time: 600, warmupTime: 200, throws: true });
  for (const [name, task] of Object.entries(tasks)) bench.add(name, task);
  await bench.run();
  const medians = bench.tasks.map(({ name, result }) => ({ name, ms: result.latency.p50 }));
  const reference = medians[0].ms;
  console.log(title);
  for (const { name, ms } of medians) {
    console.log(`  ${name.padEnd(24)} ${ms.toFixed(2).padStart(9)} ms  ${(ms / reference).toFixed(2).padStart(6)}`);
  }
}

function entry(path, size) {
  return {
    type: 'file',
    path,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size,
    target: '',
    major: 0,
    minor: 0,
    xattrs: new Map(),
  };
}

function contentOf({ size }) {
  return Buffer.alloc(size, `content ${size} `);
}

function pack(list) {
  return Buffer.concat([
    ...list.flatMap((one) => [encodeTarHeader(one), contentOf(one), tarPadding(one.size)]),
    TAR_END,
  ]);
}

function packTarStream(list) {
  const out = tarStream.pack();
  for (const one of list) out.entry({ name: one.path.slice(1), size: one.size }, contentOf(one));
  out.finalize();
  return drain(out);
}

function readTar(bytes) {
  const reader = new TarReader({ entry: () => {} }, 'sample');
  reader.write(bytes);
  reader.end();
}

async function readTarStream(bytes) {
  const extract = tarStream.extract();
  extract.on('entry', (_, stream, next) => {
    stream.on('end', next);
    stream.resume();
  });
  extract.end(bytes);
  await finished(extract);
}

function readArAsync(path) {
  return new Promise((resolve, reject) => {
    const reader = new ArReader(path);
    reader.on('entry', (_, next) => next());
    reader.on('error', reject);
    reader.on('close', resolve);
  });
}

function arOf(data) {
  const header = (name, size) =>
    Buffer.from(`${name.padEnd(16)}0           0     0     100644  ${String(size).padEnd(10)}\`\n`);
  const parts = [
    Buffer.from('!<arch>\n'),
    header('debian-binary', 4),
    Buffer.from('2.0\n'),
    header('data.tar', data.length),
    data,
  ];
  return Buffer.concat(parts);
}

function* chunksOf(bytes) {
  for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16));
}

async function drain(chunks) {
  let size = 0;
  for await (const chunk of chunks) size += chunk.length;
  return size;
}
