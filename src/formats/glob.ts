/**
 * A test for shell globs as `fnmatch(3)` without FNM_PATHNAME takes them, which is how dpkg reads paths and apt reads
 * pins: `*` and `?` also match `/`; `[a-z]` and `[!a-z]` are classes; `\` takes the next character as it is.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  const expression = glob.replace(
    /\\(.)|\[([!^]?)((?:\]|[^\]])[^\]]*)\]|\*+|\?|[.+^${}()|\]\\/[]/gs,
    (token, escaped: string | undefined, not: string | undefined, set: string | undefined) => {
      if (escaped !== undefined) return escapeLiteral(escaped);
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\[\]^]/g, '\\$&')}]`;
      if (token.startsWith('*')) return '.*';
      return token === '?' ? '.' : escapeLiteral(token);
    },
  );
  const pattern = new RegExp(`^${expression}$`, 'su');
  return (text) => pattern.test(text);
}

function escapeLiteral(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
