import type { CheckedFinding, TreeReport } from '../check/check-tree.js';
import { KoalaError } from '../formats/errors.js';

const SHOWN = 20;

/** What is missing and harms nobody who does not ask for it, one line each. */
export function gapWarnings({ findings }: TreeReport): string[] {
  const open = findings.filter(({ severity, accepted }) => severity === 'warning' && accepted === undefined);
  return open.map(gapText);
}

/** @throws KoalaError `check` where something essential is missing and nobody accepts that */
export function refuseOpenTree({ closed, findings }: TreeReport): void {
  if (closed) return;
  const open = findings.filter(({ severity, accepted }) => severity === 'error' && accepted === undefined);
  const details = open.slice(0, SHOWN).map(gapText);
  if (open.length > SHOWN) details.push(`and ${open.length - SHOWN} more`);
  const things =
    open.length === 1 ? 'something that its files need is' : `${open.length} things that its files need are`;
  throw new KoalaError('check', `cannot close the tree: ${things} missing`, {
    details,
    hint: 'check with the same options says what would supply it; accept it in the profile with a reason, or give --no-check',
  });
}

/** `libfoo.so.1, which /usr/bin/foo and 2 more need (DT_NEEDED): detail` */
function gapText({ missing, detail, needs }: CheckedFinding): string {
  const [first] = needs;
  const others = needs.length - 1;
  const who = `${first?.path ?? 'nothing'}${others > 0 ? ` and ${others} more need` : ' needs'}`;
  return `${missing} is missing, which ${who} (${first?.how ?? ''})${detail === undefined ? '' : `: ${detail}`}`;
}
