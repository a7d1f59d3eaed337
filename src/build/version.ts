import { readFileSync } from 'node:fs';

/** What calls itself the maker of SBOMs and provenance. */
export const TOOL_NAME = 'koala-bootstrap';

/** The version of this program: `0.1.0`. */
export function toolVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
