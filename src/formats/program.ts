import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What calls itself the maker of SBOMs and provenance, and the client of servers. */
export const TOOL_NAME = 'koala-bootstrap';

/** Two levels up from compiled modules, and from the bundle of them that is run, as well. */
const ROOT = new URL('../../', import.meta.url);

/** The path of a file that comes with this program: `profiles/base.yaml`. */
export function programFile(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** The version of this program: `0.1.0`. */
export function toolVersion(): string {
  const text = readFileSync(programFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** A SHA-256 of all code of this program, hexadecimal, which the build script works out. */
export function programDigest(): string {
  return readFileSync(programFile('dist/program/digest'), 'utf8');
}
