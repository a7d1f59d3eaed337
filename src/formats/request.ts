import { KoalaError } from './errors.js';
import { type Alternatives, formatAlternatives, parseRelations } from './relation.js';

/**
 * What a user asks for: a relation as in Depends, or, as on the command line of apt-get(8), a version of a package by its number
 * or by the release that has it. Numbers and releases may be globs.
 */
export type PackageRequest =
  | { readonly type: 'relation'; readonly alternatives: Alternatives }
  | (Named & { readonly type: 'version'; readonly version: string })
  | (Named & { readonly type: 'release'; readonly release: string });

interface Named {
  readonly name: string;
  /** What stands after the colon, `i386` in `libc6:i386`. */
  readonly architecture: string | undefined;
}

const NAME = '([a-z0-9][a-z0-9+.-]+)(?::([a-z0-9][a-z0-9-]*))?';
const VERSION = new RegExp(String.raw`^${NAME}\s*=\s*([A-Za-z0-9.+:~*?[\]!-]+)$`);
const RELEASE = new RegExp(String.raw`^${NAME}/([A-Za-z0-9][A-Za-z0-9+._*?[\]!-]*)$`);

/**
 * Reads a comma list of requests: `jq=1.7.1-6, nginx/trixie-backports, libc6:i386=2.41-12, awk | mawk`.
 *
 * @param origin what the text is, for messages
 * @param options as for `parseRelations`
 * @throws KoalaError `archive` that quotes what cannot be read
 */
export function parsePackageRequests(
  text: string,
  origin: string,
  options: { readonly architecture?: string } = {},
): PackageRequest[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  return parts.flatMap((part): PackageRequest[] => {
    const [, versioned, versionedFor, version] = VERSION.exec(part) ?? [];
    if (versioned !== undefined && version !== undefined) {
      return [{ type: 'version', name: versioned, architecture: versionedFor, version }];
    }
    const [, named, namedFor, release] = RELEASE.exec(part) ?? [];
    if (named !== undefined && release !== undefined) {
      return [{ type: 'release', name: named, architecture: namedFor, release }];
    }
    if (part === '') throw new KoalaError('archive', `cannot read ${origin}: there is nothing between two commas`);
    return parseRelations(part, origin, options).map((alternatives) => ({ type: 'relation', alternatives }));
  });
}

/** What `parsePackageRequests` reads back. */
export function formatPackageRequest(request: PackageRequest): string {
  switch (request.type) {
    case 'version':
      return `${titleOf(request)}=${request.version}`;
    case 'release':
      return `${titleOf(request)}/${request.release}`;
    case 'relation':
      return formatAlternatives(request.alternatives);
  }
}

function titleOf({ name, architecture }: Named): string {
  return architecture === undefined ? name : `${name}:${architecture}`;
}
