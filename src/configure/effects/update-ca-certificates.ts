import { createHash } from 'node:crypto';
import { nameOf } from '../../formats/path.js';
import { pemCertificates, subjectHash } from '../../formats/x509.js';
import { compareStrings } from '../shell/bytes.js';
import { openBytes } from '../shell/open-file.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain, say } from './console.js';
import { Files } from './files.js';
import { parseOptions } from './options.js';

interface Places {
  readonly conf: Bytes;
  readonly shipped: Bytes;
  readonly local: Bytes;
  readonly trusted: Bytes;
  readonly bundle: Bytes;
  readonly hooks: Bytes;
}

interface Certificate {
  readonly path: Bytes;
  /** The name of its link among the trusted ones. */
  readonly link: Bytes;
  /** As it stands in the bundle: with a newline at its end. */
  readonly text: Bytes;
}

/**
 * update-ca-certificates(8) with openssl-rehash(1): the bundle of the selected certificates, a link for each and one for each
 * subject's hash; then the hooks.
 */
export const updateCaCertificates: Command = (process) => {
  const options = parseOptions(
    process.args.slice(1),
    'v,verbose f,fresh d,default h,help certsconf: certsdir: localcertsdir: certbundle: etccertsdir: hooksdir: sysroot:',
  );
  const under = (path: Bytes): Bytes => `${options.get('sysroot') ?? ''}${path}`;
  const places: Places = {
    conf: under(options.get('certsconf') ?? '/etc/ca-certificates.conf'),
    shipped: under(options.get('certsdir') ?? '/usr/share/ca-certificates'),
    local: under(options.get('localcertsdir') ?? '/usr/local/share/ca-certificates'),
    trusted: under(options.get('etccertsdir') ?? '/etc/ssl/certs'),
    bundle: options.get('certbundle') ?? 'ca-certificates.crt',
    hooks: options.get('hooksdir') ?? under('/etc/ca-certificates/update.d'),
  };
  const files = new Files(process);
  files.makeDirectories(places.trusted);
  if (options.has('fresh') || options.has('default')) clearLinks(files, places);
  const certificates = selected(process, files, places, options.has('default'));
  const removed = deselected(files, places);
  const added: Bytes[] = [];
  for (const { path, link } of certificates) {
    const at = `${places.trusted}/${link}`;
    if (files.readlink(at) === path && files.exists(at)) continue;
    files.replaceLink(path, at);
    added.push(at);
  }
  if (added.length + removed.length > 0) rehash(files, places.trusted);
  if (certificates.length > 0) {
    files.replace(`${places.trusted}/${places.bundle}`, certificates.map(({ text }) => text).join(''));
  }
  say(process, `${added.length} added, ${removed.length} removed; done.`);
  const changes = [...added.map((path) => `+${path}\n`), ...removed.map((path) => `-${path}\n`)].join('');
  if (places.hooks !== '') runHooks(process, files, places.hooks, changes);
  return 0;
};

/** The links into the two directories of certificates, and those that lead nowhere. */
function clearLinks(files: Files, { trusted, shipped, local }: Places): void {
  for (const name of files.list(trusted)) {
    const path = `${trusted}/${name}`;
    const target = files.readlink(path);
    if (target === undefined) continue;
    if (target.startsWith(shipped) || target.startsWith(local) || !files.exists(path)) files.unlink(path);
  }
}

function selected(process: Process, files: Files, places: Places, all: boolean): Certificate[] {
  const paths = all ? certificatesBelow(files, places.shipped) : [];
  for (const line of files.lines(places.conf)) {
    if (/^(?:$|[#!])/.test(line)) continue;
    const path = `${places.shipped}/${line}`;
    if (files.isFile(path)) paths.push(path);
    else complain(process, `W: ${path} not found, but listed in ${places.conf}.`);
  }
  return [...paths, ...certificatesBelow(files, places.local)].map((path) => {
    const text = files.read(path) ?? '';
    return { path, link: linkName(path), text: text === '' || text.endsWith('\n') ? text : `${text}\n` };
  });
}

/** Takes away the links of certificates that the list marks with `!`. */
function deselected(files: Files, { conf, shipped, trusted }: Places): Bytes[] {
  return files.lines(conf).flatMap((line) => {
    if (!line.startsWith('!')) return [];
    const at = `${trusted}/${certificateName(`${shipped}/${line.slice(1)}`)}.pem`;
    if (files.readlink(at) === undefined) return [];
    files.unlink(at);
    return [at];
  });
}

function certificatesBelow(files: Files, directory: Bytes): Bytes[] {
  const found = files.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`;
    if (files.isDirectory(path)) return certificatesBelow(files, path);
    return name.endsWith('.crt') && files.isFile(path) ? [path] : [];
  });
  return found.sort(compareStrings);
}

function certificateName(path: Bytes): Bytes {
  return nameOf(path).replace(/\.crt$/, '');
}

/** Blanks and commas become `_`, parentheses `=`. */
function linkName(path: Bytes): Bytes {
  return `${certificateName(path).replace(/[ ,]/g, '_').replace(/[()]/g, '=')}.pem`;
}

/**
 * `<hash>.<n>` for each certificate, numbered in the order of names; one that is there already gets no second link. Old links
 * go first.
 */
function rehash(files: Files, directory: Bytes): void {
  const names = files.list(directory);
  for (const name of names) {
    const path = `${directory}/${name}`;
    if (files.readlink(path) === undefined) continue;
    if (/^[0-9a-f]{8}\.r?\d+$/.test(name) || !files.exists(path)) files.unlink(path);
  }
  const used = new Map<string, number>();
  const seen = new Set<string>();
  for (const name of names) {
    const text = /\.(?:pem|crt|cer)$/.test(name) ? files.read(`${directory}/${name}`) : undefined;
    const [certificate, ...more] = pemCertificates(text ?? '');
    // openssl-rehash(1) skips files that hold more than one.
    if (certificate === undefined || more.length > 0) continue;
    const fingerprint = createHash('sha256').update(certificate).digest('hex');
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    const hash = subjectHash(certificate);
    const number = used.get(hash) ?? 0;
    used.set(hash, number + 1);
    files.replaceLink(name, `${directory}/${hash}.${number}`);
  }
}

function runHooks(process: Process, files: Files, directory: Bytes, changes: Bytes): void {
  for (const name of files.list(directory)) {
    const path = `${directory}/${name}`;
    // As run-parts(8) takes them.
    if (!/^[A-Za-z0-9_-]+$/.test(name) || !files.isFile(path) || !files.isExecutable(path)) continue;
    const descriptors = new Map([...process.descriptors, [0, openBytes(changes)] as const]);
    const status = process.spawn([path], { descriptors });
    if (status !== 0) complain(process, `E: ${path} exited with code ${status}.`);
  }
}
