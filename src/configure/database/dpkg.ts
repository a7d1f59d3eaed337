import { createHash } from 'node:crypto';
import { parseParagraph } from '../../formats/deb822.js';
import { compareBytes } from '../../formats/path.js';
import { readContent } from '../../rootfs/content.js';
import type { Editor } from '../../rootfs/editor.js';
import type { MergeInput } from '../../rootfs/merge.js';
import type { UnpackedPackage } from '../../unpack/types.js';
import type { Architectures } from '../architectures.js';
import { directivesOf } from '../triggers.js';
import { databaseStanza } from './fields.js';

const ADMIN = '/var/lib/dpkg';

/**
 * Writes dpkg's own database for a tree that has dpkg: `status`, `info/` and the triggers, as dpkg leaves them after a
 * fresh install (dpkg's doc/triggers.txt, lib/dpkg/dump.c, lib/dpkg/db-fsys-files.c). Packages of one name are in the order of
 * their architectures (pkg_sorter_by_nonambig_name_arch); `arch` has what `dpkg --add-architecture` would have written.
 */
export function writeDpkgDatabase(
  editor: Editor,
  packages: readonly MergeInput[],
  { native, foreign }: Architectures,
): void {
  const sorted = [...packages].sort(
    ({ record: a }, { record: b }) => compareBytes(a.name, b.name) || compareBytes(a.architecture, b.architecture),
  );
  for (const input of sorted) writeInfo(editor, input);
  editor.writeFile(`${ADMIN}/status`, sorted.map((input) => `${statusStanza(input)}\n`).join(''));
  editor.writeFile(`${ADMIN}/info/format`, '1\n');
  if (foreign.length > 0) editor.writeFile(`${ADMIN}/arch`, [native, ...foreign].map((name) => `${name}\n`).join(''));
  writeTriggers(editor, sorted);
}

/** dpkg's name for a package in `info/`: with the architecture where Multi-Arch is `same` (pkg_infodb, format 1). */
function infoName({ record }: MergeInput): string {
  return record.multiArch === 'same' ? `${record.name}:${record.architecture}` : record.name;
}

function writeInfo(editor: Editor, input: MergeInput): void {
  const base = `${ADMIN}/info/${infoName(input)}`;
  for (const [name, { bytes, mode }] of input.unpacked.control) {
    if (name !== 'control') editor.writeFile(`${base}.${name}`, bytes, { mode: mode & 0o777 });
  }
  const list = input.unpacked.entries.map(({ path }) => (path === '/' ? '/.' : path));
  editor.writeFile(`${base}.list`, list.map((path) => `${path}\n`).join(''));
}

function statusStanza({ record, unpacked }: MergeInput): string {
  const control = parseParagraph(controlText(unpacked.control.get('control')?.bytes), `${record.name}'s control file`);
  const extra = new Map([['Status', 'install ok installed']]);
  const conffiles = conffileLines(unpacked);
  if (conffiles.length > 0) extra.set('Conffiles', ['', ...conffiles].join('\n'));
  return databaseStanza(control, extra);
}

/** Each conffile with the MD5 of the file as the package ships it, whatever an effect makes of it later. */
function conffileLines({ control, entries, spool }: UnpackedPackage): string[] {
  const lines = controlText(control.get('conffiles')?.bytes).split('\n');
  const paths = new Set(lines.map((line) => line.trim()).filter((line) => line.startsWith('/')));
  if (paths.size === 0) return [];
  const shipped = new Map(entries.filter(({ path }) => paths.has(path)).map((entry) => [entry.path, entry]));
  return [...paths].flatMap((path) => {
    const entry = shipped.get(path);
    if (entry?.type !== 'file') return [];
    const bytes = readContent({ type: 'slice', file: spool, offset: entry.offset, size: entry.size });
    return [`${path} ${createHash('md5').update(bytes).digest('hex')}`];
  });
}

/** Interests in files go to `triggers/File`, those in names to a file of that name (deb-triggers(5)). */
function writeTriggers(editor: Editor, packages: readonly MergeInput[]): void {
  const byFile = new Map<string, string[]>([['File', []]]);
  for (const input of packages) {
    for (const [directive, trigger] of directivesOf({ input })) {
      if (!directive.startsWith('interest')) continue;
      const holder = infoName(input) + (directive.endsWith('-noawait') ? '/noawait' : '');
      const file = trigger.startsWith('/') ? 'File' : trigger;
      const entry = trigger.startsWith('/') ? `${trigger} ${holder}` : holder;
      byFile.set(file, [...(byFile.get(file) ?? []), entry]);
    }
  }
  for (const [file, entries] of byFile) {
    editor.writeFile(`${ADMIN}/triggers/${file}`, entries.map((entry) => `${entry}\n`).join(''));
  }
  editor.writeFile(`${ADMIN}/triggers/Unincorp`, '');
}

function controlText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString();
}
