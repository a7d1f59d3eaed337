import { normalisePath } from '../formats/path.js';

/** Whether an archive may name a file so: a path that stays below the place that it is relative to. */
export function isRelativePath(text: string): boolean {
  if (text === '' || text.startsWith('/') || /[\0-\x1f]/.test(text)) return false;
  try {
    return normalisePath(text) !== '/';
  } catch {
    return false;
  }
}
