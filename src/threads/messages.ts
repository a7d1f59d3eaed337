import { type ErrorCode, KoalaError } from '../formats/errors.js';

/** What a thread of a pool answers to a request. */
export type WorkerReply<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: EncodedError };

/** An error as data: structured clone would keep the message only. */
export interface EncodedError {
  /** undefined: not one of ours. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly stack: string | undefined;
}

export function encodeError(error: unknown): EncodedError {
  const known = error instanceof KoalaError ? error : undefined;
  return {
    code: known?.code,
    message: error instanceof Error ? error.message : String(error),
    hint: known?.hint,
    details: known?.details ?? [],
    stack: error instanceof Error ? error.stack : undefined,
  };
}

export function decodeError({ code, message, hint, details, stack }: EncodedError): Error {
  const error =
    code === undefined
      ? new Error(message)
      : new KoalaError(code, message, { details, ...(hint === undefined ? {} : { hint }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}
