import { describe, expect, it } from 'vitest';
import type { PackageRecord } from '../../src/archive/types.js';
import { stageKeys } from '../../src/build/stage-keys.js';
import type { BuildStage } from '../../src/build/stages.js';
import type { ConfigureInput } from '../../src/configure/configure.js';
import { parseParagraph } from '../../src/formats/deb822.js';
import type { ArchiveSpec, TrustedCertificate } from '../../src/profile/types.js';
import type { MergeInput } from '../../src/rootfs/merge.js';
import { mergeInput } from '../rootfs/inputs.js';

type Level = BuildStage['accountsOf'][number] & BuildStage['pathsOf'][number];

const of = (name: string, more: Partial<PackageRecord> = {}): MergeInput => {
  const input = mergeInput(name, []);
  return { ...input, record: { ...input.record, sha256: `sha256 of ${name}`, ...more } };
};
const [first, second, apt, third] = [of('first'), of('second'), of('apt'), of('third')];
const unset = { uid: undefined, gid: undefined, permissions: undefined };
const file = (content: string) => ({ ...unset, type: 'file', path: '/f', content }) as const;
const user = (shell: string) => ({ username: 'u', uid: 1, gid: 1, gecos: '', homedir: '/', shell });
const level = (name: string, more: Partial<Level> = {}): Level => {
  return { name, accounts: { users: [user('/bin/sh')], groups: [] }, paths: [file('x')], certificates: [], ...more };
};
const stage = (name: string, packages: readonly MergeInput[], own: Level): BuildStage => {
  return { name, packages, accountsOf: [own], pathsOf: [own] };
};

const STAGES = [
  stage('one', [first, second], level('a')),
  stage('two', [apt], level('b')),
  stage('three', [third], level('c')),
] as const;
const INPUT: ConfigureInput = {
  names: new Set<string>(['first', 'second', 'apt', 'third']),
  profile: { configure: undefined, debconf: [] },
  architectures: { native: 'amd64', foreign: [] },
  archives: [{ suite: 'trixie' } as ArchiveSpec],
  keys: new Map([['debian', Buffer.from('key')]]),
  automatic: new Set([second.record]),
  epoch: 1000,
  limits: undefined,
};

interface Given {
  readonly input: ConfigureInput;
  readonly stages: readonly BuildStage[];
}
const keys = ({ input, stages }: Given): string[] => stageKeys(input, stages);
const input = (more: Partial<ConfigureInput>): Given => ({ input: { ...INPUT, ...more }, stages: STAGES });
const firstStage = (more: Partial<BuildStage>): Given => ({
  input: INPUT,
  stages: [{ ...STAGES[0], ...more }, ...STAGES.slice(1)],
});
const firstIs = (more: Partial<PackageRecord>): Given => firstStage({ packages: [of('first', more), second] });
/** In its stanza, whether that can be read or not. */
const firstSays = (line: string): Given => {
  return firstIs({ stanza: () => parseParagraph(`Package: first\n${line}\n`, 'first') });
};
const certificate: TrustedCertificate = { name: 'own', pem: 'PEM' };

/** What is another one, and from which stage on that counts: 0 for the first. */
const CHANGES: readonly (readonly [what: string, from: number, given: Given])[] = [
  ['the date', 0, input({ epoch: 1001 })],
  ['the architecture', 0, input({ architectures: { native: 'arm64', foreign: [] } })],
  ['a foreign architecture', 0, input({ architectures: { native: 'amd64', foreign: ['i386'] } })],
  ['a limit', 0, input({ limits: { scriptSteps: 5 } })],
  ['how scripts are run', 0, input({ profile: { configure: 'full', debconf: [] } })],
  ['an answer', 0, input({ profile: { configure: undefined, debconf: [{ question: 'q', value: 'v' }] } })],
  ['that dpkg will come', 0, input({ names: new Set(['dpkg']) })],
  ['that base-passwd will come', 0, input({ names: new Set(['base-passwd']) })],
  ['who asked for a package', 0, input({ automatic: new Set() })],
  ['who asked for a later package', 2, input({ automatic: new Set([second.record, third.record]) })],
  ['an archive', 1, input({ archives: [{ suite: 'sid' } as ArchiveSpec] })],
  ['a key', 1, input({ keys: new Map([['debian', Buffer.from('other')]]) })],
  ['the name of a key', 1, input({ keys: new Map([['other', Buffer.from('key')]]) })],
  ['no keys', 1, input({ keys: new Map() })],
  ['a .deb', 0, firstIs({ sha256: 'other' })],
  ['a name', 0, firstIs({ name: 'other' })],
  ['a version', 0, firstIs({ version: '2' })],
  ['the architecture of a package', 0, firstIs({ architecture: 'all' })],
  ['its Multi-Arch', 0, firstIs({ multiArch: 'same' })],
  ['its Essential', 0, firstIs({ essential: true })],
  ['its Depends', 0, firstSays('Depends: x (>= 1)')],
  ['its Pre-Depends', 0, firstSays('Pre-Depends: x (>= 1)')],
  ['its Provides', 0, firstSays('Provides: x (>= 1)')],
  ['a Depends that nobody can read', 0, firstSays('Depends: ((')],
  ['its Replaces', 0, firstSays('Replaces: x (>= 1)')],
  ['the order of packages', 0, firstStage({ packages: [second, first] })],
  ['a package less', 0, firstStage({ packages: [first] })],
  ['where the stage ends', 0, firstStage({ packages: [first, second, apt] })],
  ['a profile’s name', 0, firstStage({ pathsOf: [level('other')] })],
  ['a path', 0, firstStage({ pathsOf: [level('a', { paths: [file('y')] })] })],
  ['a certificate', 0, firstStage({ pathsOf: [level('a', { certificates: [certificate] })] })],
  ['no paths', 0, firstStage({ pathsOf: [] })],
  ['an account', 0, firstStage({ accountsOf: [level('a', { accounts: { users: [user('/x')], groups: [] } })] })],
  [
    'a group',
    0,
    firstStage({
      accountsOf: [
        level('a', { accounts: { users: [user('/bin/sh')], groups: [{ groupname: 'g', gid: 1, members: [] }] } }),
      ],
    }),
  ],
  ['no accounts', 0, firstStage({ accountsOf: [] })],
  ['a later package', 2, { input: INPUT, stages: [...STAGES.slice(0, 2), stage('three', [of('other')], level('c'))] }],
];

describe('the keys of stages', () => {
  const usual = keys(input({}));

  it('are a digest for each stage', () => {
    expect(usual.map((key) => /^[0-9a-f]{64}$/.test(key))).toEqual([true, true, true]);
    expect(new Set(usual).size).toBe(3);
  });

  it.each(CHANGES)('are others with %s, but for the first %i', (_, from, given) => {
    expect(keys(given).map((key, at) => key === usual[at])).toEqual(usual.map((_, at) => at < from));
  });

  it.each<[string, Given]>([
    ['what else there is', input({ names: new Set<string>(['first', 'new']) })],
    ['what stages are called', firstStage({ name: 'other' })],
    ['what nobody reads of a package', firstIs({ priority: 'required', filename: 'other', size: 5 })],
    ['what nobody reads of its stanza', firstSays('Recommends: x')],
    ['what follows', { input: INPUT, stages: STAGES.slice(0, 2) }],
  ])('do not depend on %s', (_, given) => {
    expect(keys(given)).toEqual(usual.slice(0, given.stages.length));
  });
});
