import { describe, expect, it } from 'vitest';
import { type BuildStage, buildStages } from '../../src/build/stages.js';
import { stageConfigurer } from '../../src/configure/configure.js';
import type { PathMutation, Profile, ProfileLevel, User } from '../../src/profile/types.js';
import { readText } from '../../src/rootfs/content.js';
import { createMerger, type MergeInput } from '../../src/rootfs/merge.js';
import type { Tree } from '../../src/rootfs/tree.js';
import { planOf } from '../builder/plan.js';
import { mergeInput } from '../rootfs/inputs.js';
import { listTree } from '../rootfs/listing.js';

const DAY = 86_400;
const sh = (text: string): string => `#!/bin/sh\nset -e\n${text}\n`;

const user = (username: string, uid: number, shell: string): User => {
  return { username, uid, gid: uid, gecos: username, homedir: '/', shell };
};
const unowned = { uid: undefined, gid: undefined, permissions: undefined };
const file = (path: string, content: string): PathMutation => ({ ...unowned, type: 'file', path, content });
const link = (path: string, source: string): PathMutation => ({ ...unowned, type: 'symlink', path, source });

function level(name: string, stages: readonly string[], parts: Partial<ProfileLevel> = {}): ProfileLevel {
  const nothing = {
    accounts: { users: [], groups: [] },
    paths: [],
    certificates: [],
    excludePaths: [],
    includePaths: [],
    slices: [],
  };
  return { name, stages, ...nothing, ...parts };
}

/** The stages of a plan with these packages, merged and configured one after the other; a copy of the tree after each. */
function staged(levels: readonly ProfileLevel[], stages: Readonly<Record<string, readonly MergeInput[]>>) {
  const packages = Object.values(stages).flat();
  const plan = planOf(stages);
  const profile = { name: 'p', configure: undefined, debconf: [] as Profile['debconf'] } as Profile;
  const merger = createMerger('amd64', DAY);
  const { configure } = stageConfigurer(merger.tree, {
    names: new Set(packages.map(({ record }) => record.name)),
    profile,
    architectures: { native: 'amd64', foreign: [] },
    archives: [],
    automatic: new Set(),
    epoch: DAY,
  });
  return buildStages(plan, levels, packages).map((stage: BuildStage) => {
    merger.add(stage.packages);
    const audit = configure(stage);
    return { name: stage.name, audit, tree: merger.tree.clone() };
  });
}

const texts = (tree: Tree | undefined, path: string): string =>
  tree === undefined ? '' : (readText(tree, path) ?? '');

const lower = mergeInput('lower', ['/usr/bin/low file 0755', '/usr/share/data directory'], {
  control: {
    postinst: sh('echo "$1 $2" >> /log\nupdate-alternatives --install /usr/bin/tool tool /usr/bin/low 10'),
    triggers: 'interest-noawait /usr/share/data\n',
  },
});
const upper = mergeInput('upper', ['/usr/bin/up file 0755', '/usr/share/data/more'], {
  control: { postinst: sh('update-alternatives --install /usr/bin/tool tool /usr/bin/up 5') },
});
const parent = level('parent', ['one'], {
  accounts: { users: [user('root', 0, '/usr/sbin/nologin'), user('web', 33, '/bin/false')], groups: [] },
  paths: [file('/etc/kept', 'parent'), link('/etc/changed', '/nowhere')],
});
const child = level('child', ['two'], {
  accounts: { users: [user('root', 0, '/bin/sh'), user('new', 34, '/bin/sh')], groups: [] },
  paths: [file('/etc/changed', 'child')],
});

describe('stages', () => {
  it('leave a tree that does not depend on those that follow', () => {
    const [alone] = staged([parent], { one: [lower] });
    const [first, second] = staged([parent, child], { one: [lower], two: [upper] });
    expect(listTree(first?.tree as Tree)).toEqual(listTree(alone?.tree as Tree));
    expect(texts(first?.tree, '/etc/passwd')).toBe(texts(alone?.tree, '/etc/passwd'));
    expect([first?.name, second?.name]).toEqual(['one', 'two']);
  });

  it('tell packages of earlier ones of triggers, and know their alternatives', () => {
    const [first, second] = staged([parent, child], { one: [lower], two: [upper] });
    expect(texts(first?.tree, '/log')).toBe('configure \n');
    expect(texts(second?.tree, '/log')).toBe('configure \ntriggered /usr/share/data\n');
    expect(second?.tree.get('/etc/alternatives/tool')).toMatchObject({ target: '/usr/bin/low' });
    // Without dpkg nobody reads them, in no layer.
    for (const { tree } of [first, second].flatMap((one) => one ?? [])) {
      expect(tree.get('/var/lib/dpkg/alternatives')).toBeUndefined();
    }
  });

  it('have the accounts and paths of their own profile, in place of what it extends', () => {
    const [first, second] = staged([parent, child], { one: [lower], two: [upper] });
    expect(texts(first?.tree, '/etc/passwd')).toBe(
      'root:x:0:0:root:/:/usr/sbin/nologin\nweb:x:33:33:web:/:/bin/false\n',
    );
    expect(texts(second?.tree, '/etc/passwd')).toBe(
      'root:x:0:0:root:/:/bin/sh\nweb:x:33:33:web:/:/bin/false\nnew:x:34:34:new:/:/bin/sh\n',
    );
    expect(first?.tree.get('/etc/changed')?.type).toBe('symlink');
    expect(texts(second?.tree, '/etc/changed')).toBe('child');
    expect(second?.tree.get('/etc/changed')?.owner).toEqual({ type: 'profile', name: 'child' });
    expect(texts(second?.tree, '/etc/kept')).toBe('parent');
  });

  it('are one more where a profile only has accounts or paths', () => {
    const last = level('only-paths', [], { paths: [file('/x', 'x')] });
    const stages = staged([parent, last], { one: [lower] });
    expect(stages.map(({ name }) => name)).toEqual(['one', 'only-paths']);
    expect(stages.map(({ tree }) => texts(tree, '/x'))).toEqual(['', 'x']);
    expect(staged([parent, level('nothing', [])], { one: [lower] }).map(({ name }) => name)).toEqual(['one']);
  });

  it('keep hard links and contents of their own', () => {
    const linked = mergeInput('a', ['/x file 0644', '/y hardlink -> /x']);
    const [first, second] = staged([level('p', ['one', 'two'])], {
      one: [linked],
      two: [mergeInput('b', [], { control: { postinst: sh('chmod 600 /x') } })],
    });
    expect(first?.tree.get('/x')).toBe(first?.tree.get('/y'));
    expect([first, second].map((stage) => stage?.tree.get('/y')?.mode)).toEqual([0o644, 0o600]);
  });
});
