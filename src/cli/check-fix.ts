import { type Closing, DROP_REASON } from '../closing.js';
import { formatBytes } from './text.js';

/**
 * Lines for a profile that would close the tree: a stage with the cheapest package for each missing thing, of which no more is
 * kept than the tree needs; what no package supplies as an accepted gap, whose reason is left to the reader.
 */
export function formatFix({ packages, drops, slices, bytes, others, unasked }: Closing): string {
  if (packages.length + others.length === 0) return '# nothing is missing\n';
  const stage = [
    ...(bytes === undefined ? [] : [`# ${sizeText(bytes)}`]),
    'stages:',
    '  - name: closed',
    '    packages:',
    ...packages.flatMap(({ name, missing }) => [`      # ${comment(missing.join(', '))}`, `      - ${name}`]),
    ...(drops.length > 0 ? ['    drop:'] : []),
    ...drops.map((name) => `      - { package: "${name}", reason: ${DROP_REASON} }`),
    ...(slices.length > 0 ? ['slices:'] : []),
    ...slices.flatMap(({ package: name, keep }) => [
      `  - package: "${name}"`,
      '    keep:',
      ...keep.map((glob) => `      - ${JSON.stringify(glob)}`),
    ]),
  ];
  const accept = [
    unasked === undefined ? '# No package of the archive has these:' : `# No archive was asked for these (${unasked}):`,
    '# see to them, or say why the image works without them.',
    'accept:',
    ...others.flatMap(({ missing, needs }) => [
      `  # needed by ${comment(needs.map(({ path }) => path).join(', '))}`,
      `  - missing: ${JSON.stringify(missing)}`,
      '    reason: ""',
    ]),
  ];
  const lines = [...(packages.length > 0 ? stage : []), ...(others.length > 0 ? accept : [])];
  return lines.map((line) => `${line}\n`).join('');
}

function sizeText({ whole, added }: NonNullable<Closing['bytes']>): string {
  return `adds ${formatBytes(added)}${added < whole ? `; the packages whole are ${formatBytes(whole)}` : ''}`;
}

/** Names of files may hold anything, and a comment ends with its line. */
function comment(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
}
