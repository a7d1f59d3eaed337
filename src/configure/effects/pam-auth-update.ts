import { createHash } from 'node:crypto';
import { bufferOf, compareStrings, linesOf } from '../shell/bytes.js';
import type { Bytes, Command } from '../shell/types.js';
import { complain, Failure, withFailures } from './console.js';
import { Files } from './files.js';
import { blockOf, moduleLines, PAM_TYPES, type PamProfile, type PamType, readProfiles } from './pam-profile.js';

const CONFIG = '/etc/pam.d/common-';
const TEMPLATES = '/usr/share/pam/common-';
const STATE = '/var/lib/pam';

const PRIMARY = '# here are the per-package modules (the "Primary" block)';
const FALLBACK = "# here's the fallback if no module succeeds";
const ADDITIONAL = '# and here are more per-package modules (the "Additional" block)';
const END = '# end of pam-auth-update config';

/** MD5 sums of the templates without their blocks: a config that still is one of them is made from the shipped one. */
const PRISTINE: Readonly<Record<PamType, readonly string[]>> = {
  auth: ['8d4fe17e66ba25de16a117035d1396aa'],
  account: ['3c0c362eaf3421848b679d63fd48c3fa'],
  password: [
    '4d5c92d595a46b69cd61f18feb4c0574',
    '50fce2113dfda83ac8bdd5a6e706caec',
    '4bd7610f2e85f8ddaef79c7db7cb49eb',
    '9ba753d0824276b44bcadfee1f87b6bc',
    '9e633425b1878897695217ecaf75e204',
    '53c1ede0bf4c07879d3582d875917545',
  ],
  session: ['f297c731a467822cbd86e1283263e8a3', '240fb92986c885b327cdb21dd641da8c', '4a25673e8b36f1805219027d3be02cd2'],
  'session-noninteractive': ['ad2b78ce1498dd637ef36469430b6ac6'],
};

/** What the administrator changed in one type's config: options by their module's line. */
interface Edits {
  readonly added: Map<Bytes, Set<Bytes>>;
  readonly removed: Map<Bytes, Set<Bytes>>;
}

interface Changes {
  /** The profiles whose lines are in the configs. */
  readonly profiles: readonly Bytes[];
  readonly edits: ReadonlyMap<PamType, Edits>;
}

/** pam-auth-update(8) of libpam-runtime 1.5 and 1.7, its questions answered with the defaults. */
export const pamAuthUpdate: Command = (process) =>
  withFailures(process, '', () => {
    const request = parseRequest(process.args.slice(1));
    const files = new Files(process);
    const all = readProfiles(files);
    const sorted = all.filter(({ name }) => !request.remove.has(name));
    const changes = readChanges(files);
    if (changes === undefined && !request.force) {
      const message = 'Local modifications to /etc/pam.d/common-*, not updating.';
      complain(process, `\npam-auth-update: ${message}\npam-auth-update: Run pam-auth-update --force to override.\n`);
      return 0;
    }
    const seen = new Set([...files.lines(`${STATE}/seen`), ...request.disable]);
    const kept = (changes?.profiles ?? []).filter((name) => !request.remove.has(name));
    const wanted = new Set([...kept, ...request.enable].filter((name) => !request.disable.has(name)));
    const known = sorted.filter(({ name }) => wanted.has(name));
    if (known.length === 0) seen.clear();
    const enabled = withoutConflicts(
      sorted.filter((profile) => known.includes(profile) || (profile.isDefault && !seen.has(profile.name))),
    );
    files.makeDirectories(STATE);
    files.write(`${STATE}/seen`, sorted.map(({ name }) => `${name}\n`).join(''));
    for (const type of PAM_TYPES) {
      if (!writeType(files, type, enabled, changes?.edits.get(type), request.force)) return 0;
    }
    return 0;
  });

interface Request {
  readonly force: boolean;
  readonly remove: ReadonlySet<Bytes>;
  readonly enable: ReadonlySet<Bytes>;
  readonly disable: ReadonlySet<Bytes>;
}

