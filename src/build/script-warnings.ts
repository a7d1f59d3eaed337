import type { ScriptAudit } from '../configure/audit.js';
import { KoalaError } from '../formats/errors.js';

/** As many as are told one by one. */
const SHOWN = 3;
const WHERE_ALL_ARE = 'koala-bootstrap audit, with the same options, shows them all';

/** What a user has to know about scripts that were not carried out to their end: a few lines, then a count. */
export function scriptWarnings(scripts: readonly ScriptAudit[]): string[] {
  const notRun = new Set(scripts.filter(({ outcome }) => outcome === 'not-run').map((one) => one.package));
  const texts = misunderstandings(scripts);
  const rest = texts.length - SHOWN;
  return [
    ...texts.slice(0, SHOWN).map((text) => `not understood: ${text}`),
    ...(rest > 0 ? [`not understood: ${rest} more; ${WHERE_ALL_ARE}`] : []),
    ...(notRun.size > 0
      ? [
          `configure: none: the maintainer scripts of ${notRun.size === 1 ? '1 package' : `${notRun.size} packages`} were not run`,
        ]
      : []),
  ];
}

/** @throws KoalaError `configure` where something was not understood, which it names. */
export function refuseNotUnderstood(scripts: readonly ScriptAudit[]): void {
  const texts = misunderstandings(scripts);
  if (texts.length === 0) return;
  const count = scripts.filter(({ outcome }) => outcome === 'not-understood').length;
  throw new KoalaError(
    'configure',
    `cannot build with --strict: ${count === 1 ? '1 maintainer script was' : `${count} maintainer scripts were`} not understood`,
    { details: texts.slice(0, 2 * SHOWN), ...(texts.length > 2 * SHOWN ? { hint: WHERE_ALL_ARE } : {}) },
  );
}

/** Each as a line: `postinst of git, line 12: foo: it is a program, and none is started` */
export function misunderstandings(scripts: readonly ScriptAudit[]): string[] {
  return scripts.flatMap(({ package: name, script, notUnderstood }) =>
    notUnderstood.map(({ line, command, why }) => {
      const place = line === 0 ? '' : `, line ${line}`;
      return `${script} of ${name}${place}: ${command === script ? '' : `${command}: `}${why}`;
    }),
  );
}
