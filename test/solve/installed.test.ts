import { describe, expect, it } from 'vitest';
import { solve } from '../../src/solve/solve.js';
import { request, stage, universe } from './universe.js';

/** What is chosen over packages that are there already, as `name version`. */
function chosen(installed: string, archive: string, asked: string): string[] {
  const there = universe(installed);
  const records = [...there.names()].flatMap((name) => there.named(name));
  const plan = solve({ ...request(stage(asked)), installed: records }, universe(archive));
  return plan.stages.flatMap(({ packages }) => packages.map(({ record }) => `${record.name} ${record.version}`));
}

describe('packages that are there already', () => {
  it.each<[title: string, installed: string, archive: string, asked: string, expected: string[]]>([
    ['are not chosen', 'a 1\nb 1', 'a 1: depends b\nb 1\nc 1: depends a', 'c', ['c 1']],
    ['meet what asks for them by name', 'a 1', 'a 1\nb 1', 'a, b', ['b 1']],
    ['stay, though the archive has a newer version', 'a 1', 'a 2\nb 1: depends a', 'b', ['b 1']],
    ['stay, though the archive has an older one', 'a 3', 'a 2\nb 1: depends a (>= 3)', 'b', ['b 1']],
    ['need not be in the archive', 'a 1: provides v', 'b 1: depends a\nw 1: provides v', 'b', ['b 1']],
    ['lack nothing, whatever they depend on', 'a 1: depends gone', 'b 1: depends a', 'b', ['b 1']],
    ['settle an alternative', 'b 1', 'b 1\nc 1\nd 1: depends c | b', 'd', ['d 1']],
  ])('%s', (_, installed, archive, asked, expected) => {
    expect(chosen(installed, archive, asked)).toEqual(expected);
  });

  it.each([
    ['a 1', 'a 2\nb 1: depends a (>= 2)', 'b', /a \(>= 2\) is there as a 2, but the base image has a 1/],
    ['a 1', 'b 1: depends a (>= 2)', 'b', /a \(>= 2\) is not there, and the base image has a 1/],
    ['a 1: conflicts b', 'b 1', 'b', /put stage base on top of the base image: a 1 conflicts with b/],
    ['aa 1', 'aa 1\naa 2', 'aa=2', /cannot choose aa=2: the base image has aa 1/],
  ])('are a reason to refuse: %s, then %s', (installed, archive, asked, message) => {
    let said = '';
    try {
      chosen(installed, archive, asked);
    } catch (error) {
      const { message: text, details = [] } = error as Error & { details?: string[] };
      said = [text, ...details].join('\n');
    }
    expect(said).toMatch(message);
  });
});
