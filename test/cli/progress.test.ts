import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { BuildEvent } from '../../src/build-types.js';
import { renderProgress } from '../../src/cli/progress-lines.js';
import { ProgressState } from '../../src/cli/progress-state.js';
import { KoalaError } from '../../src/formats/errors.js';
import { Capture, run, SUMMARY } from './run.js';

const UNICODE = { color: false, unicode: true };
const ASCII = { color: false, unicode: false };

/** A build that is half-way, at 4 seconds: the events with the milliseconds at which they came. */
const HALF_WAY: readonly [at: number, event: BuildEvent][] = [
  [0, { type: 'step-started', step: 'archives' }],
  [100, { type: 'fetched', bytes: 9_000_000 }],
  [500, { type: 'step-finished', step: 'archives', seconds: 0.5 }],
  [500, { type: 'step-started', step: 'solve' }],
  [600, { type: 'planned', packages: 14, fetchBytes: 10_200_000, unpackBytes: 31_000_000 }],
  [600, { type: 'step-finished', step: 'solve', seconds: 0.1 }],
  [600, { type: 'step-started', step: 'fetch' }],
  [600, { type: 'step-started', step: 'unpack' }],
  [1000, { type: 'fetched', bytes: 100_000 }],
  [4000, { type: 'fetched', bytes: 5_000_000 }],
  [4000, { type: 'package-fetched', name: 'libc6', fromStore: true }],
  [4000, { type: 'package-unpacked', name: 'libc6', bytes: 13_000_000 }],
];

function stateAfter(events: readonly [number, BuildEvent][]): ProgressState {
  const state = new ProgressState();
  for (const [at, event] of events) state.apply(event, at);
  return state;
}

describe('renderProgress', () => {
  it.each([
    [
      40,
      UNICODE,
      [
        '✔ archives  0.5 s',
        '✔ solve     14 packages, 10.2 MB, 0.1 s',
        '⠋ fetch     1/14, 5.1 MB of 10.2 MB',
        '⠋ unpack    1/14, 13.0 MB of 31.0 MB',
      ],
    ],
    [
      80,
      UNICODE,
      [
        '✔ archives  0.5 s',
        '✔ solve     14 packages, 10.2 MB, 0.1 s',
        '⠋ fetch     █████████░░░░░░░░░░ 1 of 14 packages, 5.1 MB of 10.2 MB, 3 s left',
        '⠋ unpack    ███████░░░░░░░░░░░░ 1 of 14 packages, 13.0 MB of 31.0 MB',
      ],
    ],
    [
      200,
      ASCII,
      [
        '* archives  0.5 s',
        '* solve     14 packages, 10.2 MB, 0.1 s',
        '| fetch     ###############............... 1 of 14 packages, 5.1 MB of 10.2 MB, 3 s left',
        '| unpack    ############.................. 1 of 14 packages, 13.0 MB of 31.0 MB',
      ],
    ],
  ])('at %i columns', (columns, look, lines) => {
    expect(renderProgress(stateAfter(HALF_WAY), look, columns, 4000)).toEqual(lines);
  });

  it.each([1, 5, 12, 20, 33, 47, 61, 79, 80, 120])('leaves the last of %i columns free', (columns) => {
    for (const color of [true, false]) {
      const lines = renderProgress(stateAfter(HALF_WAY), { color, unicode: true }, columns, 4000);
      const widths = lines.map((line) => [...stripVTControlCharacters(line)].length);
      expect(Math.max(...widths)).toBeLessThanOrEqual(Math.max(columns - 1, 1));
    }
  });

  it('ends with what was done, and counts a repeated transfer once', () => {
    const state = stateAfter([
      ...HALF_WAY,
      [5000, { type: 'fetched', bytes: 8_000_000 }],
      [5000, { type: 'step-finished', step: 'fetch', seconds: 4.4 }],
      [5000, { type: 'step-finished', step: 'unpack', seconds: 70 }],
      [5000, { type: 'step-started', step: 'write' }],
      [6000, { type: 'written', bytes: 1_000_000, total: 3_000_000 }],
    ]);
    expect(renderProgress(state, UNICODE, 80, 6000).slice(2)).toEqual([
      '✔ fetch     1 package, 10.2 MB, 1 from the store, 4.4 s',
      '✔ unpack    1 package, 13.0 MB, 1 min 10 s',
      '⠋ write     ██████░░░░░░░░░░░░░ 1.0 MB of 3.0 MB',
    ]);
  });
});

/** A pipeline that does nothing but tell of it. */
async function eventful({ onEvent }: { onEvent: (event: BuildEvent) => void }) {
  onEvent({ type: 'warning', text: 'slow\x1b[2J' });
  onEvent({ type: 'note', text: 'read InRelease' });
  for (const [, event] of HALF_WAY) onEvent(event);
  onEvent({ type: 'step-finished', step: 'fetch', seconds: 3.4 });
  onEvent({ type: 'step-finished', step: 'unpack', seconds: 3.5 });
  return SUMMARY;
}

