import { createHash } from 'node:crypto';
import { compareBytes } from '../../formats/path.js';
import { readContent } from '../../rootfs/content.js';
import type { Editor } from '../../rootfs/editor.js';
import type { MergeInput } from '../../rootfs/merge.js';
import type { UnpackedPackage } from '../../unpack/types.js';
import type { Architectures } from '../architectures.js';
import { membersOf } from '../installed.js';
import { phasesOf } from '../phases.js';
import { directivesOf } from '../triggers.js';
import { databaseStanza } from './fields.js';

const ADMIN = '/var/lib/dpkg';

/**
 * Writes dpkg's own database for a tree that has dpkg: `status`, `info/` and the triggers, as dpkg leaves them after a
 * fresh install (dpkg's doc/triggers.txt, lib/dpkg/dump.c, lib/dpkg/db-fsys-files.c). Packages of one name are in the order of
 * their architectures (pkg_sorter_by_nonambig_name_arch); `arch` has what `dpkg --add-architecture` would have written.
 *
 * @param fresh those of the packages that the database does not have yet.
 */
export function writeDpkgDatabase(
  editor: Editor,
  packages: readonly MergeInput[],
  { native, foreign }: Architectures,
  fresh: readonly MergeInput[] = packages,
): void {
  const sorted = [...packages].sort(
    ({ record: a }, { record: b }) => compareBytes(a.name, b.name) || compareBytes(a.architecture, b.architecture),
  );
  const isFresh = new Set(fresh);
  for (const input of sorted) if (isFresh.has(input)) writeInfo(editor, input);
  editor.writeFile(`${ADMIN}/status`, sorted.map((input) => `${statusStanza(input)}\n`).join(''));
  editor.writeFile(`${ADMIN}/info/format`, '1\n');
  if (foreign.length > 0) editor.writeFile(`${ADMIN}/arch`, [native, ...foreign].map((name) => `${name}\n`).join(''));
  // dpkg puts interests down as it unpacks: Essential comes first, then each package behind what it depends on.
  const [essential, others] = phasesOf(membersOf(packages));
  const first = new Set(essential.map(({ input }) => input));
  writeTriggers(editor, [...sorted.filter((input) => first.has(input)), ...others.map(({ input }) => input)]);
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
  const extra = new Map([['Status', 'install ok installed']]);
  const conffiles = conffileLines(unpacked);
  if (conffiles.length > 0) extra.set('Conffiles', ['', ...conffiles].join('\n'));
  const text = controlText(unpacked.control.get('control')?.bytes);
  return databaseStanza(text, `${record.name}'s control file`, extra);
}

/**
 * Each conffile with the MD5 of the file as the package ships it, whatever an effect makes of it later; one that is to go on an
 * upgrade is shipped by nobody (deb-conffiles(5), lib/dpkg/dump.c).
 */
function conffileLines({ control, entries, spool }: UnpackedPackage): string[] {
  const lines = controlText(control.get('conffiles')?.bytes).split('\n');
  const words = lines.map((line) => line.trim().split(/\s+/));
  const flags = new Map(words.map((line) => [line.at(-1) ?? '', line.slice(0, -1)]));
  const shipped = new Map(entries.filter(({ path }) => flags.has(path)).map((entry) => [entry.path, entry]));
  return [...flags].flatMap(([path, flag]) => {
    const entry = shipped.get(path);
    if (flag.includes('remove-on-upgrade')) return [`${path} newconffile remove-on-upgrade`];
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
