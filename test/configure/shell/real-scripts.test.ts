import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFile } from '../../../src/configure/shell/filesystem.js';
import { runScript } from '../../../src/configure/shell/script.js';
import type { Bytes } from '../../../src/configure/shell/types.js';
import { workDirectory } from '../../builder/directory.js';
import { hasDash } from './oracle.js';
import { makeSystem } from './system.js';

const INFO = '/var/lib/dpkg/info';
const SHELL = /^#! ?\/bin\/(?:da)?sh\b/;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** Says that it was called, and how, in one write: the commands of a pipeline run at the same time. */
const STUB = [
  '#!/bin/sh',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a script of the shell
  'line=${0##*/}',
  'for word do line="$line <$word>"; done',
  'printf "%s\\n" "$line" >> /log',
  '',
].join('\n');
const DEBCONF = [
  'beginblock',
  'capb',
  'endblock',
  'fget',
  'fset',
  'get',
  'go',
  'input',
  'metaget',
  'purge',
  'register',
  'reset',
]
  .concat(['set', 'settitle', 'stop', 'subst', 'title', 'unregister', 'version'])
  .map((name) => `db_${name}() { echo "db_${name} $*" >> /log; RET=; }\n`)
  .join('');
const DIRECTORIES = [
  '/bin',
  '/dev',
  '/etc',
  '/tmp',
  '/usr/bin',
  '/usr/sbin',
  '/usr/share/debconf',
  '/var/lib/dpkg/info',
];

interface Ran {
  readonly status: number | null;
  readonly stdout: Bytes;
  readonly log: Bytes;
}

const root = workDirectory('scripts');

/** What dash is linked with. */
const libraries = hasDash ? (spawnSync('ldd', ['/bin/dash'], { encoding: 'latin1' }).stdout.match(/\/\S+/g) ?? []) : [];

/** A root filesystem with dash and what it needs; undefined where none can be made or entered. */
function makeRoot(): string | undefined {
  if (!hasDash || process.getuid?.() !== 0 || !existsSync(INFO)) return undefined;
  for (const path of DIRECTORIES) mkdirSync(join(root, path), { recursive: true });
  for (const path of libraries) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  copyFileSync('/bin/dash', join(root, 'bin/sh'));
  spawnSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
  const entered = spawnSync('chroot', [root, '/bin/sh', '-c', 'echo in > /dev/null && echo yes'], {
    encoding: 'latin1',
  });
  return entered.stdout === 'yes\n' ? root : undefined;
}

const made = makeRoot();

const scripts = existsSync(INFO)
  ? readdirSync(INFO)
      .filter((name) => /\.(?:preinst|postinst|config|prerm|postrm)$/.test(name))
      .map((name) => ({ name, text: readFileSync(join(INFO, name), 'latin1') }))
      .filter(({ text }) => SHELL.test(text))
  : [];

/** Files that the script may call: one for each of its words. */
function filesFor(text: Bytes): Record<string, Bytes> {
  const words = new Set(text.match(/[a-z][a-z0-9._+-]*/g) ?? []);
  // Their own shell, and what the stub itself calls, are builtins or must be real.
  for (const name of ['sh', 'printf', 'echo']) words.delete(name);
  return {
    '/usr/share/debconf/confmodule': DEBCONF,
    ...Object.fromEntries([...words].map((word) => [`/usr/bin/${word}`, STUB])),
  };
}

const argsOf = (name: string): string[] =>
  name.endsWith('preinst') ? ['install'] : name.endsWith('rm') ? ['remove'] : ['configure', ''];

function byDash(home: string, name: string, text: Bytes): Ran {
  rmSync(join(home, 'usr/bin'), { recursive: true });
  rmSync(join(home, 'log'), { force: true });
  for (const path of ['etc', 'tmp', 'var']) rmSync(join(home, path), { recursive: true, force: true });
  for (const path of DIRECTORIES) mkdirSync(join(home, path), { recursive: true });
  for (const [path, content] of Object.entries({ ...filesFor(text), [`/${name}`]: text })) {
    writeFileSync(join(home, path), content, 'latin1');
    chmodSync(join(home, path), 0o755);
  }
  const { status, stdout } = spawnSync('chroot', [home, '/bin/sh', `/${name}`, ...argsOf(name)], {
    env: { PATH, LC_ALL: 'C' },
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
  });
  rmSync(join(home, name));
  const log = existsSync(join(home, 'log')) ? readFileSync(join(home, 'log'), 'latin1') : '';
  return { status, stdout, log: sorted(log) };
}

/** In which order the commands of a pipeline begin is nobody's promise. */
function sorted(log: Bytes): Bytes {
  return log.split('\n').sort().join('\n');
}

function byOurs(name: string, text: Bytes): Ran {
  const { system } = makeSystem({
    // Scripts look at /lib64 and the like.
    directories: [...DIRECTORIES, ...libraries.map((path) => dirname(path))],
    files: { '/bin/sh': 'tool', ...filesFor(text) },
    budget: { steps: 2_000_000 },
  });
  const environment = new Map([
    ['PATH', PATH],
    ['LC_ALL', 'C'],
  ]);
  const { status, stdout } = runScript(system, {
    script: text,
    name: `/${name}`,
    args: argsOf(name),
    environment,
    cwd: '/',
  });
  const world = { system, cwd: '/', umask: 0o22, identity: undefined, descriptors: new Map() };
  const log = system.tree.get('/log') === undefined ? '' : readFile(world, '/log');
  return { status, stdout, log: sorted(log) };
}

describe.skipIf(made === undefined)('maintainer scripts of this machine (skipped without dash, dpkg or root)', () => {
  it(`${scripts.length} of them do what dash does: status, output, and each call with its arguments`, {
    timeout: 600_000,
  }, () => {
    const different = scripts.flatMap(({ name, text }) => {
      const [ours, theirs] = [byOurs(name, text), byDash(made ?? '', name, text)];
      return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ name, ours, theirs }];
    });
    expect(different).toEqual([]);
    expect(scripts.length).toBeGreaterThan(50);
  });
});
