/** What went wrong, by the room that noticed it. The command line maps `usage` to exit status 2 and the rest to 1. */
export type ErrorCode =
  | 'usage'
  | 'profile'
  | 'archive'
  | 'verify'
  | 'solve'
  | 'unpack'
  | 'tree'
  | 'configure'
  | 'check'
  | 'emit'
  | 'registry'
  | 'cancelled';

/**
 * The one error class of the program. A message is one line that begins with `cannot …` and names the file, package
 * or URL; `hint` says what to do; `details` are further lines (all the errors of a profile, a proof of the solver).
 */
export class KoalaError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KoalaError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }
}

const FILE_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
  ELOOP: 'links lead around in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'what its path goes through is no directory',
};

/** Why a file that somebody named cannot be read, in words where the system gives a code and the path once more. */
export function fileReason(error: unknown): string {
  return FILE_REASONS[(error as NodeJS.ErrnoException | null)?.code ?? ''] ?? reasonOf(error);
}

/** The message of anything that was thrown, for use inside another message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
