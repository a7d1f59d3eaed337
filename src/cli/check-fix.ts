import type { CheckReport } from '../build-types.js';
import type { CheckedFinding } from '../check/check-tree.js';

/**
 * Lines for a profile that would close the tree: a stage with the cheapest package for each missing thing; what no package
 * supplies as an accepted gap, whose reason is left to the reader.
 */
export function formatFix({ findings, suggestions }: CheckReport): string {
  const open = findings.filter(({ severity, accepted }) => severity === 'error' && accepted === undefined);
  if (open.length === 0) return '# nothing is missing\n';
  const packages = new Map<string, string[]>();
  const others: CheckedFinding[] = [];
  for (const finding of open) {
    const [cheapest] = suggestions.get(finding) ?? [];
    if (cheapest === undefined || finding.type === 'symbol-version') others.push(finding);
    else packages.set(cheapest.package, [...(packages.get(cheapest.package) ?? []), finding.missing]);
  }
  const stage = [
    'stages:',
    '  - name: closed',
    '    packages:',
    ...[...packages].flatMap(([name, things]) => [`      # ${comment(things.join(', '))}`, `      - ${name}`]),
  ];
  const accept = [
    '# No package of the archive has these: see to them, or say why the image works without them.',
    'accept:',
    ...others.flatMap(({ missing, needs }) => [
      `  # needed by ${comment(needs.map(({ path }) => path).join(', '))}`,
      `  - missing: ${JSON.stringify(missing)}`,
      '    reason: ""',
    ]),
  ];
  const lines = [...(packages.size > 0 ? stage : []), ...(others.length > 0 ? accept : [])];
  return lines.map((line) => `${line}\n`).join('');
}

/** Names of files may hold anything, and a comment ends with its line. */
function comment(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
}
