import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { parseArguments, parsePlain } from '../../src/cli/parse.js';

/** What yargs makes of a command line: with `--` at its end it is not a plain one. */
const byYargs = (argv: readonly string[]) => parseArguments([...argv, '--'], 80);

describe('a plain command line', () => {
  it.each([
    [],
    ['-p', 'base'],
    ['build', '--profile=base', '-o', '-', '--json'],
    ['plan', '-p', 'base', '--tree', '--include', 'a,b', '--include', './c.deb'],
    ['why', 'libc6', '-p', 'base', '--all', '--all'],
    ['-s', 'sid', '-s', 'trixie'],
    ['profiles', '--json'],
    ['plan', '--sources', '-', '-p', 'base'],
    ['publish', 'a', 'b:1', '--image', 'x', 'c'],
    ['login', 'r.example', '-u', 'me', '--password-stdin'],
    ['logout', 'r.example'],
  ])('%j is read as yargs reads it', async (...argv) => {
    expect(parsePlain(argv)).toEqual(await byYargs(argv));
  });

  it('is read as yargs reads it, whatever it is', async () => {
    const value = fc.constantFrom('a', 'x=y', '1.50', 'true', 'build', '/p/q', 'a,b', 'ä');
    const words = fc.constantFrom(...Object.keys(COMMANDS)).chain((name) => {
      const { options, positionals } = COMMANDS[name as keyof typeof COMMANDS];
      const needed = [name, ...positionals.map(() => 'libc6')];
      if (Object.keys(options).length === 0) return fc.constant(needed);
      const option = fc.constantFrom(...Object.entries(options)).chain(([long, shape]) => {
        const names = 'alias' in shape ? [`--${long}`, `-${shape.alias}`] : [`--${long}`];
        return fc.tuple(fc.constantFrom(...names), value, fc.boolean()).map(([word, text, joined]) => {
          if (shape.type === 'boolean') return [word];
          return joined && word.startsWith('--') ? [`${word}=${text}`] : [word, text];
        });
      });
      return fc.array(option, { maxLength: 6 }).map((given) => [...needed, ...given.flat()]);
    });
    await fc.assert(
      fc.asyncProperty(words, async (argv) => {
        expect(parsePlain(argv)).toEqual(await byYargs(argv));
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['-pbase'],
    ['-p=base'],
    ['-qv'],
    ['--profile', ''],
    ['--profile'],
    ['--profile', '--suite', 'sid'],
    ['--json=false'],
    ['--no-json'],
    ['--help'],
    ['base'],
    ['why'],
    ['why', 'a', 'b'],
    ['publish'],
    ['logout', 'a', 'b'],
    ['-p', 'base', '--'],
    ['--prof', 'base'],
    ['profiles', '--suite', 'sid'],
  ])('is not %j', (...argv) => {
    expect(parsePlain(argv)).toBeUndefined();
  });
});
