import type { CheckedFinding, TreeReport } from '../check/check-tree.js';
import { KoalaError } from '../formats/errors.js';

/** As many as are told one by one. */
const SHOWN = 3;
const SHOWN_OF_ERROR = 20;
const WHERE_ALL_ARE = 'koala-bootstrap check shows all, and what would supply it';

/** What is missing in a tree that is built all the same: how much, and a line for each of the worst. */
export function gapWarnings({ findings }: TreeReport): string[] {
  const open = findings.filter(({ accepted }) => accepted === undefined);
  const errors = open.filter(({ severity }) => severity === 'error');
  const warnings = open.filter(({ severity }) => severity === 'warning');
  const shown = errors.slice(0, SHOWN).map((finding) => `open tree: ${gapText(finding)}`);
  return [
    ...(errors.length > 0 ? [`open tree: ${thingsText(errors.length)} missing; ${WHERE_ALL_ARE}`, ...shown] : []),
    ...(warnings.length > 0 ? [`works less without ${namesOf(warnings)}`] : []),
  ];
}

/**
 * @param strict whether all that is missing counts, not only what the profile itself took away
 * @throws KoalaError `check` where something that counts is missing and nobody accepts that
 */
export function refuseOpenTree({ findings }: TreeReport, strict: boolean): void {
  const open = findings.filter(({ severity, accepted, cause }) => {
    return severity === 'error' && accepted === undefined && (strict || cause !== undefined);
  });
  if (open.length === 0) return;
  const details = open.slice(0, SHOWN_OF_ERROR).map(gapText);
  if (open.length > SHOWN_OF_ERROR) details.push(`and ${open.length - SHOWN_OF_ERROR} more`);
  const why = strict
    ? `with --strict: ${thingsText(open.length)} missing`
    : `what breaks itself: the profile takes away ${open.length === 1 ? 'something' : `${open.length} things`} that kept files need`;
  throw new KoalaError('check', `cannot build ${why}`, {
    details,
    hint: 'check, with the same options, says what would supply it; accept it in the profile with a reason, or give --no-check',
  });
}

function thingsText(count: number): string {
  return count === 1 ? '1 thing that files need is' : `${count} things that files need are`;
}

function namesOf(findings: readonly CheckedFinding[]): string {
  const names = [...new Set(findings.map(({ missing }) => missing))];
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** `libfoo.so.1 is missing, which /usr/bin/foo and 2 more need (DT_NEEDED): detail` */
function gapText({ missing, detail, needs }: CheckedFinding): string {
  const [first] = needs;
  const others = needs.length - 1;
  const who = `${first?.path ?? 'nothing'}${others > 0 ? ` and ${others} more need` : ' needs'}`;
  return `${missing} is missing, which ${who} (${first?.how ?? ''})${detail === undefined ? '' : `: ${detail}`}`;
}