describe('progress of several images', () => {
  it('begins anew with each', () => {
    const state = stateAfter([...HALF_WAY, [5000, { type: 'image-started', architecture: 'arm64' }]]);
    expect(renderProgress(state, UNICODE, 80, 5000)).toEqual([]);
    state.apply({ type: 'step-started', step: 'archives' }, 5000);
    expect(renderProgress(state, UNICODE, 80, 5000)).toEqual(['⠋ archives']);
  });

  it('says which one it is', async () => {
    const buildImages = async ({ onEvent }: { onEvent: (event: BuildEvent) => void }): Promise<never> => {
      onEvent({ type: 'image-started', architecture: 'amd64' });
      onEvent({ type: 'step-finished', step: 'archives', seconds: 0.5 });
      onEvent({ type: 'image-started', architecture: 'arm64' });
      throw new KoalaError('emit', 'cannot go on');
    };
    const { stderr } = await run(['-p', 'base', '-a', 'amd64,arm64', '--format', 'oci'], { buildImages });
    expect(stderr.split('\n').slice(1, 4)).toEqual(['amd64', 'archives: 0.5 s', 'arm64']);
  });
});

describe('progress in a pipe', () => {
  const lines = [
    'base, trixie, amd64: base-trixie-amd64.tar',
    'warning: slow\\x1b[2J',
    'archives: 0.5 s',
    'plan: 14 packages, 10.2 MB',
    'solve: 0.1 s',
    'fetch: 1 package, 5.1 MB, 1 from the store, 3.4 s',
    'unpack: 1 package, 13.0 MB, 3.5 s',
  ];

  it.each([undefined, 80])('is a line for each step; so it is on a dumb terminal', async (columns) => {
    const environment = { TERM: 'dumb', LANG: 'C.UTF-8' };
    const settings = { stderr: new Capture(columns), environment, build: eventful };
    const { stderr } = await run(['-p', 'base', '-a', 'amd64'], settings);
    expect(stderr.split('\n')).toEqual([...lines, '']);
  });

  it('has more lines with --verbose', async () => {
    const { stderr } = await run(['-p', 'base', '-a', 'amd64', '-v'], { build: eventful });
    const more = stderr.split('\n').filter((line) => line !== '' && !lines.includes(line));
    expect(more).toEqual(['note: read InRelease', 'found in the store: libc6', 'unpacked: libc6, 13.0 MB']);
  });
});

describe('progress on a terminal', () => {
  it('is drawn in place, with what is said above it, and stays when it is done', async () => {
    const stderr = new Capture(60);
    const stdout = new Capture(60);
    const environment = { TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' };
    await run(['-p', 'base', '-a', 'amd64'], { stderr, stdout, environment, build: eventful });
    expect(stderr.text).toContain('\x1b[');
    const shown = stripVTControlCharacters(stderr.text);
    expect(shown).toContain('warning: slow\\x1b[2J\n');
    expect(shown).toMatch(/✔ unpack {4}1 package, 13\.0 MB, 3\.5 s\n$/);
    expect(stdout.text).toMatch(/^\npackages {4}6 /);
  });

  it('draws at most ten times a second', async () => {
    const stderr = new Capture(80);
    const build = async ({ onEvent }: { onEvent: (event: BuildEvent) => void }) => {
      onEvent({ type: 'step-started', step: 'fetch' });
      onEvent({ type: 'planned', packages: 1, fetchBytes: 5000, unpackBytes: 5000 });
      for (let n = 0; n < 5000; n++) onEvent({ type: 'fetched', bytes: 1 });
      return SUMMARY;
    };
    await run(['-p', 'base'], { stderr, build, environment: { TERM: 'xterm' } });
    expect(stderr.text.split('fetch').length - 1).toBeLessThanOrEqual(3);
  });

  it('erases what the terminal wrapped when it got narrower', async () => {
    const stderr = new Capture(120);
    const build = async ({ onEvent }: { onEvent: (event: BuildEvent) => void }) => {
      for (const [, event] of HALF_WAY) onEvent(event);
      onEvent({ type: 'step-started', step: 'tree' });
      stderr.text = '';
      stderr.columns = 50;
      onEvent({ type: 'step-started', step: 'configure' });
      return SUMMARY;
    };
    await run(['-p', 'base', '-a', 'amd64'], { stderr, build, environment: { TERM: 'xterm' } });
    // Two lines with bars took two rows each.
    expect(stderr.text.startsWith('\x1b[2K\x1b[1A\x1b[2K\x1b[1A')).toBe(true);
  });
});
