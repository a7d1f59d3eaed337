import { parsePaxRecords } from './pax.js';
import { decodeText } from './text.js';

/** What extended headers say of the next entry, or of all entries that follow; undefined: what the header block says. */
export interface Extension {
  readonly path: string | undefined;
  readonly target: string | undefined;
  readonly size: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mtime: number | undefined;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export const NO_EXTENSION: Extension = {
  path: undefined,
  target: undefined,
  size: undefined,
  uid: undefined,
  gid: undefined,
  mtime: undefined,
  xattrs: new Map(),
};

/** The prefix under which star, GNU tar and libarchive keep the raw bytes of extended attributes. */
export const XATTR_PREFIX = 'SCHILY.xattr.';

/** What the values of pax keywords that hold a number look like. */
const WHOLE = /^\d+$/;
const TIME = /^-?\d+(?:\.\d*)?$/;

/**
 * Adds the content of a pax extended header to what is known already. A record with an empty value takes back what a
 * global header said; but an xattr may well be empty. Keywords that bear on none of our fields are ignored.
 *
 * @throws the error that `refuse` makes of a reason, where the content is not well formed or describes a sparse file
 */
export function extend(base: Extension, content: Buffer, maxXattrs: number, refuse: (why: string) => Error): Extension {
  const records = parsePaxRecords(content);
  if (records === undefined) throw refuse('a pax extended header is damaged');
  const next: { -readonly [K in keyof Extension]: Extension[K] } = { ...base };
  const xattrs = new Map(base.xattrs);
  for (const { key, value } of records) {
    const text = () => textOf(key, value, refuse);
    const numberIn = (form: RegExp) => numberOf(key, text(), form, refuse);
    if (key === 'path') next.path = text();
    else if (key === 'linkpath') next.target = text();
    else if (key === 'size') next.size = numberIn(WHOLE);
    else if (key === 'uid') next.uid = numberIn(WHOLE);
    else if (key === 'gid') next.gid = numberIn(WHOLE);
    else if (key === 'mtime') next.mtime = numberIn(TIME);
    else if (key.startsWith(XATTR_PREFIX)) xattrs.set(key.slice(XATTR_PREFIX.length), value);
    else if (key.startsWith('GNU.sparse.')) throw refuse('it holds a sparse file, which is not supported');
  }
  if (xattrs.size > maxXattrs) throw refuse(`an entry has more than ${maxXattrs} extended attributes`);
  return { ...next, xattrs };
}

function textOf(key: string, value: Buffer, refuse: (why: string) => Error): string | undefined {
  if (value.length === 0) return undefined;
  const text = decodeText(value, 0, value.length);
  if (text === undefined) throw refuse(`the pax keyword ${key} is not UTF-8`);
  return text;
}

function numberOf(
  key: string,
  text: string | undefined,
  form: RegExp,
  refuse: (why: string) => Error,
): number | undefined {
  if (text === undefined) return undefined;
  const [whole, fraction = ''] = text.split('.');
  // Down, not towards zero; and the fraction must not go through a float, which would round it up.
  const value = Number(whole) - (text.startsWith('-') && /[1-9]/.test(fraction) ? 1 : 0) + 0;
  if (!form.test(text) || !Number.isSafeInteger(value)) throw refuse(`the pax keyword ${key} is not a number in range`);
  return value;
}
