/** What one would use where koala-bootstrap's own code is not there: libraries, by their documentation. */
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ArReader } from 'ar-async';
import lzma from 'lzma-native';
import tarStream from 'tar-stream';
import { chunksOf } from './data.mjs';

export function unpackByLibraries(deb) {
  return new Promise((resolve, reject) => {
    const reader = new ArReader(deb);
    reader.on('error', reject);
    reader.on('close', resolve);
    reader.on('entry', async (entry, next) => {
      if (entry.fileName() !== 'data.tar.xz') return next();
      const parts = [];
      for await (const part of entry.fileData()) parts.push(part);
      await readTarStream(await lzma.decompress(Buffer.concat(parts)));
      next();
    });
  });
}

export function packTarStream(files) {
  const out = tarStream.pack();
  for (const { entry, bytes } of files) out.entry({ name: entry.path.slice(1), size: entry.size }, bytes);
  out.finalize();
  return out;
}

export async function readTarStream(bytes) {
  const extract = tarStream.extract();
  extract.on('entry', (_, stream, next) => {
    stream.on('end', next);
    stream.resume();
  });
  Readable.from(chunksOf(bytes)).pipe(extract);
  await finished(extract);
}

export function readArAsync(path) {
  return new Promise((resolve, reject) => {
    const reader = new ArReader(path);
    reader.on('entry', (_, next) => next());
    reader.on('error', reject);
    reader.on('close', resolve);
  });
}

export function scanNaively(text) {
  const found = new Map();
  for (const stanza of text.split('\n\n')) {
    const fields = new Map(stanza.split(/\n(?! )/).map((line) => line.split(/: (.*)/s)));
    found.set(fields.get('Package'), fields);
  }
  return found;
}
