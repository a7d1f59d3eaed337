import { globMatcher } from './glob.js';

/**
 * A test for what apt_preferences(5) takes in the place of a plain name: a glob, or between slashes a POSIX extended regular
 * expression, whatever the case, that matches anywhere (pkgVersionMatch::ExpressionMatches in apt-pkg/versionmatch.cc).
 *
 * @throws SyntaxError for a regular expression that is none
 */
export function expressionMatcher(text: string): (value: string) => boolean {
  if (text.length < 2 || !text.startsWith('/') || !text.endsWith('/')) return globMatcher(text);
  const pattern = new RegExp(
    text.slice(1, -1).replace(/\[:(\w+):\]/g, (whole, name) => CLASSES[name] ?? whole),
    'i',
  );
  return (value) => pattern.test(value);
}

/** What POSIX calls these characters within a bracket expression, for ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: String.raw`!-/:-@\[-\`{-~`,
  space: String.raw`\s`,
  upper: 'A-Z',
};
