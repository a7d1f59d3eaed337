import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_IMAGE_SETTINGS } from '../../src/profile/image.js';
import { profileJsonSchemaText } from '../../src/profile/json-schema.js';
import { builtInProfiles, loadProfile } from '../../src/profile/load.js';
import { pinsFor } from '../../src/profile/suites.js';
import { BUILT_IN, errorsOf, load, MINIMAL } from './profiles.js';

describe('built-in profiles', () => {
  it('are these', async () => {
    expect(await builtInProfiles(BUILT_IN)).toEqual(['base', 'debug', 'minbase', 'static']);
  });

  it.each(['base', 'debug', 'minbase', 'static'])('%s is valid and has its own name', async (name) => {
    const profile = await loadProfile(name, BUILT_IN);
    expect(profile).toMatchObject({ name, origin: name, suite: 'trixie' });
    expect(profile.archives.map(({ suite }) => suite)).toEqual([
      `\${suite}`,
      `\${suite}-updates`,
      `\${suite}-security`,
    ]);
  });

  it('add stages to those that they extend', async () => {
    const { stages } = await loadProfile('debug', BUILT_IN);
    expect(stages.map(({ name }) => name)).toEqual(['static', 'base', 'debug']);
  });

  it('have a schema for editors that is up to date', async () => {
    const text = await readFile(join(BUILT_IN.profilesDirectory, 'profile.schema.json'), 'utf8');
    expect(text).toBe(profileJsonSchemaText());
  });
});

describe('loadProfile', () => {
  it('fills in the defaults', async () => {
    const text = `${MINIMAL}accounts: { users: [{ username: web, uid: 33 }] }\npaths: [{ type: directory, path: //srv/ }]\n`;
    expect(await load({ 'p.yaml': text })).toEqual({
      name: 'web',
      description: 'For tests',
      origin: expect.stringMatching(/p\.yaml$/),
      suite: 'trixie',
      architectures: [],
      foreignArchitectures: [],
      archives: [
        {
          suite: 'trixie',
          components: ['main'],
          keyrings: ['debian-archive'],
          trusted: false,
          architectures: [],
          priority: undefined,
          uris: [],
          kind: 'debian',
          notFor: [],
          updates: false,
          checkValidUntil: true,
          origin: 'profile web',
        },
      ],
      pins: [],
      stages: [
        {
          name: 'one',
          packages: ['libc6'],
          essential: false,
          priorities: [],
          recommends: false,
          drops: [],
          prefer: [],
        },
      ],
      debconf: [],
      accounts: {
        users: [{ username: 'web', uid: 33, gid: 33, gecos: 'web', homedir: '/home/web', shell: '/usr/sbin/nologin' }],
        groups: [],
        runAs: undefined,
      },
      paths: [
        { type: 'directory', path: '/srv', uid: undefined, gid: undefined, permissions: undefined, recursive: false },
      ],
      environment: {},
      image: NO_IMAGE_SETTINGS,
      excludePaths: [],
      includePaths: [],
      forbid: [],
      levels: [
        {
          name: 'web',
          stages: ['one'],
          accounts: { users: [expect.objectContaining({ username: 'web', uid: 33 })], groups: [] },
          paths: [expect.objectContaining({ type: 'directory', path: '/srv' })],
          certificates: [],
          excludePaths: [],
          includePaths: [],
          slices: [],
        },
      ],
      slices: [],
      accept: [],
    });
  });

  it.each([
    ['bsae', 'cannot find the profile "bsae"', /^did you mean base\?/],
    ['qqqqqq', 'cannot find the profile "qqqqqq"', /^built in are base, debug, minbase, static;/],
    ['./none.yaml', 'cannot find the profile ./none.yaml: there is no such file', undefined],
  ])('%s is wrong usage', async (name, message, hint) => {
    const expected = { code: 'usage', message, hint: hint === undefined ? undefined : expect.stringMatching(hint) };
    await expect(loadProfile(name, BUILT_IN)).rejects.toMatchObject(expected);
  });

  it('refuses what is no text, and what is too large', async () => {
    const big = { 'p.yaml': `${MINIMAL}#${'x'.repeat(1024 * 1024)}\n` };
    await expect(load(big)).rejects.toMatchObject({
      code: 'profile',
      message: expect.stringMatching(/larger than 1048576/),
    });
    await expect(loadProfile(process.execPath.replace(/[^/]*$/, './'), BUILT_IN)).rejects.toThrow(
      /^cannot read the profile/,
    );
  });
});

