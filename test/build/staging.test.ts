import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { entryPath } from '../../src/archive/layout.js';
import { openStore, type Store } from '../../src/archive/store.js';
import { keepStages } from '../../src/build/kept-stages.js';
import { keysOfStages, mergeAndConfigure, type Staged } from '../../src/build/staging.js';
import { createStepClock } from '../../src/build/steps.js';
import type { Profile, ProfileLevel } from '../../src/profile/types.js';
import type { MergeInput } from '../../src/rootfs/merge.js';
import type { Tree } from '../../src/rootfs/tree.js';
import type { TreeNode } from '../../src/rootfs/types.js';
import { testDirectory } from '../builder/directory.js';
import { planOf } from '../builder/plan.js';
import { mergeInput } from '../rootfs/inputs.js';

const sh = (...lines: readonly string[]): string => `#!/bin/sh\nset -e\n${lines.join('\n')}\n`;
const debconf = (...lines: readonly string[]): string => sh('. /usr/share/debconf/confmodule', ...lines);
const CONFMODULE = '/usr/share/debconf/confmodule file 0644';

interface Chain {
  readonly levels: readonly ProfileLevel[];
  readonly stages: Readonly<Record<string, readonly MergeInput[]>>;
  readonly configure?: Profile['configure'];
  readonly isShared?: boolean;
}

function level(name: string, more: Partial<ProfileLevel> = {}): ProfileLevel {
  const accounts = { users: [], groups: [] };
  const nothing = { accounts, paths: [], certificates: [], excludePaths: [], includePaths: [], slices: [] };
  return { name, stages: [name], ...nothing, ...more };
}
const user = (username: string, uid: number, shell: string) => {
  return { username, uid, gid: uid, gecos: username, homedir: '/', shell };
};
const unset = { uid: undefined, gid: undefined, permissions: undefined };

const lower = mergeInput(
  'lower',
  [
    '/usr/bin/low file 0755',
    '/usr/bin/lower hardlink -> /usr/bin/low',
    '/usr/share/data directory',
    '/etc/x',
    CONFMODULE,
  ],
  {
    control: {
      templates: 'Template: lower/q\nType: string\nDefault: of the template\nDescription: Q\n',
      config: debconf('db_input high lower/q || :', 'db_set lower/q asked', 'db_fset lower/q seen true'),
      postinst: debconf(
        'echo "$1 $2" >> /log',
        'update-alternatives --install /usr/bin/tool tool /usr/bin/low 10',
        'db_register lower/q lower/other',
        'db_unregister lower/q',
        'chmod 4755 /usr/bin/low',
        'dpkg-trigger --no-await nobody-yet',
        'invoke-rc.d lower start',
        // What is gone stays away, though every merged /usr has it.
        'rmdir /usr/lib64',
      ),
      triggers: 'interest-noawait /usr/share/data\n',
    },
  },
);
const upper = mergeInput('upper', ['/usr/bin/up file 0755', '/usr/share/data/more', '/usr/share/late directory'], {
  control: {
    postinst: debconf(
      'update-alternatives --install /usr/bin/tool tool /usr/bin/up 20',
      'db_get lower/other && echo "other: $RET" >> /log',
      'db_get lower/q || echo "q: $?" >> /log',
      'dpkg-query -s lower | grep Status >> /log',
      'ls -l /usr/bin/lower >> /log',
      'missing-thing',
    ),
    triggers: 'interest-noawait nobody-yet\ninterest-noawait /usr/share/late\n',
  },
});
const last = mergeInput('last', ['/usr/lib directory 0711', '/usr/share/late/x', '/usr/share/data/y'], {
  control: { postinst: sh('update-alternatives --display tool >> /log', 'rm /usr/bin/low') },
});
const diverter = mergeInput('diverter', ['/etc/x', '/usr/bin/di file'], {
  control: { preinst: sh('dpkg-divert --package diverter --rename --divert /etc/x.real --add /etc/x') },
});
const stanza = (name: string) => ({ control: { control: `Package: ${name}\nVersion: 1\nArchitecture: amd64\n` } });
const dpkg = mergeInput('dpkg', ['/usr/bin/dpkg file 0755'], stanza('dpkg'));
const basePasswd = mergeInput('base-passwd', [], {
  control: { ...stanza('base-passwd').control, postinst: sh('echo root:x:0:0:root:/root:/bin/bash > /etc/passwd') },
});

