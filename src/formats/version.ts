/** The operators of Policy 7.1, the legacy `<` and `>` already replaced. */
export type VersionOperator = '<<' | '<=' | '=' | '>=' | '>>';

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const TILDE = 0x7e;

/** dpkg keeps the epoch in an int. */
const MAX_EPOCH = 2 ** 31 - 1;

/** Where the parts of a version lie: `[0, epochEnd)`, `[upstreamStart, upstreamEnd)`, `[revisionStart, length)`. */
interface Parts {
  readonly epochEnd: number;
  readonly upstreamStart: number;
  readonly upstreamEnd: number;
  readonly revisionStart: number;
}

/**
 * Orders two versions as dpkg does (deb-version(7), Policy 5.6.12; dpkg's lib/dpkg/version.c): the epochs as numbers, then
 * the upstream versions, then the revisions, where a missing epoch or revision is the same as `0`.
 *
 * Total over all strings: a version that `isVersion` refuses is compared by the same rule and never throws.
 *
 * @returns a negative number, 0 or a positive number
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const x = partsOf(a);
  const y = partsOf(b);
  return (
    compareParts(a, 0, x.epochEnd, b, 0, y.epochEnd) ||
    compareParts(a, x.upstreamStart, x.upstreamEnd, b, y.upstreamStart, y.upstreamEnd) ||
    compareParts(a, x.revisionStart, a.length, b, y.revisionStart, b.length)
  );
}

/** Whether `version` stands in the relation `operator` to `bound` (Policy 7.1). */
export function satisfies(version: string, operator: VersionOperator, bound: string): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** The parts of a version: 3, `1.2` and `4` of `3:1.2-4`; 0 and an empty text for what it lacks. */
export function splitVersion(version: string): {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
} {
  const parts = partsOf(version);
  return {
    epoch: Number(version.slice(0, parts.epochEnd)),
    upstream: version.slice(parts.upstreamStart, parts.upstreamEnd),
    revision: version.slice(parts.revisionStart),
  };
}

/** The version without its epoch and its revision: `1.2` of `3:1.2-4`. */
export function upstreamVersion(version: string): string {
  return splitVersion(version).upstream;
}

/**
 * Whether the text is a version by Policy 5.6.12. What dpkg only warns of while it reads its database (a version that does
 * not start with a digit, a character from outside the alphabet) counts as wrong, as in `dpkg --validate-version`.
 */
export function isVersion(text: string): boolean {
  const match = /^(?:(\d+):)?(\d[A-Za-z0-9.+~:-]*)$/.exec(text);
  if (match === null) return false;
  const [, epoch, rest = ''] = match;
  const hyphen = rest.lastIndexOf('-');
  if (hyphen !== -1 && !/^[A-Za-z0-9.+~]+$/.test(rest.slice(hyphen + 1))) return false;
  // A colon may stand in the upstream version only where an epoch stands before it.
  return epoch === undefined ? !rest.includes(':') : Number(epoch) <= MAX_EPOCH;
}

/** Text before the first colon is an epoch only where it is a number; otherwise all of it is the upstream version. */
function partsOf(version: string): Parts {
  let epochEnd = 0;
  let upstreamStart = 0;
  for (let at = 0; at < version.length; at++) {
    const code = version.charCodeAt(at);
    if (isDigit(code)) continue;
    if (code === COLON) {
      epochEnd = at;
      upstreamStart = at + 1;
    }
    break;
  }
  const hyphen = version.lastIndexOf('-');
  const hasRevision = hyphen >= upstreamStart;
  return {
    epochEnd,
    upstreamStart,
    upstreamEnd: hasRevision ? hyphen : version.length,
    revisionStart: hasRevision ? hyphen + 1 : version.length,
  };
}

/**
 * dpkg's `verrevcmp` over `a[i, aEnd)` and `b[j, bEnd)`: runs of other characters and runs of digits in turn, the latter as
 * numbers of any length. Epochs can go through it as well, because a run of digits is just a number.
 */
function compareParts(a: string, i: number, aEnd: number, b: string, j: number, bEnd: number): number {
  while (i < aEnd || j < bEnd) {
    while ((i < aEnd && !isDigit(a.charCodeAt(i))) || (j < bEnd && !isDigit(b.charCodeAt(j)))) {
      const order = weight(a, i, aEnd) - weight(b, j, bEnd);
      if (order !== 0) return order;
      i++;
      j++;
    }
    while (i < aEnd && a.charCodeAt(i) === ZERO) i++;
    while (j < bEnd && b.charCodeAt(j) === ZERO) j++;
    let difference = 0;
    while (i < aEnd && j < bEnd && isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      difference ||= a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    if (i < aEnd && isDigit(a.charCodeAt(i))) return 1;
    if (j < bEnd && isDigit(b.charCodeAt(j))) return -1;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The tilde sorts before the end, the end and digits before letters, letters before all the rest. */
function weight(text: string, at: number, end: number): number {
  if (at >= end) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (code === TILDE) return -1;
  return isLetter(code) ? code : code + 256;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
