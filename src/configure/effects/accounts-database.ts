import { textOf } from '../shell/bytes.js';
import type { Bytes, Process } from '../shell/types.js';
import { Failure } from './console.js';
import { Files, type Ownership } from './files.js';

/** passwd(5) */
export interface User {
  name: Bytes;
  password: Bytes;
  uid: number;
  gid: number;
  gecos: Bytes;
  home: Bytes;
  shell: Bytes;
}

/** group(5) */
interface Group {
  name: Bytes;
  password: Bytes;
  gid: number;
  members: Bytes[];
}

type Table = 'passwd' | 'group' | 'shadow' | 'gshadow' | 'subuid' | 'subgid';

/** The mode and group (42 is shadow in Debian) of a table that a tool makes anew. */
const NEW_TABLE: Readonly<Record<Table, Ownership>> = {
  passwd: { mode: 0o644 },
  group: { mode: 0o644 },
  shadow: { mode: 0o640, gid: 42 },
  gshadow: { mode: 0o640, gid: 42 },
  subuid: { mode: 0o644 },
  subgid: { mode: 0o644 },
};

/**
 * The account tables of the tree as the shadow suite keeps them: a table's lines stay as they are but for the ones that
 * change, and saving one leaves its former text in `<table>-` (shadow's lib/commonio.c).
 */
export class AccountsDatabase {
  readonly #files: Files;
  readonly #epoch: number;
  readonly #tables = new Map<Table, { readonly old: Bytes[] | undefined; lines: Bytes[]; changed: boolean }>();

  constructor(process: Process) {
    this.#files = new Files(process);
    this.#epoch = process.system.epoch;
  }

  /** Days since the epoch, as shadow(5) counts them. */
  get day(): number {
    return Math.floor(this.#epoch / 86_400);
  }

  has(table: Table): boolean {
    return this.#table(table).old !== undefined;
  }

  users(): User[] {
    return this.#table('passwd').lines.flatMap((line) => parseUser(line) ?? []);
  }

  groups(): Group[] {
    return this.#table('group').lines.flatMap((line) => parseGroup(line) ?? []);
  }

  /** A user by name or, as the tools take them, by number. */
  user(name: Bytes): User | undefined {
    return this.users().find((user) => user.name === name);
  }

  group(name: Bytes): Group | undefined {
    return this.groups().find((group) => group.name === name);
  }

  userById(uid: number): User | undefined {
    return this.users().find((user) => user.uid === uid);
  }

  groupById(gid: number): Group | undefined {
    return this.groups().find((group) => group.gid === gid);
  }

  /** A table's lines. */
  lines(table: Table): readonly Bytes[] {
    return this.#table(table).lines;
  }

  /** Puts a line at a table's end. */
  add(table: Table, line: Bytes): void {
    const entry = this.#table(table);
    entry.lines = [...entry.lines, line];
    entry.changed = true;
  }

  /** Changes the fields of the line of a name; a table that lacks it stays as it is. */
  edit(table: Table, name: Bytes, change: (fields: Bytes[]) => Bytes[]): void {
    const entry = this.#table(table);
    const at = entry.lines.findIndex((line) => line.startsWith(`${name}:`));
    if (at < 0) return;
    const line = change((entry.lines[at] ?? '').split(':')).join(':');
    entry.lines = entry.lines.with(at, line);
    entry.changed = true;
  }

  removeLine(table: Table, name: Bytes): void {
    const entry = this.#table(table);
    const rest = entry.lines.filter((line) => !line.startsWith(`${name}:`));
    if (rest.length < entry.lines.length) entry.changed = true;
    entry.lines = rest;
  }

  moveToEnd(table: Table, name: Bytes): void {
    const line = this.#table(table).lines.find((item) => item.startsWith(`${name}:`));
    this.removeLine(table, name);
    if (line !== undefined) this.add(table, line);
  }

  /** Marks a table as changed, so that it is written and backed up. */
  touch(table: Table): void {
    this.#table(table).changed = true;
  }

  /** Makes an empty table that is not there. */
  create(table: Table): void {
    this.#table(table).changed = true;
  }

  /** Writes the tables that changed, each with its backup, and the lock file of lckpwdf(3). */
  save(): void {
    for (const [table, { old, lines, changed }] of this.#tables) {
      if (!changed) continue;
      const path = `/etc/${table}`;
      const node = this.#files.stat(path);
      const ownership = node === undefined ? NEW_TABLE[table] : { mode: node.mode, uid: node.uid, gid: node.gid };
      if (old !== undefined) this.#files.replace(`${path}-`, this.#files.read(path) ?? '', ownership);
      this.#files.replace(path, textOf(lines), ownership);
    }
    this.lock();
    this.#tables.clear();
  }

  /** The lock file that the tools leave behind, even where they change nothing. */
  lock(): void {
    if (!this.#files.exists('/etc/.pwd.lock')) this.#files.write('/etc/.pwd.lock', '', { mode: 0o600 });
  }

  #table(table: Table) {
    const known = this.#tables.get(table);
    if (known !== undefined) return known;
    const path = `/etc/${table}`;
    const old = this.#files.isFile(path) ? this.#files.lines(path) : undefined;
    const entry = { old, lines: old ?? [], changed: false };
    this.#tables.set(table, entry);
    return entry;
  }
}

function parseUser(line: Bytes): User | undefined {
  const fields = line.split(':');
  if (fields.length !== 7) return undefined;
  const [name = '', password = '', uid = '', gid = '', gecos = '', home = '', shell = ''] = fields;
  return { name, password, uid: Number(uid), gid: Number(gid), gecos, home, shell };
}

function parseGroup(line: Bytes): Group | undefined {
  const fields = line.split(':');
  if (fields.length !== 4) return undefined;
  const [name = '', password = '', gid = '', members = ''] = fields;
  return { name, password, gid: Number(gid), members: members === '' ? [] : members.split(',') };
}

export function formatUser({ name, password, uid, gid, gecos, home, shell }: User): Bytes {
  return [name, password, uid, gid, gecos, home, shell].join(':');
}

export function formatGroup({ name, password, gid, members }: Group): Bytes {
  return [name, password, gid, members.join(',')].join(':');
}

/** The settings of login.defs(5). */
export function loginDefs(process: Process): (name: string, fallback: number) => number {
  const values = new Map<string, string>();
  for (const line of new Files(process).lines('/etc/login.defs')) {
    const match = /^\s*([A-Z_]+)\s+(\S+)/.exec(line);
    if (match !== null) values.set(match[1] ?? '', match[2] ?? '');
  }
  return (name, fallback) => {
    const text = values.get(name) ?? '';
    if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
    return text === '' || Number.isNaN(Number(text)) ? fallback : Number(text);
  };
}

/** An id that was given as text. */
export function parseId(text: Bytes, what: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 4_294_967_294) throw new Failure(`invalid ${what} '${text}'`, 3);
  return Number(text);
}
