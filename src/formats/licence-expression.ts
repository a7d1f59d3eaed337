import type { Copyright } from './copyright.js';
import { spdxException, spdxLicence } from './spdx-licence.js';

/** A licence that SPDX does not know, under the name that an expression has for it. */
export interface UnlistedLicence {
  /** As the copyright file calls it. */
  readonly name: string;
  /** Undefined where the file has none. */
  readonly text: string | undefined;
}

/** Gives the reference `LicenseRef-…` by which an expression names a licence. */
export type ReferTo = (licence: UnlistedLicence) => string;

/** Characters of one that is more than a name; in Debian they have some hundred. Each comma may be one level deeper. */
const MAX_SYNOPSIS = 4096;

/**
 * All licences of a copyright file as one SPDX expression (SPDX 2.3, annex D): what each of its paragraphs asks for has to be
 * met, so they are joined by AND, in the order of their bytes.
 *
 * @returns undefined where the file names none
 */
export function licenceExpression(copyright: Copyright, referTo: ReferTo): string | undefined {
  const terms = copyright.synopses
    .filter((synopsis) => synopsis !== '')
    .map((synopsis) => {
      const read = synopsis.length > MAX_SYNOPSIS ? licenceNamed(synopsis) : parseSynopsis(synopsis);
      return translate(read, copyright, referTo);
    });
  return terms.length === 0 ? undefined : format(joined('AND', terms));
}

type Synopsis =
  /** `name`: all of it, `GPL-2+ with Autoconf exception`; `of`: the licence without its exception. */
  | { readonly type: 'licence'; readonly name: string; readonly of: string; readonly exception: string | undefined }
  | { readonly type: 'AND' | 'OR'; readonly terms: readonly Synopsis[] };

/**
 * Reads a synopsis (copyright-format 1.0, section 7.2): `and` binds stronger than `or`, and a comma before either of them makes it
 * bind weaker than both. What is none of these stays a name, blanks and all.
 */
function parseSynopsis(text: string): Synopsis {
  const commas = /^(.*),\s+(and|or)\s+(.*)$/is.exec(text);
  if (commas !== null) {
    const [, before = '', operator = '', behind = ''] = commas;
    return { type: operator.toUpperCase() as 'AND' | 'OR', terms: [parseSynopsis(before), parseSynopsis(behind)] };
  }
  for (const type of ['OR', 'AND'] as const) {
    const parts = text.split(new RegExp(`\\s+${type}\\s+`, 'i'));
    if (parts.length > 1) return { type, terms: parts.map(parseSynopsis) };
  }
  return licenceNamed(text);
}

function licenceNamed(text: string): Synopsis {
  const [, of = text, exception] = /^(\S+?)(?:\s+with\s+|-with-)(.+)$/i.exec(text) ?? [];
  return { type: 'licence', name: text, of, exception };
}

/** An SPDX expression: a licence, or several that are joined. */
type Expression = string | { readonly type: 'AND' | 'OR'; readonly terms: readonly Expression[] };

function translate(synopsis: Synopsis, copyright: Copyright, referTo: ReferTo): Expression {
  if (synopsis.type !== 'licence') {
    return joined(
      synopsis.type,
      synopsis.terms.map((term) => translate(term, copyright, referTo)),
    );
  }
  const { name, of, exception } = synopsis;
  const text = copyright.textOf(name);
  if (name.toLowerCase() === 'perl') return joined('OR', ['Artistic-1.0-Perl', 'GPL-1.0-or-later']);
  const licence = spdxLicence(of, copyright.textOf(of));
  if (exception === undefined) return licence ?? referTo({ name, text });
  const known = licence === undefined ? undefined : spdxException(exception, licence);
  return known === undefined ? referTo({ name, text }) : `${licence} WITH ${known}`;
}

/** Terms that are joined in the same way become terms of the whole; each is there once. */
function joined(type: 'AND' | 'OR', terms: readonly Expression[]): Expression {
  const flat = terms.flatMap((term) => (typeof term !== 'string' && term.type === type ? term.terms : [term]));
  const byText = new Map(flat.map((term) => [format(term), term]));
  const unique = [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, term]) => term);
  return unique.length === 1 && unique[0] !== undefined ? unique[0] : { type, terms: unique };
}

function format(expression: Expression): string {
  if (typeof expression === 'string') return expression;
  const parts = expression.terms.map((term) => (typeof term === 'string' ? term : `(${format(term)})`));
  return parts.join(` ${expression.type} `);
}
