/** What a registry wants to see (RFC 9110, 11.6.1): a scheme in lower case, and its parameters by lower-case names. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`);
const SCHEME = new RegExp(`^(${TOKEN})(?=\\s|,|$)`);

/**
 * The challenges of `WWW-Authenticate` headers; several can stand in one, with commas between them and between their
 * parameters. Reading ends where it is not understood.
 */
export function parseChallenges(headers: string | readonly string[] | undefined): Challenge[] {
  return [headers ?? []].flat().flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (let rest = header.replace(/^[\s,]+/, ''); rest !== ''; rest = rest.replace(/^[\s,]+/, '')) {
    const [parameter, name = '', quoted, plain = ''] = PARAMETER.exec(rest) ?? [];
    if (parameter !== undefined) {
      const current = challenges.at(-1);
      if (current === undefined) return challenges;
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
      rest = rest.slice(parameter.length);
      continue;
    }
    const [, scheme] = SCHEME.exec(rest) ?? [];
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    rest = rest.slice(scheme.length);
  }
  return challenges;
}
