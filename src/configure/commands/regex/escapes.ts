const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** An escape that stands for one byte: that byte, and where the text goes on. */
interface Escaped {
  readonly byte: string;
  readonly next: number;
}

/**
 * Reads what follows a backslash as sed does (GNU sed, "Escapes"): `a f n r t v`, `dNNN`, `oNNN`, `xHH`, `cX`.
 *
 * @param at the index of the character after the backslash.
 * @returns undefined where it is no such escape.
 */
export function sedEscape(text: string, at: number): Escaped | undefined {
  const letter = text[at] ?? '';
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { byte: simple, next: at + 1 };
  if (letter === 'c' && at + 1 < text.length) {
    return { byte: String.fromCharCode((text[at + 1] ?? '').toUpperCase().charCodeAt(0) ^ 64), next: at + 2 };
  }
  const numeric = /[dox]/.test(letter) ? NUMERIC[letter] : undefined;
  if (numeric === undefined) return undefined;
  numeric.digits.lastIndex = at + 1;
  const digits = numeric.digits.exec(text)?.[0];
  if (digits === undefined) return undefined;
  return byteAt(Number.parseInt(digits, numeric.base), at + 1 + digits.length);
}

const NUMERIC: Readonly<Record<string, { readonly digits: RegExp; readonly base: number }>> = {
  d: { digits: /[0-9]{1,3}/y, base: 10 },
  o: { digits: /[0-7]{1,3}/y, base: 8 },
  x: { digits: /[0-9a-fA-F]{1,2}/y, base: 16 },
};

/**
 * Reads what follows a backslash as C and awk do: `a b f n r t v`, `\\`, `"`, `/`, `NNN` octal and `xHH`.
 *
 * @returns undefined where it is no such escape.
 */
export function cEscape(text: string, at: number): Escaped | undefined {
  const letter = text[at] ?? '';
  if (letter === 'b') return { byte: '\b', next: at + 1 };
  if (letter === '\\' || letter === '"' || letter === '/') return { byte: letter, next: at + 1 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return byteAt(Number.parseInt(octal, 8), at + octal.length);
  return letter === 'c' || letter === 'd' || letter === 'o' ? undefined : sedEscape(text, at);
}

function byteAt(value: number, next: number): Escaped {
  return { byte: String.fromCharCode(value & 255), next };
}
