import { KoalaError } from '../formats/errors.js';
import type { Io } from './io.js';

/** The first one counts; cosign's name is the second. An empty one is a passphrase too. */
const VARIABLES = ['KOALA_KEY_PASSWORD', 'COSIGN_PASSWORD'] as const;

const ENTER = new Set(['\r', '\n']);
const ERASE = new Set(['\b', '\x7f']);
const INTERRUPT = '\x03';
const END = '\x04';

/**
 * The passphrase of a private key: from the environment, or asked for on a terminal, which does not show it.
 *
 * @throws KoalaError `usage` where there is neither
 */
export async function passphraseFor(key: string, io: Io): Promise<string> {
  const given = VARIABLES.map((name) => io.environment[name]).find((value) => value !== undefined);
  if (given !== undefined) return given;
  const { stdin } = io;
  if (!('isTTY' in stdin) || stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new KoalaError('usage', `cannot use the key ${key}: it has a passphrase`, {
      hint: `give it in ${VARIABLES[0]}`,
    });
  }
  return ask(`passphrase of ${key}: `, io);
}

/** Reads a line in raw mode: nothing is echoed. */
async function ask(question: string, io: Io): Promise<string> {
  const stdin = io.stdin as NodeJS.ReadStream;
  io.stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let line = '';
  try {
    for await (const text of stdin.iterator({ destroyOnReturn: false })) {
      for (const character of String(text)) {
        if (character === INTERRUPT) throw new KoalaError('cancelled', 'cannot go on without a passphrase');
        if (ENTER.has(character) || character === END) return line;
        line = ERASE.has(character) ? line.slice(0, -1) : line + character;
      }
    }
    return line;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    io.stderr.write('\n');
  }
}
