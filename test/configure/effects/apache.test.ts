import { expect, it } from 'vitest';
import { World } from './harness.js';

const ETC = '/etc/apache2';
const FILES = {
  [`${ETC}/mods-available/a.load`]: '# Depends: b c\nLoadModule a\n',
  [`${ETC}/mods-available/b.load`]: 'LoadModule b\n# Depends: none\n',
  [`${ETC}/mods-available/b.conf`]: '',
  [`${ETC}/mods-available/c.load`]: '# Conflicts: d\n',
  [`${ETC}/mods-available/d.load`]: '',
  [`${ETC}/mods-enabled/`]: '',
  [`${ETC}/sites-available/000-default.conf`]: '# Depends: a\n',
  [`${ETC}/sites-enabled/`]: '',
};

// What a2enmod of apache2 2.4.65 does.
it.each<[calls: string[][], statuses: number[], enabled: string[], marks: string[]]>([
  [
    [['a2enmod', '-m', '-q', 'a']],
    [0],
    ['mods:a.load', 'mods:b.conf', 'mods:b.load', 'mods:c.load'],
    ['a', 'b', 'c'].map((name) => `module/enabled_by_maint/${name}`),
  ],
  [
    [
      ['a2enmod', 'd'],
      ['a2enmod', 'c'],
    ],
    [0, 1],
    ['mods:d.load'],
    ['module/enabled_by_admin/d'],
  ],
  [
    [
      ['a2enmod', 'a'],
      ['a2dismod', 'b'],
      ['a2dismod', 'a'],
    ],
    [0, 1, 0],
    ['mods:b.conf', 'mods:b.load', 'mods:c.load'],
    ['module/disabled_by_admin/a', 'module/enabled_by_admin/b', 'module/enabled_by_admin/c'],
  ],
  [[['a2dismod', '-f', 'b']], [0], [], []],
  [[['a2ensite', '000-default']], [1], [], []],
  [
    [
      ['a2enmod', '-m', '[bc].load'],
      ['a2enmod', 'a'],
      ['a2ensite', '000-default.conf'],
    ],
    [0, 0, 0],
    ['mods:a.load', 'mods:b.conf', 'mods:b.load', 'mods:c.load', 'sites:000-default.conf'],
    [
      'module/enabled_by_admin/a',
      'module/enabled_by_maint/b',
      'module/enabled_by_maint/c',
      'site/enabled_by_admin/000-default',
    ],
  ],
  [
    [
      ['a2enmod', 'nothing'],
      ['a2enmod', '-p', 'nothing'],
    ],
    [1, 0],
    [],
    [],
  ],
])('%j', (calls, statuses, enabled, marks) => {
  const it = new World().add(FILES);
  expect(calls.map((call) => it.run(call).status)).toEqual(statuses);
  const kinds = ['mods', 'sites'];
  const expected = enabled.map((entry) => {
    const [kind, name] = entry.split(':');
    return `${ETC}/${kind}-enabled/${name}: symlink 777 0:0 -> ../${kind}-available/${name}`;
  });
  expect(kinds.flatMap((kind) => it.entries(`${ETC}/${kind}-enabled`)).sort()).toEqual(expected);
  expect(
    it
      .entries('/var/lib/apache2')
      .map((line) => line.split(':')[0])
      .sort(),
  ).toEqual(marks.map((mark) => `/var/lib/apache2/${mark}`));
});
