import * as z from 'zod';
import { KoalaError, reasonOf } from '../formats/errors.js';

/**
 * Reads JSON that has to be of a schema.
 *
 * @param what the kind of document that it should be, for the message
 * @throws KoalaError `verify` where it is none
 */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Uint8Array, origin: string, what: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString()));
  } catch (error) {
    const why = error instanceof z.ZodError ? `it is no ${what}` : reasonOf(error);
    throw new KoalaError('verify', `cannot accept ${origin}: ${why}`, { cause: error });
  }
}
