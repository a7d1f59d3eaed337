import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { processIo } from '../../src/cli/io.js';
import { passphraseFor } from '../../src/cli/passphrase.js';

/** A terminal on which somebody types. */
function terminal(typed: readonly string[], environment: Record<string, string> = {}) {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  for (const text of typed) stdin.write(text);
  const io = { ...processIo, stdin, stderr, environment };
  return { io, modes, shown: () => String(stderr.read()) };
}

describe('the passphrase of a key', () => {
  it.each<[string, string[], string]>([
    ['a line', ['secret\r'], 'secret'],
    ['typed slowly', ['s', 'e', '\r'], 'se'],
    ['with what is erased', ['ax\x7fb\b\b\b\bc\n'], 'c'],
    ['of no character', ['\r'], ''],
    ['that ends with the input', ['ä\x04'], 'ä'],
  ])('is asked for, and not shown: %s', async (_, typed, expected) => {
    const { io, modes, shown } = terminal(typed);
    expect(await passphraseFor('k.key', io)).toBe(expected);
    expect(modes).toEqual([true, false]);
    expect(shown()).toBe('passphrase of k.key: \n');
  });

  it('is not asked for any more after Ctrl-C', async () => {
    const { io, modes } = terminal(['sec\x03']);
    await expect(passphraseFor('k.key', io)).rejects.toMatchObject({ code: 'cancelled' });
    expect(modes).toEqual([true, false]);
  });

  it.each<[Record<string, string>, string]>([
    [{ KOALA_KEY_PASSWORD: 'ours', COSIGN_PASSWORD: 'theirs' }, 'ours'],
    [{ COSIGN_PASSWORD: 'theirs' }, 'theirs'],
    [{ KOALA_KEY_PASSWORD: '', COSIGN_PASSWORD: 'theirs' }, ''],
  ])('comes from the environment: %j', async (environment, expected) => {
    expect(await passphraseFor('k.key', terminal([], environment).io)).toBe(expected);
  });

  it('is nowhere without a terminal', async () => {
    const io = { ...processIo, stdin: new PassThrough(), environment: {} };
    await expect(passphraseFor('k.key', io)).rejects.toMatchObject({
      code: 'usage',
      hint: 'give it in KOALA_KEY_PASSWORD',
    });
  });
});
