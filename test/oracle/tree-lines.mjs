import { createHash } from 'node:crypto';
import { TarReader } from '../../dist/formats/tar/reader.js';

/**
 * An entry of a tree as one line:
 *
 *     /bin: symlink 0777 0:0 -> usr/bin
 *     /dev/null: char 0666 0:0 1,3
 *     /usr/bin/ping: file 0755 0:0 cc55e2ec security.capability=0100
 *
 * The hash is the start of the content's SHA-256.
 */
export function treeLine(path, node, content) {
  const parts = [`${path}:`, node.type, node.mode.toString(8).padStart(4, '0'), `${node.uid}:${node.gid}`];
  if (node.type === 'file') parts.push(shortHash(content ?? new Uint8Array(0)));
  if (node.type === 'symlink' || node.type === 'hardlink') parts.push('->', node.target ?? '');
  if (node.type === 'char' || node.type === 'block') parts.push(`${node.major},${node.minor}`);
  for (const [name, value] of node.xattrs) parts.push(`${name}=${Buffer.from(value).toString('hex')}`);
  return parts.join(' ');
}

/** The lines of a tar; with `times`, each ends in the entry's time. Of paths that are `unordered`, the lines are sorted first. */
export function listTar(tar, options = {}) {
  const lines = [];
  const reader = new TarReader(
    {
      entry: (entry, offset) => {
        const content = tar.subarray(offset, offset + entry.size);
        const isSorted = options.unordered?.test(entry.path) !== true;
        const text = treeLine(entry.path, entry, isSorted ? content : sorted(content));
        lines.push(options.times ? `${text} @${entry.mtime}` : text);
      },
    },
    'listed.tar',
  );
  reader.write(tar);
  reader.end();
  return lines;
}

function sorted(content) {
  return Buffer.from(Buffer.from(content).toString('latin1').split('\n').sort().join('\n'), 'latin1');
}

/** What a line is about. */
export function pathOfLine(line) {
  return line.slice(0, line.search(/: (?:file|directory|symlink|hardlink|char|block|fifo) /));
}

export function shortHash(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}
