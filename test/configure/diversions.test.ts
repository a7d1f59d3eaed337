import { expect, it } from 'vitest';
import { preinstDiversions } from '../../src/configure/diversions.js';
import { scriptRunner } from '../../src/configure/run-scripts.js';
import { mergePackages } from '../../src/rootfs/merge.js';
import { mergeInput } from '../rootfs/inputs.js';
import { listTree } from '../rootfs/listing.js';

const EPOCH = 1_750_000_000;
const ARCHITECTURES = { native: 'amd64', foreign: [] };
const PREINST = `#!/bin/sh
set -e
if [ "$1" = install ]; then
  dpkg-divert --package tool --rename --divert /usr/bin/tool.lib --add /bin/tool
fi
`;

it.each([
  ['first', true],
  ['last', false],
])('a path that the preinst of a package diverts is its own, merged %s', (_, first) => {
  const tool = mergeInput('tool', ['/bin/tool file 0755'], { control: { preinst: PREINST } });
  const lib = mergeInput('lib', ['/var/lib/dpkg directory', '/usr/bin/tool file 0750']);
  const packages = first ? [tool, lib] : [lib, tool];
  const diversions = (): ReturnType<typeof preinstDiversions> => preinstDiversions(packages, ARCHITECTURES, EPOCH);
  expect(diversions()).toEqual([{ from: '/bin/tool', to: '/usr/bin/tool.lib', package: 'tool' }]);
  const tree = mergePackages(packages, 'amd64', EPOCH, [], diversions);
  const audit = scriptRunner(tree, { architectures: ARCHITECTURES, epoch: EPOCH, mode: 'full' }).run(packages);
  expect(audit.map(({ outcome }) => outcome)).toEqual(['interpreted']);
  expect(listTree(tree).filter((line) => line.includes('tool'))).toEqual([
    '/usr/bin/tool file 0755 0:0 [tool]',
    '/usr/bin/tool.lib file 0750 0:0 [lib]',
  ]);
});

it('of another package does not make two packages fit', () => {
  const packages = ['a', 'b'].map((name) => mergeInput(name, ['/f file']));
  const other = (): { from: string; to: string; package: string }[] => [{ from: '/f', to: '/g', package: 'c' }];
  expect(() => mergePackages(packages, 'amd64', EPOCH, [], other)).toThrow('/f is also in a');
});
