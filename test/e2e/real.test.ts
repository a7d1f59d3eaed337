import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { koalaBuild, sha256Of } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const isRoot = process.getuid?.() === 0;
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;

const work = workDirectory('real');
const cache = ['--cache-dir', join(work, 'cache')];

function listing(tar: string): string[] {
  return execFileSync('tar', ['tvf', tar], { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trimEnd()
    .split('\n');
}

/** Extracts a rootfs and runs a program of it in a chroot. */
function inChroot(tar: string, ...command: readonly string[]): string {
  const root = join(work, 'root');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  execFileSync('tar', ['-xpf', tar, '-C', root]);
  return execFileSync('chroot', [root, ...command], { encoding: 'utf8' });
}

describe.skipIf(!hasArchive)(`the real archive (${WHY_NO_ARCHIVE})`, { timeout: 300_000 }, () => {
  it.each([
    ['base', 'trixie', 'amd64', 'lib64/ld-linux-x86-64.so.2'],
    ['base', 'bookworm', 'amd64', 'lib64/ld-linux-x86-64.so.2'],
    ['base', 'trixie', 'arm64', 'lib/ld-linux-aarch64.so.1'],
    ['base', 'trixie', 'riscv64', 'lib/ld-linux-riscv64-lp64d.so.1'],
    ['static', 'trixie', 's390x', undefined],
  ])('gives %s for %s on %s', async (profile, suite, architecture, loader) => {
    const summary = await koalaBuild(['--profile', profile, '--suite', suite, '--arch', architecture, ...cache], {
      cwd: work,
    });
    const tar = join(work, `${profile}-${suite}-${architecture}.tar`);
    expect(summary.output.sha256).toBe(sha256Of(tar));
    const lines = listing(tar);
    expect(lines).toHaveLength(summary.output.entries);
    const names = lines.map((line) => line.replace(/^.*? \d\d:\d\d (.*?)(?: -> .*| link to .*)?$/, '$1'));
    for (const name of ['./', './etc/passwd', './etc/ssl/certs/ca-certificates.crt', './usr/share/zoneinfo/Etc/UTC']) {
      expect(names).toContain(name);
    }
    expect(names).toContain('./var/lib/dpkg/status.d/base-files');
    expect(names).not.toContain('./var/lib/dpkg/status');
    expect(names.filter((name) => name === `./usr/${loader}`)).toHaveLength(loader === undefined ? 0 : 1);
    expect(names.some((name) => name.includes('libc.so'))).toBe(loader !== undefined);
  });

  it('gives a debug whose busybox runs a shell, and a base whose loader starts a program', async (context) => {
    if (!isRoot || machine === undefined) context.skip('a chroot needs root, and a machine that koala can name');
    await koalaBuild(['--profile', 'debug', '--include', 'openssl', ...cache, '--output', 'debug.tar'], { cwd: work });
    const tar = join(work, 'debug.tar');
    expect(inChroot(tar, '/bin/busybox', 'sh', '-c', 'echo $((6 * 7)); ls /etc/os-release')).toBe(
      '42\n/etc/os-release\n',
    );
    expect(inChroot(tar, '/usr/bin/openssl', 'version')).toMatch(/^OpenSSL 3/);
  });

  for (const suite of ['trixie', 'bookworm']) {
    it(`gives a minbase of ${suite} with which dpkg is content`, async (context) => {
      const output = join(work, `minbase-${suite}.tar`);
      const args = ['--profile', 'minbase', '--suite', suite, ...cache, '-o', output];
      const summary = await koalaBuild(args, { cwd: work });
      expect(summary.packages.length).toBeGreaterThan(70);
      expect(summary.notConfigured).toEqual([]);
      if (!isRoot || summary.architecture !== machine) context.skip('built; a chroot needs root and this architecture');
      expect(inChroot(output, 'dpkg', '--audit')).toBe('');
      expect(inChroot(output, 'apt-get', '--version')).toMatch(/^apt \d/);
    });
  }

  it.each([
    ['base', 'base'],
    ['minbase with accounts and services', 'minbase', '--include', 'nginx-light,openssh-server'],
  ])(
    'gives the same bytes of %s from an empty cache, in another place, zone, locale and umask, by another number of jobs',
    async (_, profile, ...more) => {
      const here = join(work, 'here', profile);
      const there = join(work, 'some where ä', profile);
      mkdirSync(here, { recursive: true });
      mkdirSync(there, { recursive: true });
      const args = ['--profile', profile, ...more, '--suite', 'trixie', '--arch', 'amd64', '--output'];
      const one = await koalaBuild([...args, 'a.tar', '--jobs', '1', '--cache-dir', join(here, 'cache')], {
        cwd: here,
        umask: '077',
        environment: { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' },
      });
      const two = await koalaBuild([...args, 'b.tar', '--jobs', '4', '--cache-dir', join(there, 'cache')], {
        cwd: there,
        umask: '002',
        environment: { TZ: 'America/St_Johns', LC_ALL: 'C.UTF-8' },
      });
      expect(sha256Of(join(there, 'b.tar'))).toBe(sha256Of(join(here, 'a.tar')));
      expect(two.packages).toEqual(one.packages);
    },
  );
});