function parseRequest(args: readonly Bytes[]): Request {
  const lists = { '--remove': new Set<Bytes>(), '--enable': new Set<Bytes>(), '--disable': new Set<Bytes>() };
  let list: Set<Bytes> | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--root') {
      at += 1;
      if (!['', '/', undefined].includes(args[at])) throw new Failure(`pam-auth-update: cannot work on ${args[at]}`);
    }
    if (arg.startsWith('--')) list = arg in lists ? lists[arg as keyof typeof lists] : undefined;
    else list?.add(arg);
  }
  return {
    force: args.includes('--force'),
    remove: lists['--remove'],
    enable: lists['--enable'],
    disable: lists['--disable'],
  };
}

/** Of two profiles that exclude each other the one of lower priority goes. */
function withoutConflicts(enabled: readonly PamProfile[]): PamProfile[] {
  const kept = [...enabled];
  for (const profile of enabled) {
    if (!kept.includes(profile)) continue;
    for (const other of [...kept]) if (profile.conflicts.has(other.name)) kept.splice(kept.indexOf(other), 1);
  }
  return kept;
}

function writeType(
  files: Files,
  type: PamType,
  enabled: readonly PamProfile[],
  edits: Edits | undefined,
  force: boolean,
): boolean {
  const target = `${CONFIG}${type}`;
  const present = files.read(target);
  const pristine = present !== undefined && PRISTINE[type].includes(templateDigest(present));
  const shipped = files.read(`${TEMPLATES}${type}`);
  const template = pristine ? shipped : present;
  let config = template === undefined ? undefined : compose(template, type, enabled, edits);
  if (config === undefined && force && shipped !== undefined) config = compose(shipped, type, enabled, edits);
  if (config === undefined) return false;
  if (present !== undefined && force) files.write(`${target}.pam-old`, present);
  files.replace(target, config);
  files.replace(`${STATE}/${type}`, savedState(type, enabled));
  return true;
}

/** The text of a config outside of its two blocks, as a digest. */
function templateDigest(text: Bytes): string {
  const parts = splitBlocks(text);
  return createHash('md5').update(bufferOf(parts.outside)).digest('hex');
}

function splitBlocks(text: Bytes): { readonly outside: Bytes; readonly complete: boolean } {
  const ends = [PRIMARY, FALLBACK, ADDITIONAL, END];
  let state = 0;
  let outside = '';
  for (const line of linesOf(text)) {
    const marker = ends[state];
    const found = marker !== undefined && line.startsWith(marker);
    if (found || state % 2 === 0) outside += `${line}\n`;
    if (found) state += 1;
  }
  return { outside, complete: state === ends.length };
}

/** A template with its blocks filled; undefined where its markers are not complete. */
function compose(
  template: Bytes,
  type: PamType,
  enabled: readonly PamProfile[],
  edits: Edits | undefined,
): Bytes | undefined {
  const { outside, complete } = splitBlocks(template);
  if (!complete) return undefined;
  const lines = linesOf(outside).flatMap((line) => {
    const own = [`${line}\n`];
    if (line.startsWith(PRIMARY)) own.push(block(type, 'Primary', enabled, edits));
    if (line.startsWith(ADDITIONAL)) own.push(block(type, 'Additional', enabled, edits));
    return own;
  });
  return lines.join('');
}

function block(
  type: PamType,
  kind: 'Primary' | 'Additional',
  enabled: readonly PamProfile[],
  edits: Edits | undefined,
): Bytes {
  const stack = type.replace('-noninteractive', '');
  const profiles = enabled.filter((profile) => blockOf(profile, type) === kind);
  const lines = profiles.flatMap((profile, index) =>
    moduleLines(profile, type, index === 0)
      .split('\n')
      .filter((line) => line !== ''),
  );
  // A jump from the additional block must not leave the stack.
  let count = kind === 'Additional' ? lines.length - 1 : lines.length;
  if (kind === 'Primary' && lines.length === 0) return `${stack}\t[default=1]\t\t\tpam_permit.so\n`;
  return lines.map((line) => `${stack}\t${mergeLine(line, count--, edits)}`).join('');
}

const MODULE = /^((?:\[[^\]]+\]|\w+)\s+\S+)\s*(.*)/;