describe('extends', () => {
  const child = (lines: string): string => `name: child\ndescription: More\nextends: ./parent.yaml\n${lines}\n`;
  const parent = `${MINIMAL}accounts:
  users: [{ username: a, uid: 1 }, { username: b, uid: 2 }]
  groups: [{ groupname: g, gid: 1000 }]
paths: [{ type: empty-file, path: /a }, { type: empty-file, path: /b }]
environment: { A: parent, B: parent }
exclude-paths: [/x]
debconf: [a a/one string parent, a a/two string parent]
`;

  it('merges by name and path, and the child wins', async () => {
    const text = child(`suite: sid
stages: [{ name: two, packages: [jq] }]
accounts: { users: [{ username: a, uid: 1000 }] }
paths: [{ type: symlink, path: /a, source: b }]
environment: { B: child, C: child }
exclude-paths: [/x, /y]
debconf: |
  # of the child
  b  a/two  select  one, two \
      and three
  b b/empty string
  b b/one seen true`);
    const profile = await load({ 'p.yaml': text, 'parent.yaml': parent });
    expect(profile).toMatchObject({
      name: 'child',
      description: 'More',
      suite: 'sid',
      archives: [{ suite: 'trixie' }],
    });
    expect(profile.stages.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(profile.accounts.users.map(({ username, uid }) => [username, uid])).toEqual([
      ['a', 1000],
      ['b', 2],
    ]);
    expect(profile.paths.map(({ type, path }) => [type, path])).toEqual([
      ['empty-file', '/b'],
      ['symlink', '/a'],
    ]);
    expect(profile.environment).toEqual({ A: 'parent', B: 'child', C: 'child' });
    expect(profile.excludePaths).toEqual(['/x', '/y']);
    expect(profile.debconf).toEqual([
      { question: 'a/one', value: 'parent' },
      { question: 'a/two', value: 'one, two       and three' },
      { question: 'b/empty', value: '' },
    ]);
  });

  it('replaces archives as a whole, and finds a keyring beside the profile', async () => {
    const text = child('archives: [{ suite: own, uris: ["http://example.org/debian"], keyring: keys.asc }]');
    const { archives } = await load({ 'p.yaml': text, 'parent.yaml': parent });
    expect(archives).toMatchObject([
      { suite: 'own', kind: 'other', keyrings: [expect.stringMatching(/^\/.*\/keys\.asc$/)] },
    ]);
  });

  it('puts pins before those of its parent', async () => {
    const text = child(`pins: [{ package: [jq, "lib*"], suite: "\${suite}-backports", priority: -1, reason: Old }]`);
    const pins = 'pins: [{ package: "*", origin: Debian, priority: 600 }]\n';
    const profile = await load({ 'p.yaml': text, 'parent.yaml': parent + pins });
    expect(pinsFor(profile, 'sid')).toMatchObject([
      { packages: ['jq', 'lib*'], suite: 'sid-backports', priority: -1, reason: 'Old' },
      { packages: ['*'], suite: undefined, origin: 'Debian', priority: 600 },
    ]);
  });

  it('says who may sign an archive in one of several ways', async () => {
    const block = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nab/c\n-----END PGP PUBLIC KEY BLOCK-----\n';
    const archives = [
      '{ suite: a, signed-by: [debian-archive, ./k.asc] }',
      `{ suite: "./", trusted: true, architectures: [amd64], priority: 600 }`,
      `{ suite: b, keyring: ${JSON.stringify(block)} }`,
    ];
    const profile = await load({ 'p.yaml': child(`archives: [${archives}]`), 'parent.yaml': parent });
    expect(profile.archives).toMatchObject([
      {
        keyrings: ['debian-archive', expect.stringMatching(/^\/.*\/k\.asc$/)],
        trusted: false,
        origin: 'profile child',
      },
      { keyrings: [], trusted: true, components: [], architectures: ['amd64'], priority: 600 },
      { keyrings: [block], components: ['main'] },
    ]);
  });

  it('takes a built-in profile by its name', async () => {
    const text = 'name: child\ndescription: More\nextends: static\n';
    expect((await load({ 'p.yaml': text })).stages.map(({ name }) => name)).toEqual(['static']);
  });

  it.each([
    [
      'a stage of its parent',
      'stages: [{ name: one, essential: true }]',
      '4:12: stages[0].name repeats the stage one, a stage of the profile web',
    ],
    [
      'an id of its parent',
      'accounts: { users: [{ username: c, uid: 2 }] }',
      '4:36: accounts.users[0].uid repeats the uid 2, that of b',
    ],
  ])('refuses %s', async (_case, line, error) => {
    expect(await errorsOf({ 'p.yaml': child(line), 'parent.yaml': parent })).toEqual([`p.yaml:${error}`]);
  });

  it('shows the errors of both files', async () => {
    const files = { 'p.yaml': child('suit: sid'), 'parent.yaml': `${parent}shoe: 1\n` };
    expect(await errorsOf(files)).toEqual([
      'p.yaml:4:1: suit is not a field of a profile here; did you mean "suite"?',
      'parent.yaml:13:1: shoe is not a field of a profile here',
    ]);
  });

  it.each([
    ['itself', './p.yaml', 'leads back to p.yaml'],
    ['a file that is not there', './gone.yaml', 'names gone.yaml, which does not exist'],
    ['a directory', './', expect.stringMatching(/extends cannot be read: cannot read the profile/)],
    ['no profile', 'minbse', 'names "minbse", which is no built-in profile; did you mean "minbase"?'],
  ])('refuses %s', async (_case, reference, error) => {
    const errors = await errorsOf({ 'p.yaml': `name: child\ndescription: More\nextends: ${reference}\n` });
    expect(errors).toEqual([typeof error === 'string' ? `p.yaml:3:1: extends ${error}` : error]);
  });

  it('sees a circle through another file', async () => {
    const other = 'name: other\ndescription: Other\nextends: ./p.yaml\n';
    expect(await errorsOf({ 'p.yaml': child(''), 'parent.yaml': other })).toEqual([
      'parent.yaml:3:1: extends leads back to p.yaml',
    ]);
  });
});
