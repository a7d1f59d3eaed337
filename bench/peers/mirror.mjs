/**
 * A mirror on loopback for measurements: what it does not have it fetches once from the archive and keeps, until it is frozen.
 * Everybody measured gets the same bytes in the same way. Run as a process of its own: `node mirror.mjs DIRECTORY UPSTREAM`.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [directory = '', upstream = ''] = process.argv.slice(2);
const missing = new Set();
let frozen = false;
let count = 0;

process.on('message', (message) => {
  frozen = message === 'freeze';
  process.send?.('frozen');
});

// Whoever measures may have been ended.
process.on('disconnect', () => process.exit());

const server = createServer(async (request, response) => {
  try {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const file = join(directory, path);
    const size = await sizeOf(file, path);
    if (size === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': size, 'last-modified': new Date(0).toUTCString() });
    if (request.method === 'HEAD') return response.end();
    await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), response);
  } catch {
    response.destroy();
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));

async function sizeOf(file, path) {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return found.size;
  if (frozen || missing.has(path)) return undefined;
  const answer = await fetch(upstream + path);
  if (!answer.ok || answer.body === null) {
    missing.add(path);
    return undefined;
  }
  await mkdir(dirname(file), { recursive: true });
  count += 1;
  const part = `${file}.${count}.part`;
  await pipeline(answer.body, createWriteStream(part));
  await rename(part, file);
  return (await stat(file)).size;
}
