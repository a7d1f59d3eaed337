/** What the parts are measured on: made here, of what every checkout has, so that figures of machines can be compared. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compress } from '../../dist/emit/compress.js';
import { encodeTarHeader, TAR_END, tarPadding } from '../../dist/formats/tar/writer.js';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const LARGEST = 4e6;

/** Programs, text and data of the installed modules, up to `most` bytes. */
export function realFiles(most) {
  const entries = readdirSync(MODULES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, path, name }) => join(parentPath ?? path, name)).sort();
  const files = [];
  let size = 0;
  for (const path of paths) {
    const { size: one } = statSync(path);
    if (one > LARGEST || size + one > most) continue;
    size += one;
    files.push({ entry: fileEntry(`/usr/share${path.slice(MODULES.length)}`, one), bytes: readFileSync(path) });
  }
  return files;
}

function fileEntry(path, size) {
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0, target: '', major: 0, minor: 0, xattrs: new Map() };
  return { type: 'file', path, size, ...plain };
}

export function tarOf(files) {
  const parts = files.flatMap(({ entry, bytes }) => [encodeTarHeader(entry), bytes, tarPadding(entry.size)]);
  return Buffer.concat([...parts, TAR_END]);
}

export async function compressed(bytes, kind) {
  const parts = [];
  for await (const part of compress([Uint8Array.from(bytes)], kind, { jobs: 2 })) parts.push(part);
  return Buffer.concat(parts);
}

/** Writes packages of deb(5) into a directory: of the files, so many each. Their data members are of `xz -6`. */
export async function writeDebs(directory, files, count) {
  const debs = [];
  for (let at = 0; at < count; at += 1) {
    const name = `part${at}`;
    const fields = { Package: name, Version: '1', Architecture: 'all', Maintainer: 'a <a@b>', Description: name };
    const text = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
    const control = Buffer.from(text.join(''));
    const tars = [
      tarOf([{ entry: fileEntry('/control', control.length), bytes: control }]),
      tarOf(files.filter((_, index) => index % count === at)),
    ];
    const [controlTar, dataTar] = await Promise.all(tars.map((tar) => compressed(tar, 'xz')));
    const bytes = arOf([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.xz', controlTar],
      ['data.tar.xz', dataTar],
    ]);
    const deb = join(directory, `${name}.deb`);
    writeFileSync(deb, bytes);
    const promised = { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    debs.push({ deb, promised, name, version: '1', architecture: 'all', unpacked: tars[1].length });
  }
  return debs;
}

function arOf(members) {
  const parts = members.flatMap(([name, bytes]) => [
    Buffer.from(`${name.padEnd(16)}0           0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`),
    bytes,
    Buffer.alloc(bytes.length % 2, '\n'),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

/** A Packages index: each package depends on a few that come before it, some through names that are provided. */
export function packagesIndex(count) {
  const stanzas = Array.from({ length: count }, (_, at) => {
    const depends = [at >> 1, Math.floor(at * 0.8)].filter((other) => other < at);
    const relations = depends.map((other) =>
      other % 5 === 0 ? `virtual${other}` : `package${other} (>= 1:1.${other % 7})`,
    );
    return [
      `Package: package${at}`,
      'Architecture: amd64',
      `Version: 1:1.${at % 7}.${at % 13}-${1 + (at % 3)}`,
      'Priority: optional',
      'Section: misc',
      'Maintainer: Nobody <nobody@example.org>',
      `Installed-Size: ${100 + (at % 900)}`,
      ...(relations.length === 0 ? [] : [`Depends: ${[...new Set(relations)].join(', ')}`]),
      ...(at % 5 === 0 ? [`Provides: virtual${at}`] : []),
      `Description: The package of the number ${at}, which describes itself in a line of the usual length`,
      `Filename: ./package${at}.deb`,
      `Size: ${1000 + at}`,
      `SHA256: ${createHash('sha256').update(String(at)).digest('hex')}`,
    ].join('\n');
  });
  return Buffer.from(`${stanzas.join('\n\n')}\n`);
}

export function* chunksOf(bytes) {
  for (let at = 0; at < bytes.length; at += 1 << 16) yield bytes.subarray(at, at + (1 << 16));
}
