import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { koalaBuild, sha256Of } from './command.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

const isRoot = process.getuid?.() === 0;
const machine = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined;

/** What a rootfs leaves to those who start something in it: character devices, as debootstrap makes them. */
const DEVICES = { null: [1, 3], zero: [1, 5], full: [1, 7], random: [1, 8], urandom: [1, 9] } as const;

const work = workDirectory('chroot');

function makeDevices(directory: string): boolean {
  return Object.entries(DEVICES).every(([name, [major, minor]]) => {
    const args = ['-m', '666', join(directory, name), 'c', `${major}`, `${minor}`];
    return spawnSync('mknod', args).status === 0;
  });
}

/** Nothing is mounted, so that nothing stays mounted where a test fails; devices are made in the tree itself. */
const possible = hasArchive && isRoot && machine !== undefined && makeDevices(work);

/** The machine's own way to its archive, which no tree knows of: `/etc/apt` of the tree has the official names. */
function giveNetwork(root: string, { archives }: BuildSummary): void {
  for (const path of ['/etc/resolv.conf', '/etc/hosts'].filter((name) => existsSync(name))) {
    copyFileSync(path, join(root, path));
  }
  const settings = execFileSync('apt-config', ['dump'], { encoding: 'utf8' }).split('\n');
  const own = settings.filter((line) => /^Acquire::(?:http|https|Check-|Retries)/.test(line));
  const more = ['Acquire::Languages "none";', 'Acquire::https::Verify-Peer "false";', ''];
  writeFileSync(join(root, 'etc/apt/apt.conf.d/90machine'), [...own, ...more].join('\n'));
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/unsafe'), 'force-unsafe-io\n');
  const sources = join(root, 'etc/apt/sources.list.d/debian.sources');
  const [stanza = ''] = readFileSync(sources, 'utf8').split('\n\n');
  const uri = archives[0]?.url.replace(/\/dists\/.*/, '') ?? '';
  writeFileSync(sources, `${stanza.trimEnd().replace(/^URIs: .*$/m, `URIs: ${uri}`)}\n`);
}

describe.skipIf(!possible).each(['trixie', 'bookworm'])(
  `a chroot of minbase of %s (${WHY_NO_ARCHIVE}, or not as root, or without mknod)`,
  { timeout: 300_000 },
  (suite) => {
    const root = join(work, suite);
    const cache = ['--cache-dir', join(work, 'cache')];
    let summary: BuildSummary;

    /** Runs a program of the tree; both outputs are given back, for silence is what is often wanted. */
    function run(...command: readonly string[]): { status: number | null; output: string } {
      const env = { PATH: '/usr/sbin:/usr/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
      const { status, stdout, stderr } = spawnSync('chroot', [root, ...command], { env, encoding: 'utf8' });
      return { status, output: `${stdout}${stderr}` };
    }
    function apt(...args: readonly string[]): string {
      const { status, output } = run('apt-get', '-q', ...args);
      if (status !== 0) throw new Error(`apt-get ${args.join(' ')} ended with ${status}:\n${output}`);
      return output;
    }
    function expectContent(): void {
      for (const check of ['--audit', '--verify']) expect(run('dpkg', check)).toEqual({ status: 0, output: '' });
      apt('check');
    }
    function installed(): string[] {
      const lines = run('dpkg-query', '--show').output.trimEnd().split('\n');
      return lines.map((line) => line.replace(/[:\t].*/, ''));
    }

    beforeAll(async () => {
      const tar = join(work, `${suite}.tar`);
      const args = ['--profile', 'minbase', '--suite', suite, '--include', 'cron', ...cache, '--output', tar];
      summary = await koalaBuild(args, { cwd: work });
      mkdirSync(root);
      execFileSync('tar', ['-xpf', tar, '-C', root]);
      makeDevices(join(root, 'dev'));
      giveNetwork(root, summary);
    }, 300_000);

    it('is what dpkg, apt and ldconfig find in order', () => {
      expect(summary.notConfigured).toEqual([]);
      expectContent();
      expect(run('dpkg', '--configure', '--pending')).toEqual({ status: 0, output: '' });
      const cacheOfLinker = join(root, 'etc/ld.so.cache');
      const before = sha256Of(cacheOfLinker);
      expect(run('ldconfig')).toEqual({ status: 0, output: '' });
      expect(sha256Of(cacheOfLinker)).toBe(before);
    });

    it('knows what was asked for, and has nothing to remove', () => {
      const manual = run('apt-mark', 'showmanual').output.trimEnd().split('\n');
      expect(manual).toEqual(expect.arrayContaining(['apt', 'bash', 'cron', 'dpkg', 'passwd']));
      expect(
        manual.filter((name) => name.startsWith('lib') && !name.startsWith('libpam-') && name !== 'libc-bin'),
      ).toEqual([]);
      expect(apt('--simulate', 'autoremove')).toContain('0 to remove');
    });

    it("reads its archive's indices, and installs nginx", () => {
      apt('update');
      apt('install', '-y', '--no-install-recommends', 'nginx');
      expect(installed()).toContain('nginx');
      expectContent();
    });

    it('takes packages again, and asks their questions again', () => {
      const output = apt('install', '-y', '--reinstall', 'base-files', 'base-passwd', 'bash', 'cron', 'passwd');
      expect(output).toContain('5 reinstalled');
      apt('dist-upgrade', '-y');
      apt('clean');
      expect(run('dpkg-reconfigure', 'debconf', 'dash', 'libc6').status).toBe(0);
      expectContent();
    });

    it('loses what was added, with all that came with it', () => {
      apt('purge', '-y', 'nginx', 'cron');
      apt('autoremove', '-y', '--purge');
      expectContent();
      // apt keeps what is merely suggested, or one of several alternatives, by whatever it was installed.
      expect(installed().filter((name) => /cron|nginx|iproute/.test(name))).toEqual([]);
      const find = ['find', '/etc', '/var', '-xdev', '-name', '*cron*', '-not', '-path', '/var/lib/apt/*'];
      const stays = ['/etc/cron.daily', '/etc/cron.d'];
      expect(
        run(...find)
          .output.split('\n')
          .filter((path) => path !== '' && !stays.includes(path)),
      ).toEqual([]);
    });
  },
);