const LEVELS = [
  level('one', {
    accounts: { users: [user('root', 0, '/usr/sbin/nologin'), user('web', 33, '/bin/false')], groups: [] },
    paths: [{ ...unset, type: 'file', path: '/etc/made', content: 'one' }],
  }),
  level('two', {
    accounts: { users: [user('root', 0, '/bin/sh')], groups: [{ groupname: 'g', gid: 5, members: [] }] },
  }),
  level('three', { paths: [{ ...unset, type: 'symlink', path: '/etc/made', source: '/nowhere' }] }),
];

const CHAINS: Readonly<Record<string, Chain>> = {
  'without dpkg': { levels: LEVELS, stages: { one: [lower], two: [upper], three: [last] } },
  'where dpkg comes last': { levels: LEVELS, stages: { one: [lower], two: [upper], three: [last, dpkg] } },
  'where accounts wait': { levels: LEVELS, stages: { one: [lower], two: [upper], three: [basePasswd, last] } },
  'where accounts wait in vain for long': {
    levels: LEVELS,
    stages: { one: [lower], two: [basePasswd], three: [last] },
  },
  'with a diversion': { levels: LEVELS, stages: { one: [lower, diverter], two: [upper], three: [last] } },
  'with a later diversion': { levels: LEVELS, stages: { one: [lower], two: [diverter], three: [upper] } },
  'where the last has no packages': { levels: LEVELS, stages: { one: [lower], two: [upper] } },
};
const NAMES = Object.keys(CHAINS);

async function stage(
  { levels, stages, configure, isShared = true }: Chain,
  store: Store,
  allTrees = false,
): Promise<Staged> {
  const packages = Object.values(stages).flat();
  const plan = planOf(stages);
  const setting = {
    plan,
    base: undefined,
    profile: {
      name: 'p',
      configure,
      debconf: [{ question: 'lower/other', value: 'answered' }],
      levels,
    } as unknown as Profile,
    architectures: { native: 'amd64', foreign: [] },
    archives: [],
    isAutomatic: packages.map(() => false),
    epoch: 86_400,
    isShared,
  };
  const stageKeys = keysOfStages(setting, packages);
  const clock = createStepClock(() => {});
  const staged = await mergeAndConfigure({ ...setting, packages, stageKeys, keepStages: allTrees, store, clock });
  await keepStages(store, staged.fresh);
  return staged;
}

/** All of a tree, hard links by the first name of each file. */
function allOf(tree: Tree): unknown[] {
  const names = new Map<TreeNode, string>();
  return [...tree.walk()].map(([path, node]) => {
    const first = names.get(node);
    if (first !== undefined) return [path, first];
    names.set(node, path);
    return node.type === 'directory' ? [path, { ...node, children: [...node.children.keys()] }] : [path, node];
  });
}
const seen = ({ tree, stages, scripts }: Staged) => {
  return { tree: allOf(tree), stages: stages.map((one) => [one.name, allOf(one.tree)]), scripts };
};
const kept = ({ fresh }: Staged) => fresh.map(({ bytes }) => deserialize(bytes));
const newStore = () => openStore(join(testDirectory(), 'cache'));
const chainOf = (name: string): Chain => CHAINS[name] as Chain;
const forget = ({ directory }: Store, { fresh }: Staged, from: number): void => {
  for (const { key } of fresh.slice(from)) rmSync(entryPath(directory, 'stages', key));
};

describe.each(NAMES)('a chain of stages %s', (name) => {
  it.each([
    [1, false],
    [2, false],
    [3, false],
    [1, true],
    [2, true],
    [3, true],
  ])('is the same where %i are kept (the trees of all are wanted: %s)', async (count, allTrees) => {
    const store = await newStore();
    const first = await stage(chainOf(name), store, allTrees);
    expect([first.taken, first.fresh.length]).toEqual([0, 3]);
    const right = seen(first);
    forget(store, first, count);
    const second = await stage(chainOf(name), store, allTrees);
    expect([second.taken, second.fresh.length]).toEqual([count, 3 - count]);
    expect(seen(second)).toEqual(right);
    expect(kept(second)).toEqual(kept(first).slice(count));
  });
});

