import { normalisePath } from '../formats/path.js';
import { readDocument, type ValuePath } from './document.js';
import { type LoadOptions, locate, readText } from './files.js';

/** As long as a chain of `extends` may be. */
const MAX_EXTENDS = 16;
/** What a profile's accounts are written to. */
const ACCOUNT_FILES = ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow'];

/**
 * Where a profile, or one that it extends, says what is at a path: in its `paths`, or in `accounts`.
 *
 * @returns `file:line:column: paths[0]`; undefined where none of them does
 */
export async function profileLine(nameOrFile: string, path: string, options: LoadOptions): Promise<string | undefined> {
  let target = locate(nameOrFile, process.cwd(), options);
  for (let depth = 0; depth < MAX_EXTENDS; depth++) {
    const text = await readText(target.file);
    if (text === undefined) return undefined;
    const document = readDocument(text, target.file);
    const value = (document.value ?? {}) as Readonly<Record<string, unknown>>;
    const found = placeOf(value, path);
    if (found !== undefined) return document.locate({ path: found, message: '' }).trim();
    const parent = value['extends'];
    if (typeof parent !== 'string') return undefined;
    target = locate(parent, target.place.directory, options);
  }
  return undefined;
}

/** What a change of a profile speaks of: itself, what is below it, or for applets what is in it. */
function placeOf(profile: Readonly<Record<string, unknown>>, path: string): ValuePath | undefined {
  const { paths, accounts } = profile;
  const list: readonly unknown[] = Array.isArray(paths) ? paths : [];
  const at = list.findLastIndex((item) => {
    const entry = item as { path?: unknown; type?: unknown; recursive?: unknown } | null;
    if (typeof entry?.path !== 'string') return false;
    const own = normalisePath(entry.path);
    const isBelow = path.startsWith(own === '/' ? '/' : `${own}/`);
    return own === path || (isBelow && (entry.recursive === true || entry.type === 'busybox-applets'));
  });
  if (at !== -1) return ['paths', at];
  return accounts !== undefined && ACCOUNT_FILES.includes(path) ? ['accounts'] : undefined;
}