/** A profile's line with its jump, and with the administrator's changes to the module's options. */
function mergeLine(line: Bytes, count: number, edits: Edits | undefined): Bytes {
  const [, control = '', rest = ''] = MODULE.exec(line) ?? [];
  const module = control.replaceAll('end', String(count));
  const key = withoutJumps(module);
  const options = rest.split(/\s+/).filter((option) => option !== '');
  const added = new Set(edits?.added.get(key));
  const removed = edits?.removed.get(key);
  for (const option of options) added.delete(option);
  const kept = options.filter((option) => removed?.has(option) !== true);
  return `${module} ${[...kept, ...[...added].sort(compareStrings)].join(' ')}\n`;
}

function withoutJumps(line: Bytes): Bytes {
  return line.replace(/(\[[^0-9]*)[0-9]+(.*\])/g, '$1$2');
}

function savedState(type: PamType, enabled: readonly PamProfile[]): Bytes {
  const primary = enabled.filter((profile) => !['', 'Additional'].includes(blockOf(profile, type)));
  const additional = enabled.filter((profile) => !['', 'Primary'].includes(blockOf(profile, type)));
  const lines = [primary, additional].map((profiles) => {
    return profiles.map((profile, index) => {
      const output = moduleLines(profile, type, index === 0);
      return output === '' ? '' : `Module: ${profile.name}\n${output}\n`;
    });
  });
  if (primary.length === 0) lines.splice(1, 0, ['Module: null\n[default=1]\t\t\tpam_permit.so\n']);
  return lines.flat().join('');
}

/** Compares the configs with the saved state; undefined where they are not what this program wrote, or were never written. */
function readChanges(files: Files): Changes | undefined {
  const profiles: Bytes[] = [];
  const edits = new Map<PamType, Edits>();
  for (const type of PAM_TYPES) {
    const saved = files.read(`${STATE}/${type}`);
    const current = files.read(`${CONFIG}${type}`);
    if (saved === undefined || current === undefined) return undefined;
    const found = changesOf(type, savedLines(saved), linesOf(current));
    if (found === undefined) return undefined;
    profiles.push(...found.profiles);
    edits.set(type, found.edits);
  }
  return { profiles, edits };
}

function savedLines(text: Bytes): { readonly profile: Bytes; readonly line: Bytes }[] {
  let profile = '';
  return linesOf(text).flatMap((line) => {
    const name = /^Module: (.*)/.exec(line)?.[1];
    if (name !== undefined) profile = name;
    return name === undefined ? [{ profile, line: withoutJumps(line).replace(/(\[.*)end(.*\])/g, '$1$2') }] : [];
  });
}

function changesOf(
  type: PamType,
  saved: readonly { readonly profile: Bytes; readonly line: Bytes }[],
  current: readonly Bytes[],
) {
  const stack = new RegExp(`^${type.replace('-noninteractive', '')}\\s+`);
  const edits: Edits = { added: new Map(), removed: new Map() };
  const profiles: Bytes[] = [];
  const rest = [...saved];
  const markers = [PRIMARY, FALLBACK, ADDITIONAL, END];
  let state = 0;
  for (const text of current) {
    const marker = markers[state];
    if (marker === undefined) break;
    if (text.startsWith(marker)) {
      state += 1;
      continue;
    }
    if (state % 2 === 0) continue;
    const line = withoutJumps(text.replace(stack, ''));
    let match: { readonly key: Bytes; readonly wanted: Bytes[]; readonly present: Bytes[] } | undefined;
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [, key = '', options = ''] = MODULE.exec(next.line) ?? [];
      if (!line.startsWith(key)) continue;
      match = { key, wanted: words(options), present: words(line.slice(key.length)) };
      profiles.push(next.profile);
      break;
    }
    if (match === undefined) return undefined;
    const { key, wanted, present } = match;
    note(
      edits.added,
      key,
      present.filter((option) => !wanted.includes(option)),
    );
    note(
      edits.removed,
      key,
      wanted.filter((option) => !present.includes(option)),
    );
  }
  return state < 3 ? undefined : { profiles, edits };
}

function words(text: Bytes): Bytes[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function note(edits: Map<Bytes, Set<Bytes>>, key: Bytes, options: readonly Bytes[]): void {
  if (options.length > 0) edits.set(key, new Set([...(edits.get(key) ?? []), ...options]));
}
