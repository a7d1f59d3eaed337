import { describe, expect, it } from 'vitest';
import { errorsOf, MINIMAL } from './profiles.js';

describe('a profile with one mistake', () => {
  it.each([
    ['an unknown field', 'stage: []', '6:1: stage is not a field of a profile here; did you mean "stages"?'],
    ['a field of elsewhere', 'packages: [a]', '6:1: packages is not a field of a profile here'],
    [
      'a number for text',
      'environment: { A: 1 }',
      '6:16: environment.A must be text, not the number 1 (quote it to make it text)',
    ],
    ['a mapping for a list', 'paths: { a: 1 }', '6:1: paths must be a list, not a mapping'],
    [
      'a variable without a name',
      'environment: { 1A: x }',
      '6:16: environment.1A is not a name for an environment variable',
    ],
    [
      'a glob that matches nothing',
      'exclude-paths: [doc/*]',
      '6:17: exclude-paths[0] must begin with / or *, or it would match no path',
    ],
    [
      'an answer without a type',
      'debconf: [a a/b string c, tzdata tzdata/Areas Etc]',
      '6:27: debconf[1] must be lines of OWNER QUESTION TYPE VALUE',
    ],
    [
      'a relative path',
      'paths: [{ type: empty-file, path: a }]',
      '6:29: paths[0].path must be an absolute path, not "a"',
    ],
    [
      'a path with ..',
      'paths: [{ type: empty-file, path: /a/../b }]',
      '6:29: paths[0].path does not hold: cannot accept the path "/a/../b": it has a ".." component',
    ],
    [
      'a foreign architecture that is not known',
      'foreign-architectures: [i386, i486]',
      '6:31: foreign-architectures[1] must be one of amd64, arm64, armel, armhf, i386, loong64, mips64el, mipsel, ppc64el, riscv64, s390x, not "i486"; did you mean "i386"?',
    ],
    [
      'a foreign architecture twice',
      'foreign-architectures: [i386, armhf, i386]',
      '6:38: foreign-architectures[2] repeats "i386"',
    ],
    ['a link to nowhere', 'paths: [{ type: symlink, path: /a }]', '6:9: paths[0].source is missing'],
    ['a hard link to nowhere', 'paths: [{ type: hardlink, path: /a }]', '6:9: paths[0].source is missing'],
    [
      'a mode for a link',
      'paths: [{ type: symlink, path: /a, source: b, uid: 1 }]',
      '6:47: paths[0].uid is not a field of a profile here',
    ],
    [
      'a mistyped kind of path',
      'paths: [{ type: simlink, path: /a }]',
      '6:11: paths[0].type must be one of directory, permissions, empty-file, file, symlink, hardlink, busybox-applets, not "simlink"; did you mean "symlink"?',
    ],
    [
      'no kind of path',
      'paths: [{ path: /a }]',
      '6:9: paths[0].type is missing: one of directory, permissions, empty-file, file, symlink, hardlink, busybox-applets',
    ],
    [
      'permissions of nothing',
      'paths: [{ type: permissions, path: /a }]',
      '6:9: paths[0] changes nothing: give permissions, uid or gid',
    ],
    [
      'a user id that is too large',
      'accounts: { users: [{ username: a, uid: 4294967295, gid: 0 }] }',
      '6:36: accounts.users[0].uid must be a whole number from 0 to 4294967294',
    ],
    [
      'a user id with a fraction',
      'accounts: { users: [{ username: a, uid: 1.5, gid: 0 }] }',
      '6:36: accounts.users[0].uid must be a whole number from 0 to 4294967294',
    ],
    [
      'a group that is not there',
      'accounts: { users: [{ username: a, uid: 1000 }] }',
      '6:36: accounts.users[0].uid names the group 1000, which the profile does not define',
    ],
    [
      'a home directory with a colon',
      "accounts: { users: [{ username: a, uid: 1, homedir: '/a:b' }] }",
      '6:44: accounts.users[0].homedir must not hold a colon or a line break',
    ],
    ['run-as of nobody', 'accounts: { run-as: web }', '6:13: accounts.run-as names "web", which is none of the users'],
    ['a tag', 'environment: { A: !foo x }', '6:24: the tag !foo has no meaning in a profile'],
    [
      'a tag with a meaning',
      'environment: { A: !!binary eA== }',
      '6:28: the tag tag:yaml.org,2002:binary has no meaning in a profile',
    ],
    ['a key twice', 'suite: sid', '6:1: Map keys must be unique'],
    ['a merge key', 'environment: { <<: { A: x } }', '6:16: merge keys (<<) are not YAML 1.2'],
    ['a key that is a list', 'environment: { [a]: x }', '6:16: a key must be plain text'],
    ['a second document', '---\na: 1', '6:1: Source contains multiple documents; please use YAML.parseAllDocuments()'],
  ])('%s', async (_case, line, error) => {
    expect(await errorsOf(`${MINIMAL}${line}\n`)).toEqual([`p.yaml:${error}`]);
  });

  it.each([
    ['0755', false],
    ['755', false],
    ['0x1ff', false],
    ['0o10000', false],
    ['"rwx"', false],
    ['[7]', false],
    ['0o755', true],
    ['"0755"', true],
    ["'755'", true],
    ['0o4755', true],
  ])('permissions: %s', async (text, good) => {
    const error = 'p.yaml:6:38: paths[0].permissions must be octal permission bits, such as 0o755 or "0755"';
    const line = `paths: [{ type: directory, path: /a, permissions: ${text} }]`;
    expect(await errorsOf(`${MINIMAL}${line}\n`)).toEqual(good ? [] : [error]);
  });
});

