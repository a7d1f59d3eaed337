import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';

/**
 * `KOALA_HARDENING=FILE` makes runs by the thousand and appends a line of JSON to the file for each row of docs/hardening.md, which
 * test/hardening/run.mjs makes of them. Without it CI's share is run, with the same seeds every time.
 */
const file = process.env['KOALA_HARDENING'];

/** `KOALA_SEED` begins elsewhere. */
export const FIRST_SEED = Number(process.env['KOALA_SEED'] ?? 1);

/** `KOALA_PART=0.1` makes a tenth of all runs, for sittings that go on another day with another seed. */
const PART = Number(process.env['KOALA_PART'] ?? 1);

/** A run that went wrong: in the file of results until the same run passes. */
interface Wrong {
  /** The kind of fault, or the decoder. */
  readonly what: string;
  readonly how: 'wrong' | 'crash' | 'hang';
  readonly seed: number;
  /** What a decoder was given, in base64. */
  readonly input?: string;
  readonly why: string;
  /** Of the program that went wrong. */
  readonly commit: string;
}

const results = JSON.parse(readFileSync(new URL('../hardening/results.json', import.meta.url), 'utf8')) as {
  readonly wrong: readonly Wrong[];
};

/** How many runs there are: all of them for the table, or a few. */
export function share(all: number, few: number): number {
  return file === undefined ? few : Math.ceil(all * PART);
}

/** Runs that went wrong and are not known to be mended. */
export function knownWrong(what: string): readonly Wrong[] {
  return results.wrong.filter((one) => one.what === what);
}

export type End = 'built' | 'refused' | 'stopped';

/**
 * A round of seeded runs of one kind of fault, some at a time; before them those that are known to have gone wrong.
 *
 * @param one gives how the run ended, and throws where that was wrong
 * @returns how many there were
 * @throws Error that names the kind and the seed, at the first run that goes wrong; the round counts for nothing then
 */
export async function faultRound(
  what: string,
  count: number,
  one: (seed: number) => Promise<End>,
  atOnce = 1,
): Promise<number> {
  const ended = { built: 0, refused: 0, stopped: 0 };
  const again = knownWrong(what).map(({ seed }) => seed);
  const seeds = [...new Set([...again, ...Array.from({ length: count }, (_, index) => FIRST_SEED + index)])];
  const worker = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      try {
        ended[await one(seed)]++;
      } catch (error) {
        seeds.length = 0;
        noteWrong({ what, how: 'wrong', seed, why: String((error as Error | null)?.message ?? error) });
        throw new Error(`${what}, seed ${seed}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  append({ type: 'fault', what, ended, seed: FIRST_SEED, again });
  return ended.built + ended.refused + ended.stopped;
}

/** Tells how many inputs a decoder took or refused, and which of those were known to have gone wrong. */
export function noteFuzz(what: string, iterations: number, behaviours: number, again: readonly string[]): void {
  append({ type: 'fuzz', what, iterations, behaviours, seed: FIRST_SEED, again });
}

export function noteWrong(wrong: Omit<Wrong, 'commit'>): void {
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  const why = wrong.why.replaceAll(process.cwd(), '.').slice(0, 500);
  append({ type: 'wrong', ...wrong, why, commit: (stdout ?? '').trim() });
}

function append(row: object): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
