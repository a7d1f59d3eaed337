/** What the sources of listings have in common. */
export interface Listed {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

export function treeLine(path: string, node: Listed, content: Uint8Array | undefined): string;
export function listTar(tar: Uint8Array, options?: { readonly times?: boolean; readonly unordered?: RegExp }): string[];
export function pathOfLine(line: string): string;
export function shortHash(content: string | Uint8Array): string;
