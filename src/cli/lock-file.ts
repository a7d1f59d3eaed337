import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileReason, KoalaError } from '../formats/errors.js';
import { isFile } from '../profile/files.js';
import { parseLock } from '../solve/lock/file.js';
import type { Lock } from '../solve/lock/types.js';
import { type Choice, type ChoiceArguments, choiceOf } from './choice.js';
import type { Io } from './io.js';
import { architectureOf } from './options.js';

/** @throws KoalaError `usage` where it cannot be read, and as `parseLock` */
export async function readLock(file: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new KoalaError('usage', `cannot read the lock ${file}: ${fileReason(error)}`, {
      cause: error,
      hint: 'koala-bootstrap lock writes one',
    });
  }
  return parseLock(text, file);
}

/** What a lock says of the profile that it is of: a built-in name, or a file relative to the lock. */
export function profileReference(profile: string, lockFile: string): string {
  if (!isFile(profile)) return profile;
  const directory = lockFile === '-' ? process.cwd() : dirname(resolve(lockFile));
  const path = relative(directory, resolve(profile)).replaceAll('\\', '/');
  return path.startsWith('.') || isAbsolute(path) ? path : `./${path}`;
}

/** Options that speak of what a lock has decided, for who builds from it. */
const DECIDED = ['suite', 'include', 'updates', 'snapshot', 'keyring'] as const;

/**
 * The choice that a lock was made by, with what the command line says of places. The profile is the lock's unless
 * another file is given, which must say the same.
 *
 * @throws KoalaError `usage` for an option that would change what is in the lock
 */
export async function choiceOfLock(
  given: ChoiceArguments,
  lock: Lock,
  lockFile: string,
  io: Io,
  decided: readonly (keyof ChoiceArguments)[] = DECIDED,
): Promise<Choice> {
  const { from, suite, updates, snapshot, include } = lock.config;
  const contradicting = decided.find((name) => isGiven(given[name]));
  if (contradicting !== undefined) {
    throw new KoalaError('usage', `cannot use --${contradicting} with a lock: the lock has decided that`, {
      hint: 'write another lock with koala-bootstrap lock',
    });
  }
  const profile = given.profile ?? (isFile(from) ? join(dirname(lockFile), from) : from);
  const profileRoot = given.profile === undefined ? dirname(lockFile) : undefined;
  const choice = await choiceOf(
    { ...given, profile, profileRoot, suite, updates, snapshot: given.snapshot ?? snapshot },
    io,
  );
  return { ...choice, include };
}

/** The architecture of a lock that is meant: the one that is asked for, this machine's, or the only one. */
export function architectureOfLock(given: string | undefined, { architectures }: Lock): string {
  const names = Object.keys(architectures);
  if (given !== undefined || names.length !== 1) return architectureOf(given);
  return names[0] ?? architectureOf(given);
}

function isGiven(value: string | boolean | readonly string[] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
