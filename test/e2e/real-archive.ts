import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Whether the machine's apt sources name a Debian archive: elsewhere tests of the real one have nothing to read. */
export const hasArchive = sourceFiles().some((path) => {
  return /^(?:URIs: |deb ).*\/debian\/?(?:\s|$)/m.test(readFileSync(path, 'utf8'));
});

export const WHY_NO_ARCHIVE = 'skipped where apt has no source of Debian';

function sourceFiles(): string[] {
  const directory = '/etc/apt/sources.list.d';
  const parts = existsSync(directory) ? readdirSync(directory).map((name) => `${directory}/${name}`) : [];
  return [...parts, '/etc/apt/sources.list'].filter((path) => existsSync(path));
}
