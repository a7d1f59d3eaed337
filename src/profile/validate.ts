import { crossProblems } from './checks.js';
import type { Problem, ProfileDocument } from './document.js';
import { problemsOf } from './issues.js';
import { profileSchema, type RawProfile } from './schema.js';
import type { Profile } from './types.js';

/** What validation makes of a document: the profile's fields, or everything that is wrong with them. */
export type Validated =
  | { readonly ok: true; readonly raw: RawProfile }
  | { readonly ok: false; readonly errors: readonly string[] };

/**
 * Checks a document against the schema and for what must agree.
 *
 * @param parent the profile that it extends, undefined where it extends none; null where that one cannot be used, so that
 * what depends on it is not checked
 * @returns all errors at once, in the order of the text, each as `file:line:column: field message`
 */
export function validate(document: ProfileDocument, parent: Profile | undefined | null): Validated {
  if (document.errors.length > 0) return { ok: false, errors: document.errors };
  const parsed = profileSchema.safeParse(document.value);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues, document);
  // Nothing below has a meaning where the document is no mapping at all.
  const isMapping = problems.every(({ path }) => path.length > 0);
  if (isMapping && parent !== null) problems.push(...crossProblems(document, parent));
  if (parsed.success && problems.length === 0) return { ok: true, raw: parsed.data };
  return { ok: false, errors: locateAll(problems, document) };
}

function locateAll(problems: readonly Problem[], document: ProfileDocument): string[] {
  return [...new Set(problems.map((problem) => document.locate(problem)))].sort(byPosition);
}

function byPosition(a: string, b: string): number {
  const [lineA = 0, columnA = 0] = positionOf(a);
  const [lineB = 0, columnB = 0] = positionOf(b);
  return lineA - lineB || columnA - columnB;
}

function positionOf(error: string): number[] {
  return /:(\d+):(\d+): /.exec(error)?.slice(1).map(Number) ?? [];
}