describe('a chain of stages', () => {
  it('does what it is here for', async () => {
    const { tree, scripts } = await stage(chainOf('without dpkg'), await newStore());
    const log = tree.get('/log');
    const text = log?.type === 'file' && log.content.type === 'bytes' ? Buffer.from(log.content.bytes).toString() : '';
    expect(text).toMatch(/^configure \nother: answered\nq: 10\nStatus: install ok installed\n-rwsr/);
    expect(text).toContain('triggered /usr/share/data');
    expect(text).toContain('/usr/bin/up - priority 20');
    expect(scripts.map(({ outcome }) => outcome)).toContain('not-understood');
  });

  it('that begins as another one did takes its first stages', async () => {
    const store = await newStore();
    const { levels, stages } = chainOf('without dpkg');
    await stage({ levels: levels.slice(0, 2), stages: { one: [lower], two: [upper] } }, store);
    const longer = await stage({ levels, stages }, store);
    expect(longer.taken).toBe(2);
    expect(seen(longer)).toEqual(seen(await stage({ levels, stages }, await newStore())));
  });

  it('takes none where the trees of all are wanted, and the first is not there', async () => {
    const store = await newStore();
    const first = await stage(chainOf('without dpkg'), store);
    rmSync(entryPath(store.directory, 'stages', first.fresh[0]?.key ?? ''));
    expect((await stage(chainOf('without dpkg'), store, true)).taken).toBe(0);
    expect((await stage(chainOf('without dpkg'), store, true)).taken).toBe(3);
  });

  it('takes none where other packages divert what its packages share', async () => {
    const store = await newStore();
    const both = [lower, diverter];
    const one = { levels: LEVELS, stages: { one: both, two: [upper] } };
    const others = mergeInput('others', [], {
      control: { preinst: sh('dpkg-divert --package others --divert /etc/y.real --add /etc/y') },
    });
    const more = { levels: LEVELS, stages: { one: both, two: [upper], three: [others] } };
    expect((await stage(one, store)).taken).toBe(0);
    expect((await stage(more, store)).taken).toBe(0);
    // Without a path that two packages have, diversions do not matter.
    const quiet = { levels: LEVELS, stages: { one: [lower], two: [upper] } };
    expect((await stage(quiet, store)).taken).toBe(0);
    expect((await stage({ ...quiet, stages: { ...quiet.stages, three: [others] } }, store)).taken).toBe(2);
  });

  it.each<[string, Chain]>([
    ['where no script is run', { ...chainOf('without dpkg'), configure: 'none' }],
    ['where nothing is shared', { ...chainOf('without dpkg'), isShared: false }],
    ['where there is none', { levels: LEVELS, stages: { one: [mergeInput('quiet', ['/x'])] } }],
  ])('is not kept %s', async (_, chain) => {
    const store = await newStore();
    expect((await stage(chain, store)).fresh).toEqual([]);
    expect((await stage(chain, store)).taken).toBe(0);
  });

  it.each<[string, (path: string) => void]>([
    ['is cut off', (path) => truncateSync(path, 1000)],
    ['is empty', (path) => truncateSync(path, 0)],
    ['is of another', (path) => writeFileSync(path, 'another')],
    ['may be written by others', (path) => chmodSync(path, 0o666)],
    ['is a directory', (path) => [rmSync(path), mkdirSync(path)]],
  ])('is configured again where what was kept %s', async (_, harm) => {
    const store = await newStore();
    const first = await stage(chainOf('without dpkg'), store);
    for (const { key } of first.fresh) harm(entryPath(store.directory, 'stages', key));
    const second = await stage(chainOf('without dpkg'), store);
    expect(second.taken).toBe(0);
    expect(seen(second)).toEqual(seen(first));
    expect((await stage(chainOf('without dpkg'), store)).taken).toBe(3);
  });

  it('is configured again where one entry stands in the place of another', async () => {
    const store = await newStore();
    const { fresh } = await stage(chainOf('without dpkg'), store);
    const [one, , three] = fresh.map(({ key }) => entryPath(store.directory, 'stages', key));
    rmSync(three ?? '');
    linkSync(one ?? '', three ?? '');
    expect((await stage(chainOf('without dpkg'), store)).taken).toBe(2);
  });

  it('is made where nothing can be kept', async () => {
    const store = await newStore();
    writeFileSync(join(store.directory, 'stages'), 'in the way');
    const first = await stage(chainOf('without dpkg'), store);
    expect(first.fresh).toHaveLength(3);
    expect((await stage(chainOf('without dpkg'), store)).taken).toBe(0);
    expect(existsSync(join(store.directory, 'tmp')) && readdirSync(join(store.directory, 'tmp'))).toEqual([]);
  });
});
