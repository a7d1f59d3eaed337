/**
 * Splits a command into words as a POSIX shell would, without expanding anything: quotes of both kinds and backslashes. A `#`
 * has no meaning, unlike in a script.
 *
 * @returns undefined where a quote is not closed, or a backslash stands at the end
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === "'") {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '\\') {
      const next = text.charAt(++at);
      if (next === '') return undefined;
      // Within double quotes a backslash is itself before most characters (POSIX shell, 2.2.3).
      const isKept = quote === '"' && !'$`"\\\n'.includes(next);
      word = `${word ?? ''}${isKept ? '\\' : ''}${next === '\n' ? '' : next}`;
    } else if (quote === '"') {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (' \t\n'.includes(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = `${word ?? ''}${char}`;
    }
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
