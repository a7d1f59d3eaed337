// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts of the shell hold expansions.
import { describe, expect, it } from 'vitest';
import { runScript } from '../../../src/configure/shell/script.js';
import { makeSystem } from './system.js';

const nested = (open: string, close: string, count = 20_000) => open.repeat(count) + close.repeat(count);

/** Scripts that would not end, or would take all that the machine has, and the budget that ends them. */
const HOSTILE: readonly (readonly [name: string, script: string, budget: RegExp])[] = [
  ['endless loop', 'while :; do :; done', /steps/],
  ['endless loop of nothing but conditions', 'until false; do false; done', /steps/],
  ['endless trap', `trap 'kill -USR1 $$' USR1; kill -USR1 $$; while :; do :; done`, /steps|nested calls/],
  ['fork bomb', 'f() { f | f & }; f', /nested calls/],
  ['recursion', 'f() { f; }; f', /nested calls/],
  ['recursion through subshells', 'f() { (f); }; f', /nested calls/],
  ['recursion through substitutions', 'f() { : $(f); }; f', /nested calls/],
  ['recursion through eval', 'f() { eval f; }; f', /nested calls/],
  [
    'recursion through compound commands',
    'f() { if :; then for i in 1; do case a in a) { f; };; esac; done; fi; }; f',
    /nested/,
  ],
  ['a file that reads itself', `echo '. ./f' >f; . ./f`, /nested calls/],
  ['a script that runs itself', 'echo "sh f; sh f" >f; sh f', /nested calls/],
  ['brackets in brackets', nested('(', ')'), /nested calls/],
  ['substitutions in substitutions', `echo ${nested('$(', ')')}`, /nested calls/],
  ['expansions in expansions', `echo ${nested('${x:-', '}')}`, /nested calls/],
  ['arithmetic in brackets', `echo $((${nested('(', ')')}))`, /nested calls/],
  ['output without end', 'while :; do echo 0123456789012345678901234567890123456789; done', /steps|output/],
  ['1 GB of output', 'x=0123456789; x=$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x; while :; do echo $x$x$x; done', /output/],
  ['a text that doubles', 'x=a; while :; do x=$x$x; done', /memory/],
  ['parameters that double', 'set -- a; while :; do set -- "$@" "$@"; done', /memory/],
  [
    'a file that doubles',
    'echo 1234567 >f; while :; do x=$(while read l; do echo $l; done <f); echo "$x $x" >f; done',
    /steps|output|memory/,
  ],
  ['a file that grows', 'while :; do echo 0123456789 >>f; done', /steps|output/],
  ['a here-document that doubles', 'x=a; while :; do read x <<E\n$x$x\nE\ndone', /steps|output|memory/],
  ['a pattern with many stars', `x=$(printf %0100000d 0); while :; do y=\${x%%*1*1*1*1*}; done`, /steps|memory/],
  ['wide fields', 'while :; do printf %999999d 1 >/dev/null; done', /memory/],
  ['/dev/zero', 'read x </dev/zero', /steps|memory/],
];

describe('hostile scripts end with a clear error', () => {
  it.each(HOSTILE)('%s', (_, script, budget) => {
    const { system } = makeSystem({ directories: ['/w'], files: { '/bin/sh': '' } });
    const run = () => runScript(system, { script, name: 'x', cwd: '/w', environment: new Map([['PATH', '/bin']]) });
    expect(run).toThrowError(/^cannot run a script of demo: it used up its budget of /);
    expect(run).toThrowError(budget);
  });

  it('stays in the tree', () => {
    const { system } = makeSystem({
      directories: ['/w', '/etc'],
      links: { '/w/up': '../../../../../../etc', '/w/loop': 'loop', '/w/host': '/proc/self/root/etc/passwd' },
    });
    const script = [
      'read x </etc/hostname || echo "no host name"',
      'echo written >up/file; echo written >/../../etc/other',
      'read x <loop || echo "no loop"',
      'read x <host || echo "no host file"',
      'cd /../..; pwd; echo "$HOME$USER$LOGNAME"',
    ].join('\n');
    const { stdout, status } = runScript(system, { script, name: 'x', cwd: '/w' });
    expect(stdout).toBe('no host name\nno loop\nno host file\n/\n\n');
    expect(status).toBe(0);
    expect([...system.tree.walk('/etc')].map(([path]) => path)).toEqual(['/etc', '/etc/file', '/etc/other']);
  });
});
