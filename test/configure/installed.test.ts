import { describe, expect, it } from 'vitest';
import { stageConfigurer } from '../../src/configure/configure.js';
import type { Profile } from '../../src/profile/types.js';
import { readText } from '../../src/rootfs/content.js';
import { createMerger, type MergeInput } from '../../src/rootfs/merge.js';
import { file, treeOf } from '../emit/trees.js';
import { mergeInput } from '../rootfs/inputs.js';

const DAY = 86_400;
const stanza = (name: string, more = ''): string => `Package: ${name}\nVersion: 1\nArchitecture: amd64\n${more}`;
const sh = (text: string): string => `#!/bin/sh\nset -e\n${text}\n`;

/** A tree that somebody else made, with these packages in it, and what comes to it. */
function configured(installed: readonly MergeInput[], fresh: readonly MergeInput[]) {
  const below = treeOf({
    '/etc/apt/sources.list': file('deb http://a.example/ x main\n'),
    '/usr/bin/apt-get': file('apt', { mode: 0o755 }),
    '/var/lib/dpkg/status': file('as it was\n'),
  });
  const merger = createMerger('amd64', DAY, [], () => [], { tree: below, packages: installed });
  const { configure } = stageConfigurer(merger.tree, {
    names: new Set([...installed, ...fresh].map(({ record }) => record.name)),
    profile: { name: 'p', configure: undefined, debconf: [] as Profile['debconf'] } as Profile,
    architectures: { native: 'amd64', foreign: [] },
    archives: [],
    automatic: new Set(installed.map(({ record }) => record).filter(({ name }) => name === 'lib')),
    installed,
    epoch: DAY,
  });
  merger.add(fresh);
  const audit = configure({ packages: fresh, accountsOf: [], pathsOf: [] });
  return { tree: merger.tree, audit };
}

const DPKG = mergeInput('dpkg', [], { control: { control: stanza('dpkg', 'Conffiles:\n /etc/d 0123\n') } });
const APT = mergeInput('apt', [], { control: { control: stanza('apt') } });
const LIB = mergeInput('lib', ['/usr/lib/lib.so directory'], {
  control: {
    control: stanza('lib'),
    postinst: sh('echo "$1 $2" >> /told'),
    triggers: 'interest-noawait /usr/share/data\n',
  },
});
const NEW = mergeInput('new', ['/usr/share/data/x directory'], {
  control: { control: stanza('new'), postinst: sh(`dpkg-query -W -f '\${Package} \${Status}\\n' lib > /asked`) },
});

describe('packages that are in the tree already', () => {
  it('stay as they are where nothing comes', () => {
    const { tree, audit } = configured([DPKG, APT, LIB], []);
    expect(audit).toEqual([]);
    expect(readText(tree, '/var/lib/dpkg/status')).toBe('as it was\n');
    expect(tree.get('/var/lib/dpkg/info')).toBeUndefined();
  });

  it('are known to dpkg, to its tools and to apt beside what comes', () => {
    const { tree } = configured([DPKG, APT, LIB], [NEW]);
    const status = readText(tree, '/var/lib/dpkg/status') ?? '';
    expect(status.match(/^Package: .*$/gm)).toEqual(['apt', 'dpkg', 'lib', 'new'].map((name) => `Package: ${name}`));
    expect(status).toContain('Conffiles:\n /etc/d 0123\n');
    expect(readText(tree, '/asked')).toBe('lib install ok installed\n');
    expect(readText(tree, '/var/lib/apt/extended_states')).toContain('Package: lib\n');
    // What they have of scripts and lists is in the database already.
    expect(tree.get('/var/lib/dpkg/info/lib.list')).toBeUndefined();
    expect(tree.get('/var/lib/dpkg/info/new.list')).toBeDefined();
  });

  it('hear of what they are interested in, and are not configured again', () => {
    const { tree, audit } = configured([DPKG, LIB], [NEW]);
    expect(audit.map((one) => [one.package, one.script])).toEqual([
      ['new', 'postinst'],
      ['lib', 'triggered'],
    ]);
    expect(readText(tree, '/told')).toBe('triggered /usr/share/data\n');
  });

  it('keep their archives', () => {
    expect(configured([DPKG, APT], [NEW]).tree.get('/etc/apt/sources.list.d')).toBeUndefined();
  });
});
