/**
 * `npm run bench [-- --megabytes N --time MS]`: the parts of a build, each beside the obvious alternative, on data that is made here. Read the ratios: they
 * hold on a noisy machine, the times do not. An alternative that is a program is a process each time, as it is for whoever
 * would use it. Writes `bench/results/parts.json`.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { packageIndex } from '../dist/archive/package-index.js';
import { createUniverse } from '../dist/archive/universe.js';
import { readSharedObject } from '../dist/configure/effects/elf.js';
import { formatLdCache } from '../dist/configure/effects/ld-cache.js';
import { compress } from '../dist/emit/compress.js';
import { walkAr } from '../dist/formats/ar.js';
import { TarReader } from '../dist/formats/tar/reader.js';
import { compareVersions } from '../dist/formats/version.js';
import { solve } from '../dist/solve/solve.js';
import { decode } from '../dist/unpack/decoders.js';
import { createUnpacker } from '../dist/unpack/unpacker.js';
import { hasProgram, sitting } from './machine.mjs';
import { packTarStream, readArAsync, readTarStream, scanNaively, unpackByLibraries } from './parts/alternatives.mjs';
import { aptWith } from './parts/apt.mjs';
import { comparer, program, run } from './parts/compare.mjs';
import { chunksOf, compressed, packagesIndex, realFiles, tarOf, writeDebs } from './parts/data.mjs';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '24' }, time: { type: 'string', default: '500' } },
});
const compare = comparer(Number(values.time));
const jobs = cpus().length;
const work = mkdtempSync(join(tmpdir(), 'koala-bench-'));
const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));
const MEGABYTE = 1e6;

/** Of an index that is at hand. */
const ARCHIVE = {
  suite: 's',
  components: ['main'],
  uris: ['http://localhost'],
  keyrings: [],
  signers: [],
  trusted: true,
  priority: undefined,
  asOf: undefined,
  checkValidUntil: false,
  origin: 'bench',
};

try {
  const parts = await all();
  const file = join(RESULTS, 'parts.json');
  writeFileSync(file, `${JSON.stringify({ ...sitting(), parts }, undefined, 2)}\n`);
} finally {
  rmSync(work, { recursive: true });
}

async function all() {
  const files = realFiles(Number(values.megabytes) * MEGABYTE);
  const tar = tarOf(files);
  const plain = megabytes(tar);
  const packed = {};
  for (const kind of ['gz', 'xz', 'zst']) {
    packed[kind] = await compressed(tar, kind);
    writeFileSync(join(work, `sample.tar.${kind}`), packed[kind]);
  }
  const debs = await writeDebs(work, files, 8);
  return [
    await unpacking(debs, files.length),
    await compare('ar: the members of a .deb', { amount: 1, unit: 'archive' }, arTasks(debs[0].deb)),
    await compare('tar: read', plain, {
      koala: () => readTar(tar),
      'tar-stream': () => readTarStream(tar),
      tar: program('tar', ['-t'], tar),
    }),
    await compare('tar: write', plain, {
      koala: () => tarOf(files),
      'tar-stream': () => drain(packTarStream(files)),
    }),
    await compare('xz: decode', plain, {
      koala: () => decoded('xz', packed.xz),
      'koala, by lzma-native': () => decoded('xz', packed.xz, 'lzma-native'),
      'lzma-native, one shot': () => lzma.decompress(packed.xz),
      'xz -dc': program('xz', ['-dc', join(work, 'sample.tar.xz')]),
    }),
    await compare('zst: decode', plain, {
      koala: () => decoded('zst', packed.zst),
      'koala, by WebAssembly': () => decoded('zst', packed.zst, '@cloudpss/zstd/wasm'),
      'zstd -dc': program('zstd', ['-dc', join(work, 'sample.tar.zst')]),
    }),
    await compare('gzip: encode', plain, {
      [`koala, ${jobs} threads`]: () => drain(compress([Uint8Array.from(tar)], 'gz', { jobs })),
      'zlib, one thread': () => gzipSync(tar, { level: 6 }),
      'pigz -6': program('pigz', ['-6'], tar),
      'gzip -6': program('gzip', ['-6'], tar),
    }),
    await compare('zst: encode', plain, {
      [`koala, ${jobs} threads`]: () => drain(compress([Uint8Array.from(tar)], 'zst', { jobs })),
      'zstd -T0': program('zstd', ['-q', '-T0', '-c'], tar),
    }),
    await compare('sha256', plain, {
      koala: () => createHash('sha256').update(tar).digest(),
      sha256sum: program('sha256sum', [], tar),
    }),
    ...(await ofIndices()),
    await ofVersions(),
    await ofLdCache(),
  ];
}

/** The headline: .debs to spools, with all checks, on all cores. */
async function unpacking(debs, entries) {
  const total = debs.reduce((sum, { unpacked }) => sum + unpacked, 0) / MEGABYTE;
  const list = debs.map(({ deb }) => deb).join('\n');
  const each = ['xargs', ['-P', String(jobs), '-n1', 'sh', '-c', 'dpkg-deb --fsys-tarfile "$0" >/dev/null'], list];
  const result = await compare(
    'unpack .debs',
    { amount: total, unit: 'MB' },
    {
      [`koala, ${jobs} threads`]: () => unpackAll(debs),
      [`dpkg-deb --fsys-tarfile, ${jobs} at once`]: hasProgram('dpkg-deb') ? () => run(...each) : undefined,
      'ar-async, lzma-native, tar-stream': () => Promise.all(debs.map(({ deb }) => unpackByLibraries(deb))),
    },
  );
  const seconds = result.runs[0].ms / 1000;
  const headline = { megabytesPerSecond: total / seconds, entriesPerSecond: entries / seconds };
  const [speed, count] = Object.values(headline).map((value) => Math.round(value).toLocaleString('en'));
  console.log(`  => ${speed} MB/s and ${count} entries/s unpacked`);
  return { ...result, headline };
}