describe('a stage', () => {
  const profile = (stages: string): string => MINIMAL.replace(/stages: .*/, `stages: ${stages}`);

  it.each([
    [
      'asks for nothing',
      '[{ name: a }]',
      '5:10: stages[0] asks for no package: give packages, priorities or essential',
    ],
    [
      'has the name of another',
      '[{ name: a, essential: true }, { name: a, essential: true }]',
      '5:42: stages[1].name repeats the stage a, one above',
    ],
    [
      'names no relation',
      '[{ name: a, packages: [libc6, "b (="] }]',
      '5:39: stages[0].packages[1] must be a relation such as "zlib1g (>= 1:1.2)" or "awk | mawk", "jq=1.7.1-6" or "jq/trixie-backports", not "b (="',
    ],
    [
      'names two in one',
      '[{ name: a, packages: ["a, b"] }]',
      '5:32: stages[0].packages[0] must be one relation; write each in a line of its own',
    ],
    [
      'drops without a reason',
      '[{ name: a, packages: [bb], drop: [{ package: cc }] }]',
      '5:44: stages[0].drop[0].reason is missing',
    ],
    [
      'has no such priority',
      '[{ name: a, priorities: [requird] }]',
      '5:34: stages[0].priorities[0] must be one of required, important, standard, optional, extra, not "requird"; did you mean "required"?',
    ],
  ])('%s', async (_case, stages, error) => {
    expect(await errorsOf(profile(stages))).toEqual([`p.yaml:${error}`]);
  });
});

describe('an archive', () => {
  const profile = (archives: string): string => MINIMAL.replace(/archives: .*/, `archives: ${archives}`);

  it.each([
    ['none', '[]', '4:1: archives must not be empty'],
    [
      'a variable that is unknown',
      `[{ suite: "\${arch}" }]`,
      `4:14: archives[0].suite must be the name of a suite, or the path of a flat archive with a / at its end; only \${suite} may stand for something else`,
    ],
    [
      'a suite that leaves dists/',
      '[{ suite: a/../b }]',
      `4:14: archives[0].suite must be the name of a suite, or the path of a flat archive with a / at its end; only \${suite} may stand for something else`,
    ],
    [
      'a place that cannot be read',
      '[{ suite: a, keyring: k, uris: [ftp://x] }]',
      '4:43: archives[0].uris[0] must be a URL with http, https or file',
    ],
    [
      'keys that nobody named',
      '[{ suite: a, uris: [http://example.org/] }]',
      "4:12: archives[0] needs a keyring, since it is not one of Debian's own archives",
    ],
    [
      'two names for who may sign',
      '[{ suite: a, keyring: k, signed-by: k }]',
      '4:36: archives[0].signed-by means the same as keyring: give one of both',
    ],
    [
      'keys that nobody looks at',
      '[{ suite: a, keyring: k, trusted: true }]',
      '4:36: archives[0].trusted leaves nothing to check with a keyring: give one of both',
    ],
    [
      'components of a flat archive',
      '[{ suite: ./, keyring: k, components: [main] }]',
      '4:37: archives[0].components has no meaning for a flat archive',
    ],
    ['a flat archive outside of its place', '[{ suite: ../a/, keyring: k }]', /archives\[0\].suite must be the name/],
    [
      'a priority that is no number for apt',
      '[{ suite: a, priority: 0 }]',
      '4:24: archives[0].priority must be a whole number from -32768 to 32767, and not 0',
    ],
  ])('%s', async (_case, archives, error) => {
    const expected = typeof error === 'string' ? `p.yaml:${error}` : expect.stringMatching(error);
    expect(await errorsOf(profile(archives))).toEqual([expected]);
  });
});

