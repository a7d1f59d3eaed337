/** The same packages as in a build of ours, configured by dpkg in a chroot. Needs root, mmdebstrap and apt. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `SOURCE_DATE_EPOCH` of both sides. */
export const EPOCH = '1750000000';

const KEYRING = fileURLToPath(new URL('../../profiles/keyrings/debian-archive', import.meta.url));
const HOOKS = '/usr/share/mmdebstrap/hooks/merged-usr';
const ENVIRONMENT = {
  ...process.env,
  SOURCE_DATE_EPOCH: EPOCH,
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  LC_ALL: 'C.UTF-8',
};

/** The archives that a build read, for sources.list(5). */
function sourceLines({ archives, suite }) {
  const keys = readdirSync(KEYRING).filter((name) => name.endsWith('.asc'));
  const signedBy = keys.map((name) => join(KEYRING, name)).join(',');
  return archives.map(({ url }) => {
    const [, base, name = suite] = /^(.*)\/dists\/(.*)\/[^/]+$/.exec(url) ?? [];
    return `deb [signed-by=${signedBy}] ${base} ${name} main`;
  });
}

/** Unpacks all packages of a build's summary, then has dpkg install them in one go: `mmdebstrap --variant=custom`. */
export async function mmdebstrap(summary, tar) {
  const { suite, architecture, packages } = summary;
  const hook = suite === 'bookworm' ? [`--hook-dir=${HOOKS}`] : [];
  const include = `--include=${packages.map(({ name }) => name).join(',')}`;
  const options = [
    '--quiet',
    '--variant=custom',
    '--mode=root',
    `--architectures=${architecture}`,
    '--dpkgopt=force-unsafe-io',
    ...hook,
    include,
  ];
  await run('mmdebstrap', [...options, suite, tar, ...sourceLines(summary)], {
    env: { ...ENVIRONMENT, TMPDIR: dirname(tar) },
    maxBuffer: 1 << 28,
  });
}

/**
 * Adds packages to a tree that mmdebstrap made, with apt, for which a second suffices where mmdebstrap would take ten: the
 * mounts, the switches against services, and the clearing up are mmdebstrap's (its setup_mounts and run_cleanup).
 */
export class AptPeer {
  #base;
  #work;
  #scratch;
  #configuration;
  #root;

  /**
   * @param base the tar of the tree to start from
   * @param work a directory for the lists, the .debs and the tree unpacked, which several may share; best in memory
   * @param scratch a directory for this one alone, removed by whoever made it
   */
  constructor(base, work, scratch) {
    this.#base = base;
    this.#work = work;
    this.#scratch = scratch;
    this.#root = join(scratch, 'root');
    this.#configuration = join(scratch, 'apt.conf');
  }

  /** Fetches the indices, where they are not there yet. */
  async open(summary) {
    const [lists, debs, pristine] = ['lists', 'archives', 'pristine'].map((name) => join(this.#work, name));
    for (const directory of [lists, debs]) await mkdir(join(directory, 'partial'), { recursive: true });
    const sources = join(this.#scratch, 'sources.list');
    await writeFile(sources, sourceLines(summary).join('\n').concat('\n'));
    await writeFile(
      this.#configuration,
      [
        `Dir "${this.#root}";`,
        `Dir::State::lists "${lists}";`,
        `Dir::Etc::sourcelist "${sources}";`,
        'Dir::Etc::sourceparts "/dev/null";',
        `Dir::Cache "${join(this.#scratch, 'cache')}";`,
        `Dir::Cache::archives "${this.#root}/var/cache/apt/archives";`,
        'Dir::Bin::methods "/usr/lib/apt/methods";',
        'Dir::Bin::dpkg "dpkg";',
        'Dir::Log "/dev/null";',
        `DPkg::Chroot-Directory "${this.#root}";`,
        'DPkg::Options { "--force-unsafe-io"; };',
        'DPkg::Use-Pty "false";',
        `APT::Architecture "${summary.architecture}";`,
        `APT::Architectures { "${summary.architecture}"; };`,
        'APT::Install-Recommends "false";',
        'APT::Keep-Downloaded-Packages "true";',
        'APT::Sandbox::User "root";',
        'Acquire::Languages "none";',
        'Debug::NoLocking "true";',
      ].join('\n'),
    );
    await mkdir(join(this.#scratch, 'cache'), { recursive: true });
    if (!existsSync(pristine)) {
      await mkdir(pristine);
      await run('tar', ['-C', pristine, '--xattrs', '--xattrs-include=*', '-xf', this.#base]);
    }
    if (!readdirSync(lists).some((name) => name.endsWith('_Packages'))) {
      await this.#inNamespace('mkdir -p "$root"; apt-get -qq update');
    }
  }

  /**
   * Makes a tar of the tree with these packages, `name=version` each.
   *
   * @throws Error with what apt or dpkg said where that fails
   */
  async install(packages, tar) {
    await this.#inNamespace(
      `
      cp -a "$work/pristine" "$root"
      mount -t tmpfs tmpfs "$root/dev"
      mkdir "$root/dev/pts" "$root/dev/shm"
      for node in null zero full random urandom tty; do
        touch "$root/dev/$node" && mount --bind "/dev/$node" "$root/dev/$node"
      done
      ln -s /proc/self/fd "$root/dev/fd"
      mount -t proc proc "$root/proc"
      mount -t sysfs -o ro sysfs "$root/sys"
      mount --bind "$work/archives" "$root/var/cache/apt/archives"
      cp /etc/resolv.conf "$root/etc/resolv.conf"
      printf '#!/bin/sh\\nexit 101\\n' >"$root/usr/sbin/policy-rc.d"
      mv "$root/sbin/start-stop-daemon" "$root/sbin/start-stop-daemon.REAL"
      printf '#!/bin/sh\\n' >"$root/sbin/start-stop-daemon"
      chmod 755 "$root/usr/sbin/policy-rc.d" "$root/sbin/start-stop-daemon"
      if [ $# -gt 0 ]; then apt-get -q -y install "$@"; fi
      rm "$root/usr/sbin/policy-rc.d"
      mv "$root/sbin/start-stop-daemon.REAL" "$root/sbin/start-stop-daemon"
      for path in dev proc sys; do umount -R "$root/$path"; done
      umount "$root/var/cache/apt/archives"
      rm -f "$root/var/lib/dbus/machine-id"
      find "$root/run" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -r {} +
      find "$root/tmp" -mindepth 1 -maxdepth 1 -exec rm -r {} +
      tar -C "$root" --sort=name --numeric-owner --xattrs --xattrs-include='*' --format=pax -cf "$tar" .
      `,
      packages,
      tar,
    );
  }

  /** Runs a script with mounts and processes of its own, which end with it. */
  async #inNamespace(script, args = [], tar = '') {
    const namespace = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
    await rm(this.#root, { recursive: true, force: true });
    try {
      await run('unshare', [...namespace, 'sh', '-euc', script, 'sh', ...args], {
        env: { ...ENVIRONMENT, APT_CONFIG: this.#configuration, root: this.#root, work: this.#work, tar },
        maxBuffer: 1 << 28,
      });
    } catch (error) {
      throw new Error(`${error.stdout ?? ''}${error.stderr ?? error.message}`, { cause: error });
    } finally {
      await rm(this.#root, { recursive: true, force: true });
    }
  }
}
