/**
 * The variables of an os-release file (os-release(5)): assignments as of a shell, where a value may stand in quotes. What is no
 * assignment is passed over, as the manual asks of readers.
 */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(line) ?? [];
    // Blanks at the end are not for the expression, which would try each place where they may begin.
    if (name !== undefined) variables.set(name, unquoted(value.trimEnd()));
  }
  return variables;
}

/** In double quotes a backslash stands before a dollar sign, a quote, a backslash and a backtick that mean themselves. */
function unquoted(value: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (inner === undefined) return value;
  return quote === '"' ? inner.replace(/\\([$"\\`])/g, '$1') : inner;
}
