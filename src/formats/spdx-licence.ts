import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const LICENCES = byLowerCase(require('spdx-license-ids') as readonly string[]);
const EXCEPTIONS = byLowerCase(require('spdx-exceptions') as readonly string[]);

/** Names that mean the same as one of SPDX' and do not look like it (copyright-format 1.0, section 7.1). */
const ALIASES: Readonly<Record<string, string>> = {
  expat: 'MIT',
  // What Debian calls so is /usr/share/common-licenses/Artistic, which is Perl's.
  artistic: 'Artistic-1.0-Perl',
  'artistic-1': 'Artistic-1.0-Perl',
  'artistic-1.0': 'Artistic-1.0-Perl',
  'boost-1.0': 'BSL-1.0',
  cc0: 'CC0-1.0',
  'openldap-2.8': 'OLDAP-2.8',
  'sil-1.1': 'OFL-1.1',
};

/** Exceptions that Debian names by the program, and by which licence they are of, if that makes a difference. */
const NAMED_EXCEPTIONS: Readonly<Record<string, string | { readonly gpl2: string; readonly gpl3: string }>> = {
  autoconf: { gpl2: 'Autoconf-exception-generic', gpl3: 'Autoconf-exception-generic-3.0' },
  'autoconf-data': { gpl2: 'Autoconf-exception-generic', gpl3: 'Autoconf-exception-generic-3.0' },
  bison: 'Bison-exception-2.2',
  classpath: 'Classpath-exception-2.0',
  font: 'Font-exception-2.0',
  gcc: { gpl2: 'GCC-exception-2.0', gpl3: 'GCC-exception-3.1' },
};

/**
 * SPDX' name of a licence that a copyright file names: `GPL-2.0-or-later` for `GPL-2+`, `MIT` for `Expat`. Debian's short
 * names are SPDX' own but for case, a missing `.0`, and GNU's licences.
 *
 * @param name without `and`, `or` and `with`
 * @param text of the licence in that file, where it has one: it decides on names that many licences bear
 * @returns undefined where SPDX has no such licence, or where the name leaves open which one is meant: `BSD`, `GPL`
 */
export function spdxLicence(name: string, text: string | undefined): string | undefined {
  const key = name.toLowerCase();
  // Debian's manual asks for Expat instead, because so many licences are called MIT.
  if (key === 'mit') return text !== undefined && isExpat(text) ? 'MIT' : undefined;
  const plain = ALIASES[key] ?? gnuLicence(key) ?? LICENCES.get(key) ?? LICENCES.get(`${key}.0`);
  if (plain !== undefined || !key.endsWith('+')) return plain;
  const least = spdxLicence(name.slice(0, -1), text);
  return least === undefined ? undefined : `${least}+`;
}

/** SPDX' name of an exception to a licence: `Bison-exception-2.2` for `Bison`; undefined where it has none. */
export function spdxException(name: string, licence: string): string | undefined {
  const key = name
    .toLowerCase()
    .replace(/[ -]exceptions?$/, '')
    .replaceAll(' ', '-');
  const named = NAMED_EXCEPTIONS[key];
  if (typeof named === 'string') return named;
  if (named !== undefined) return /^[AL]?GPL-[12]/.test(licence) ? named.gpl2 : named.gpl3;
  return (
    EXCEPTIONS.get(key) ??
    EXCEPTIONS.get(`${key}-exception`) ??
    EXCEPTIONS.get(key.replace(/-(?=[^-]*$)/, '-exception-'))
  );
}

/** Of the GNU licences, SPDX names `only` and `or-later` apart, and has a variant of the GFDL without invariant sections. */
function gnuLicence(key: string): string | undefined {
  const gpl = /^([al]?gpl)-v?(\d+(?:\.\d+)?)(\+|-or-later)?$/.exec(key);
  if (gpl !== null) return LICENCES.get(`${gpl[1]}-${withMinor(gpl[2])}-${gpl[3] === undefined ? 'only' : 'or-later'}`);
  const gfdl = /^gfdl(-niv)?-(\d+\.\d+)(\+)?(-no-invariants?)?$/.exec(key);
  if (gfdl === null) return undefined;
  const variant = gfdl[1] === undefined && gfdl[4] === undefined ? '' : '-no-invariants';
  return LICENCES.get(`gfdl-${gfdl[2]}${variant}-${gfdl[3] === undefined ? 'only' : 'or-later'}`);
}

function withMinor(version = ''): string {
  return version.includes('.') ? version : `${version}.0`;
}

/** The licence of Expat, without the sentence on advertising that X11's has. */
function isExpat(text: string): boolean {
  const plain = text.replace(/\s+/g, ' ').toLowerCase();
  return (
    plain.includes('to any person obtaining a copy of this software and associated documentation files') &&
    plain.includes('shall be included in all copies or substantial portions') &&
    !plain.includes('except as contained in this notice')
  );
}

function byLowerCase(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}