describe('a pin', () => {
  it.each([
    [
      'without a condition',
      '{ package: a, priority: 1 }',
      '6:8: pins[0] needs a condition: suite, archive, codename, origin, label, component, release, architecture, site, version',
    ],
    ['with a version and more', '{ package: aa, priority: 1, version: 1 }', /version must be text/],
    [
      'with a version and an archive',
      '{ package: aa, priority: 1, version: "1", suite: a }',
      '6:36: pins[0].version must be the only condition',
    ],
    [
      'of a version of everything',
      '{ package: "*", priority: 1, version: "1" }',
      '6:37: pins[0].version needs a package: "*" alone speaks of archives',
    ],
    ['without a package', '{ priority: 1, suite: a }', /pins\[0\].package/],
    [
      'for what is no name',
      '{ package: /a, priority: 1, suite: a }',
      /pins\[0\].package must be the name of a package/,
    ],
    [
      'with a bad expression',
      '{ package: aa, priority: 1, suite: "/(/" }',
      '6:36: pins[0].suite is no regular expression: /(/',
    ],
    ['without a priority', '{ package: aa, suite: a }', '6:8: pins[0].priority is missing'],
    [
      'that apt would not take',
      '{ package: aa, suite: a, priority: 40000 }',
      '6:33: pins[0].priority must be a whole number from -32768 to 32767, and not 0',
    ],
  ])('%s', async (_case, text, error) => {
    const expected = typeof error === 'string' ? `p.yaml:${error}` : expect.stringMatching(error);
    expect(await errorsOf(`${MINIMAL}pins: [${text}]\n`)).toEqual([expected]);
  });
});

describe('a whole profile', () => {
  it('shows all errors at once, in the order of the text', async () => {
    const text = `name: Web
description: ""
stages:
  - name: a
    packages: libc6
  - name: a
    essential: yes
accounts:
  users:
    - { username: a, uid: 1 }
    - { username: a, uid: 1, shel: /bin/sh }
  groups:
    - { groupname: g, gid: -1 }
`;
    expect(await errorsOf(text)).toEqual([
      'p.yaml:1:1: name must be made of a-z, 0-9, ., _ and -',
      'p.yaml:1:1: suite is missing; a profile that extends none needs it',
      'p.yaml:1:1: archives is missing; a profile that extends none needs it',
      'p.yaml:2:1: description must not be empty',
      'p.yaml:5:5: stages[0].packages must be a list, not "libc6"',
      'p.yaml:6:5: stages[1].name repeats the stage a, one above',
      'p.yaml:7:5: stages[1].essential must be true or false, not "yes"',
      'p.yaml:11:9: accounts.users[1].username repeats the user a, one above',
      'p.yaml:11:22: accounts.users[1].uid repeats the uid 1, one above',
      'p.yaml:11:30: accounts.users[1].shel is not a field of a profile here; did you mean "shell"?',
      'p.yaml:13:23: accounts.groups[0].gid must be a whole number from 0 to 4294967294',
    ]);
  });

  it.each([
    ['', 'p.yaml:1:1: must be a mapping, not nothing'],
    ['- a', 'p.yaml:1:1: must be a mapping, not a list'],
    ['%YAML 1.1\n---\na: 1', 'p.yaml:1:1: a profile is YAML 1.2; remove the %YAML directive'],
  ])('%j', async (text, error) => {
    expect(await errorsOf(text)).toEqual([error]);
  });

  it('does not expand aliases without bound', async () => {
    const lines = ['a0: &a0 [x]'];
    for (let n = 1; n < 9; n++)
      lines.push(
        `a${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    expect(await errorsOf(lines.join('\n'))).toEqual([
      expect.stringContaining('p.yaml:1:1: cannot expand the aliases'),
    ]);
  });

  it('takes one alias for what it stands for, and finds its place', async () => {
    const text = `${MINIMAL}paths:\n  - &a { type: empty-file, path: /a, mode: 1 }\n  - *a\n`;
    const message = 'is not a field of a profile here';
    expect(await errorsOf(text)).toEqual([
      `p.yaml:7:38: paths[0].mode ${message}`,
      `p.yaml:7:38: paths[1].mode ${message}`,
    ]);
  });

  it('shows the first of very many mistakes', async () => {
    const errors = await errorsOf('['.repeat(5000));
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toMatch(/and \d+ more$/);
  });
});
