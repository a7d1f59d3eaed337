import { describe, expect, it } from 'vitest';
import { CLOSED, findingsOf, report, treeOf } from './trees.js';

function commandsOf(script: string, more: Record<string, string> = {}): string[] {
  const tree = treeOf(CLOSED, { '/usr/bin/script': script, ...more });
  return findingsOf(report(tree)).map((text) => text.replace(/^warning command (\S+): \S+ /, '$1 '));
}

describe('commands that a shell script calls and the tree lacks', () => {
  it.each([
    ['one that nothing asks after', '#!/bin/sh\nset -e\nawk 1 <x\n', ['awk (line 3)']],
    ['one in a pipeline, in quotes, behind an assignment', '#!/bin/sh\nLC_ALL=C "so"rt | tool\n', ['sort (line 2)']],
    ['one in a substitution', '#!/bin/sh\nx="a $(basename "$0")"\n', ['basename (line 2)']],
    ['one in backquotes, on its line', '#!/bin/sh\n\nx=`\n  echo "\\`basename y\\`"`\n', ['basename (line 4)']],
    ['one in a function', '#!/bin/sh\nf() { ps; }\nf\n', ['ps (line 2)']],
    ['one by its path, and behind exec', '#!/bin/sh\nexec /usr/sbin/there -x\n', ['/usr/sbin/there (line 2)']],
    ['the test of an if', '#!/bin/sh\nif grep -q x y; then tool; fi\n', ['grep (line 2)']],
    [
      'none that it asks after',
      '#!/bin/sh\ncommand -v awk >/dev/null && awk 1\nif [ -x /usr/bin/ps ]; then ps; fi\n',
      [],
    ],
    ['none that it may not come to', '#!/bin/sh\nif [ -d /run/x ]; then systemctl; fi\ntool || logger\n', []],
    ['none that is built in or defined', '#!/bin/sh\nawk() { :; }\nawk\nalias ps=:\nps\nulimit -n 1\n', []],
    ['none that a variable names', '#!/bin/sh\n$PAGER x\n"$AWK" 1\n', []],
    ['none where it says itself where commands are', '#!/bin/sh\nPATH=/opt/bin:$PATH\nawk 1\n', []],
    ['none where it reads functions that are not there', '#!/bin/sh\n. "$LIB/functions"\nawk 1\n', []],
    ['none of another language', '#!/usr/bin/tool\nawk 1\n', []],
  ])('%s', (_what, script, expected) => {
    expect(commandsOf(script)).toEqual(expected);
  });

  it('knows the functions of files that it reads', () => {
    const functions = { '/usr/share/functions': 'log() { printf x; }\n' };
    expect(commandsOf('#!/bin/sh\n. /usr/share/functions\nlog\nawk 1\n', functions)).toEqual(['awk (line 4)']);
  });
});
