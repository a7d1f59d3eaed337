import { describe, expect, it } from 'vitest';
import { commandsFor } from '../../../src/configure/policy.js';
import { runScript } from '../../../src/configure/shell/script.js';
import { makeSystem } from '../shell/system.js';

const LONG = 'x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; x=$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x;';

/** Commands that would not end, or would take all that the machine has, and the budget that ends them. */
const HOSTILE: readonly (readonly [script: string, budget: RegExp])[] = [
  [`awk 'BEGIN { while (1); }'`, /steps/],
  [`awk 'BEGIN { for (;;) i++ }'`, /steps/],
  [`awk 'function f() { return f() } BEGIN { f() }'`, /nested calls|steps/],
  [`awk 'BEGIN { x = "a"; while (1) x = x x }'`, /memory/],
  [`awk 'BEGIN { while (1) a[i++] = i }'`, /memory|steps/],
  [`awk 'BEGIN { while (1) print "0123456789012345678901234567890123456789" > "f" }'`, /steps|output|memory/],
  [`awk 'BEGIN { while (1) printf "%99999s", "x" }'`, /steps|output|memory/],
  [`awk 'BEGIN { printf "%99999999999s", "x" }'`, /memory/],
  [`awk 'BEGIN { printf "%.99999999999d", 1 }'`, /memory/],
  [`awk 'BEGIN { while (1) system("x") }'`, /steps/],
  [`awk 'BEGIN { x = "a"; while (1) gsub(/a/, "aa", x) }'`, /memory|steps/],
  [`awk 'BEGIN { ${'('.repeat(20_000)}1${')'.repeat(20_000)} }'`, /nested calls/],
  [`${LONG} while :; do echo $x$x | sed 's/\\(a*\\)*\\1\\1b//'; done`, /steps/],
];

describe('hostile commands end with a clear error', () => {
  it.each(HOSTILE)('%s', (script, budget) => {
    const { system } = makeSystem({ directories: ['/w'], budget: { steps: 5_000, memoryBytes: 10_000_000 } });
    const world = { ...system, commands: commandsFor('full'), alwaysThere: () => true };
    const run = () => runScript(world, { script, name: 'x', cwd: '/w', environment: new Map([['PATH', '/bin']]) });
    expect(run).toThrowError(/^cannot run a script of demo: it used up its budget of /);
    expect(run).toThrowError(budget);
  });
});
