import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandsFor } from '../../../src/configure/policy.js';
import { bufferOf } from '../../../src/configure/shell/bytes.js';
import { runScript } from '../../../src/configure/shell/script.js';
import { makeSystem } from '../shell/system.js';

interface Ran {
  readonly status: number;
  readonly stdout: string;
}

/** Whether this machine has a program. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Runs a snippet with our shell and our commands in `/t/w` of an empty tree. */
export function runOurs(script: string): Ran {
  const { system } = makeSystem({
    directories: ['/t/w', '/dev', '/tmp'],
    files: { '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n', '/etc/group': 'root:x:0:\n' },
  });
  const { status, stdout } = runScript(
    { ...system, commands: commandsFor('full'), alwaysThere: () => true },
    { script, name: 'script', cwd: '/t/w', environment: new Map([['PATH', '/usr/bin:/bin']]) },
  );
  return { status, stdout };
}

/** Runs a snippet with the machine's shell and programs in an empty directory. */
export function runReal(script: string, shell: string): Ran {
  const home = mkdtempSync(join(tmpdir(), 'koala-real-'));
  try {
    mkdirSync(join(home, 'w'));
    writeFileSync(join(home, 'script'), bufferOf(script));
    // A file, as Node's pipes are sockets, which cannot be opened again as /dev/stdout.
    const output = openSync(join(home, 'stdout'), 'w');
    const ran = spawnSync(shell, ['../script'], {
      cwd: join(home, 'w'),
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', output, 'ignore'],
      timeout: 10_000,
    });
    closeSync(output);
    return { status: ran.status ?? -1, stdout: readFileSync(join(home, 'stdout'), 'latin1').replaceAll(home, '/t') };
  } finally {
    rmSync(home, { recursive: true });
  }
}
