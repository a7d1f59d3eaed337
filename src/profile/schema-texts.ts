import * as z from 'zod';
import { reasonOf } from '../formats/errors.js';
import { normalisePath } from '../formats/path.js';

/** A string that `check` has nothing to say against; what it says follows the field's name in the message. */
export function checkedText(check: (text: string) => string | undefined) {
  return z.string().check(({ value, issues }) => {
    const message = check(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  });
}

export function pattern(expression: RegExp, message: string) {
  return z.string().regex(expression, message);
}

export function nonEmptyList<Item extends z.ZodType>(item: Item) {
  return z.array(item).min(1, 'must not be empty');
}

function pathError(text: string): string | undefined {
  if (!text.startsWith('/')) return `must be an absolute path, not ${JSON.stringify(text)}`;
  try {
    normalisePath(text);
    return undefined;
  } catch (error) {
    return `does not hold: ${reasonOf(error)}`;
  }
}

export const absolutePath = checkedText(pathError);

/** A path on the machine that builds, relative to the profile. */
export const localFile = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !text.includes('\0'), 'must not hold a NUL byte');
