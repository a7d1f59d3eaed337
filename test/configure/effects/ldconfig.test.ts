import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareLibraries } from '../../../src/configure/effects/ld-cache.js';
import { describeDirectory, hasTool, isRoot, readHost, treeOf, World, withDirectory } from './harness.js';

const LIBRARIES = '/lib/x86_64-linux-gnu';
const possible = isRoot() && hasTool('ldconfig') && existsSync(LIBRARIES);

describe('ldconfig', () => {
  it.each([
    ['libx.so.2', 'libx.so.10', -1],
    ['libx.so.1', 'libx.so.1', 0],
    ['lib9.so', 'liba.so', 1],
    ['libx.so.1', 'libx.so', 1],
  ])('orders %s and %s', (a, b, order) => {
    expect(Math.sign(compareLibraries(a, b))).toBe(order);
  });

  // Needs root for the real tool's -r, and libraries of amd64.
  it.skipIf(!possible)('writes the cache and the links that the real one writes', () => {
    withDirectory((directory) => {
      const [real, ours] = [`${directory}/real`, `${directory}/ours`];
      for (const path of [
        `/usr${LIBRARIES}`,
        '/usr/sbin',
        '/etc/ld.so.conf.d',
        '/usr/lib/one/glibc-hwcaps/x86-64-v3',
        '/usr/lib/one/glibc-hwcaps/x86-64-v2',
        '/opt',
        '/var/cache/ldconfig',
      ]) {
        mkdirSync(real + path, { recursive: true });
      }
      symlinkSync('usr/lib', `${real}/lib`);
      symlinkSync('usr/sbin', `${real}/sbin`);
      const names = readdirSync(LIBRARIES)
        .filter((name) => /^lib[a-z]*\.so\.\d+$/.test(name))
        .slice(0, 40);
      for (const [index, name] of names.entries()) {
        const target =
          index % 7 === 0
            ? `/usr/lib/one/glibc-hwcaps/x86-64-v${2 + (index % 2)}`
            : index % 5 === 0
              ? '/usr/lib/one'
              : `/usr${LIBRARIES}`;
        // Another name than the soname, so that the link has to be made.
        copyFileSync(realpathSync(`${LIBRARIES}/${name}`), `${real}${target}/${name}${index % 3 === 0 ? '.0.1' : ''}`);
      }
      copyFileSync(
        spawnSync('sh', ['-c', 'command -v ldconfig'], { encoding: 'utf8' }).stdout.trim(),
        `${real}/usr/sbin/ldconfig`,
      );
      symlinkSync('libgone.so.1.2', `${real}/usr${LIBRARIES}/libgone.so.1`);
      symlinkSync(names[1] ?? '', `${real}/usr${LIBRARIES}/libdevelopment.so`);
      writeFileSync(`${real}/usr${LIBRARIES}/libtext.so.1`, 'no library');
      writeFileSync(`${real}/etc/ld.so.conf`, 'include /etc/ld.so.conf.d/*.conf\n');
      writeFileSync(`${real}/etc/ld.so.conf.d/one.conf`, '# one\n/usr/lib/one\n/missing\n');
      writeFileSync(`${real}/etc/ld.so.conf.d/two.conf`, `${LIBRARIES}\n/usr${LIBRARIES}\n`);
      cpSync(real, ours, { recursive: true, verbatimSymlinks: true });
      const it = new World(treeOf(ours));
      expect(it.run(['ldconfig']).status).toBe(0);
      expect(spawnSync('ldconfig', ['-r', real]).status).toBe(0);
      const cache = it.read('/etc/ld.so.cache') ?? '';
      expect(
        Buffer.from(cache, 'latin1').equals(Buffer.from(readHost(`${real}/etc/ld.so.cache`) ?? '', 'latin1')),
      ).toBe(true);
      const links = (lines: string[]): string[] =>
        lines.filter((line) => / symlink 777 /.test(line.slice(0, 120))).sort();
      expect(links(it.entries())).toEqual(links(describeDirectory(real)));
    });
  });
});
