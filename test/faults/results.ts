import { appendFileSync } from 'node:fs';

/**
 * `KOALA_HARDENING=FILE` makes runs by the thousand and appends a line of JSON to the file for each row of docs/hardening.md, which
 * test/hardening.mjs makes of them. Without it CI's share is run, with the same seeds every time.
 */
const file = process.env['KOALA_HARDENING'];

/** `KOALA_SEED` begins elsewhere. */
export const FIRST_SEED = Number(process.env['KOALA_SEED'] ?? 1);

/** `KOALA_PART=0.1` makes a tenth of all runs, for sittings that go on another day with another seed. */
const PART = Number(process.env['KOALA_PART'] ?? 1);

/** How many runs there are: all of them for the table, or a few. */
export function share(all: number, few: number): number {
  return file === undefined ? few : Math.ceil(all * PART);
}

/** Tells how the runs of one kind ended. */
export function note(what: string, ended: Readonly<Record<string, number>>): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ type: 'fault', what, ended, seed: FIRST_SEED })}\n`);
}

/** Tells how many inputs a decoder had; none of them crashed it, or the test would have failed. */
export function noteFuzz(what: string, iterations: number, behaviours: number): void {
  const row = { type: 'fuzz', what, iterations, behaviours, seed: FIRST_SEED };
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