async function unpackAll(debs) {
  const directory = mkdtempSync(join(work, 'spools-'));
  const unpacker = createUnpacker({ jobs, directory });
  await Promise.all(debs.map(({ unpacked: _, ...request }) => unpacker.unpack(request)));
  await unpacker.close();
  rmSync(directory, { recursive: true });
}

function arTasks(path) {
  const bytes = readFileSync(path);
  return {
    koala: () => walkAr((offset, length) => bytes.subarray(offset, offset + length), bytes.length, 'sample'),
    'ar-async': () => readArAsync(path),
    'ar t': program('ar', ['t', path]),
  };
}

async function ofIndices() {
  const text = packagesIndex(20_000);
  const index = () => packageIndex(text, 'http://localhost/Packages', ARCHIVE);
  const universe = createUniverse('amd64', [index()]);
  const name = 'package19999';
  const stage = { name: 's', packages: [name], priorities: [], drops: [], prefer: [] };
  const request = { stages: [{ ...stage, essential: false, recommends: false }], include: [], exclude: [] };
  const count = solve(request, universe).stages[0].packages.length;
  const apt = aptWith(work, text);
  return [
    await compare('deb822: scan an index of 20,000 packages', megabytes(text), {
      koala: () => index(),
      'regular expressions': () => scanNaively(text.toString()),
      'apt-cache stats, without its cache': apt && (() => apt.scan()),
      'grep-dctrl': program('grep-dctrl', ['-n', '-s', 'Package', '-F', 'Package', '-X', name], text),
    }),
    await compare(
      `solve: a package that brings ${count - 1} others`,
      { amount: count, unit: 'packages' },
      {
        koala: () => solve(request, createUniverse('amd64', [index()])),
        'koala, index read before': () => solve(request, universe),
        'apt-get -s install': apt && (() => apt.simulate(name)),
      },
    ),
  ];
}

function ofVersions() {
  const versions = Array.from({ length: 4000 }, (_, at) => `1:${at % 7}.${at % 13}~rc${at % 5}-${at % 11}+b${at % 3}`);
  const pairs = versions.slice(1).map((version, at) => [versions[at], version]);
  const some = pairs.slice(0, 40);
  const script = some.map(([a, b]) => `dpkg --compare-versions '${a}' lt '${b}'`).join('\n');
  const python = `import apt_pkg\napt_pkg.init_system()\nfor a, b in ${JSON.stringify(pairs)}: apt_pkg.version_compare(a, b)`;
  const hasAptPkg = hasProgram('python3') && readdirs('/usr/lib/python3/dist-packages').includes('apt_pkg.pyi');
  // Where each comparison is a process, forty of them have to do.
  return compare(
    'versions: 4,000 comparisons',
    { amount: pairs.length, unit: 'comparisons' },
    {
      koala: () => pairs.map(([a, b]) => compareVersions(a, b)),
      "python3, apt's own": hasAptPkg ? () => run('python3', ['-c', python]) : undefined,
      'dpkg --compare-versions': { task: program('sh', ['-c', `${script}\ntrue`]), times: pairs.length / some.length },
    },
  );
}

/** The libraries of this machine. */
function ofLdCache() {
  const folder = `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch}-linux-gnu`;
  const names = readdirs(folder).filter((name) => /^lib.*\.so/.test(name));
  const cache = join(work, 'ld.so.cache');
  const ours = () => {
    const entries = names.flatMap((name) => {
      const file = join(folder, name);
      const content = { type: 'slice', file, offset: 0, size: statSync(file).size };
      const soname = readSharedObject(content)?.soname;
      return soname === undefined
        ? []
        : [{ soname, path: join(folder, soname), flags: 0x303, hwcaps: undefined, isaLevel: 0 }];
    });
    writeFileSync(cache, formatLdCache(entries, 'ldconfig (Debian GLIBC 2.41-1) stable release version 2.41', false));
  };
  return compare(
    `ld cache: ${names.length} names of libraries`,
    { amount: names.length, unit: 'names' },
    {
      koala: names.length === 0 ? undefined : ours,
      ldconfig: program('ldconfig', ['-X', '-i', '-C', cache, '-f', '/dev/null']),
    },
  );
}

function megabytes(bytes) {
  return { amount: bytes.length / MEGABYTE, unit: 'MB' };
}

function readdirs(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function decoded(kind, bytes, by) {
  const options = { origin: 'sample', maxBytes: Number.MAX_SAFE_INTEGER, ...(by === undefined ? {} : { by }) };
  return decode(kind, chunksOf(bytes), () => {}, options);
}

function readTar(bytes) {
  const reader = new TarReader({ entry: () => {} }, 'sample');
  reader.write(bytes);
  reader.end();
}

async function drain(chunks) {
  let size = 0;
  for await (const chunk of chunks) size += chunk.length;
  return size;
}
