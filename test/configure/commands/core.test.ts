import { describe, expect, it } from 'vitest';
import { commandsFor } from '../../../src/configure/policy.js';
import { runScript } from '../../../src/configure/shell/script.js';
import { World } from '../effects/harness.js';

/** A tree with some files, and a script over it with all commands; they count as installed. */
function run(script: string) {
  const world = new World(undefined, { commands: commandsFor('full') });
  world.add({
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nman:x:6:12::/:/bin/false\n',
    '/etc/group': 'root:x:0:\nstaff:x:50:\nman:x:12:\nadm:x:4:man\n',
    '/tmp/': '',
    '/d/a': 'one\n',
    '/d/sub/b': 'two\n',
    '/d/link': '-> a',
  });
  const { status, stdout, stderr } = runScript({ ...world.system, alwaysThere: () => true }, { script, name: 'test' });
  return { world, status, stdout, stderr };
}

describe('commands on files', () => {
  it.each<[script: string, below: string, expected: readonly string[]]>([
    ['cp -p /d/a /x', '/x', ['/x: file 644 0:0 "one\\n"']],
    [
      'cp -a /d /x',
      '/x',
      ['/x/a: file 644 0:0 "one\\n"', '/x/link: symlink 777 0:0 -> a', '/x/sub/b: file 644 0:0 "two\\n"'],
    ],
    [
      'chown man:staff /d/a && cp -a /d/a /x && cp /d/a /y && mv /y /d/sub',
      '/d/sub',
      ['/d/sub/b: file 644 0:0 "two\\n"', '/d/sub/y: file 644 0:0 "one\\n"'],
    ],
    ['mkdir /x && mv /d/a /d/sub/b /x', '/x', ['/x/a: file 644 0:0 "one\\n"', '/x/b: file 644 0:0 "two\\n"']],
    ['chmod -R go= /d; chmod u+s,g+r /d/a', '/d/a', ['/d/a: file 4640 0:0 "one\\n"']],
    ['chown -R man: /d/sub; chgrp staff /d/sub/b', '/d/sub', ['/d/sub/b: file 644 6:50 "two\\n"']],
    ['install -D -m 2755 -o man -g staff /d/a /x/y/z', '/x', ['/x/y/z: file 2755 6:50 "one\\n"']],
    ['rm -rf /d/sub /none && rm /d/link && rmdir /d 2>/dev/null || :', '/d', ['/d/a: file 644 0:0 "one\\n"']],
    [
      'ln -s a /d/l2; ln -sf b /d/link; ln /d/a /d/hard',
      '/d',
      [
        '/d/a: file 644 0:0 "one\\n"',
        '/d/hard: file 644 0:0 "one\\n"',
        '/d/l2: symlink 777 0:0 -> a',
        '/d/link: symlink 777 0:0 -> b',
        '/d/sub/b: file 644 0:0 "two\\n"',
      ],
    ],
    [
      'touch /d/new; find /d -type f ! -name a -delete',
      '/d',
      ['/d/a: file 644 0:0 "one\\n"', '/d/link: symlink 777 0:0 -> a'],
    ],
    [
      `su man -s /bin/sh -c 'mkdir /x; echo $(id -u) >/x/f; test -O /x && ! test -O /d && : >/x/own'; runuser -u man -- touch /x/g`,
      '/x',
      ['/x/f: file 644 6:12 "6\\n"', '/x/g: file 644 6:12 ""', '/x/own: file 644 6:12 ""'],
    ],
    ['find /d -name "[ab]" -exec rm {} +', '/d', ['/d/link: symlink 777 0:0 -> a']],
  ])('%s', (script, below, expected) => {
    const { world, status } = run(script);
    expect(world.entries(below)).toEqual(expected);
    expect(status).toBe(0);
  });
});

describe('commands that tell', () => {
  it.each([
    ['readlink /d/link; readlink -f /d/link; readlink -e /none || echo $?', 'a\n/d/a\n1\n'],
    ['basename /a/b.c .c; dirname /a/b', 'b\n/a\n'],
    ['stat -c "%a %u:%g %F %s" /d/a; stat -L -c %F /d/link', '644 0:0 regular file 4\nregular file\n'],
    [
      'md5sum < /d/a; echo "5bbf5a52328e7439ae6e719dfe712200  /d/a" | md5sum -c',
      '5bbf5a52328e7439ae6e719dfe712200  -\n/d/a: OK\n',
    ],
    ['id -u; id -un; id -Gn man', '0\nroot\nman adm\n'],
    ['printf "a b\\nc" | xargs -n 2 echo x', 'x a b\nx c\n'],
    ['A=1 env -i B=2 env', 'B=2\n'],
    ['ls /d; ls -d /d', 'a\nlink\nsub\n/d\n'],
    ['find /d \\( -name a -o -type l \\) -print', '/d/a\n/d/link\n'],
    ['find /d -name sub -prune -o -type f -print; find /d -uid 0 -name b', '/d/a\n/d/sub/b\n'],
    ['seq 3; seq -s , 5 -2 1', '1\n2\n3\n5,3,1\n'],
    ['find /d -maxdepth 1 -type d', '/d\n/d/sub\n'],
    ['a=$(mktemp) b=$(mktemp -d); [ -f "$a" ] && [ -d "$b" ] && [ "$a" != "$b" ] && echo ok', 'ok\n'],
    ['date -u +%F; date -d "$(date)" +%s; uname -m', '2025-06-15\n1750000000\nx86_64\n'],
  ])('%s', (script, expected) => {
    expect(run(script).stdout).toBe(expected);
  });

  it('report what they do not know', () => {
    const { world, status } = run('find /d -fls /x');
    expect(status).toBe(2);
    expect(world.reports).toEqual([{ type: 'unsupported', command: 'find', what: '-fls', line: 1 }]);
  });
});
