import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bufferOf } from '../../../src/configure/shell/bytes.js';
import { readAll, readFile } from '../../../src/configure/shell/filesystem.js';
import { PosixError } from '../../../src/configure/shell/posix-error.js';
import { runScript } from '../../../src/configure/shell/script.js';
import type { Bytes, Command } from '../../../src/configure/shell/types.js';
import { makeSystem } from './system.js';

export interface Ran {
  readonly status: number;
  readonly stdout: Bytes;
  readonly stderr: Bytes;
}

const PATH = '/t/bin';

/** The one tool that the corpus uses; a name that is missing is passed over with status 1. */
const cat: Command = (process) => {
  const names = process.args.slice(1);
  const output = process.descriptors.get(1);
  if (names.length === 0) output?.write(readAll(process.descriptors.get(0) ?? { read: () => '', write() {} }));
  let status = 0;
  for (const name of names) {
    try {
      output?.write(readFile(process, name));
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      process.descriptors.get(2)?.write(`cat: ${name}: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
};

export const hasDash = spawnSync('dash', ['-c', ':']).status === 0;

/** Runs a snippet with our shell in `/t` of an empty tree. */
export function runOurs(script: Bytes): Ran {
  const { system } = makeSystem({
    directories: ['/t/bin', '/t/w', '/dev'],
    files: { '/t/bin/cat': 'tool', '/t/bin/sh': 'tool' },
    commands: { cat },
  });
  const environment = new Map([['PATH', PATH]]);
  const { status, stdout, stderr } = runScript(system, {
    script,
    name: 'script',
    args: ['one', 'two'],
    environment,
    cwd: '/t/w',
  });
  return { status, stdout, stderr };
}

/** Runs a snippet with the real dash, in an empty directory and with nothing but `cat` and `sh`. */
export function runDash(script: Bytes): Ran {
  const home = mkdtempSync(join(tmpdir(), 'koala-dash-'));
  try {
    for (const name of ['bin', 'w']) mkdirSync(join(home, name));
    symlinkSync('/bin/cat', join(home, 'bin/cat'));
    symlinkSync('/bin/dash', join(home, 'bin/sh'));
    writeFileSync(join(home, 'script'), bufferOf(script));
    // Files, as Node's pipes are sockets, which cannot be opened again as /dev/stdout.
    const outputs = ['stdout', 'stderr'].map((name) => openSync(join(home, name), 'w'));
    const ran = spawnSync('/bin/dash', ['../script', 'one', 'two'], {
      cwd: join(home, 'w'),
      env: { PATH: join(home, 'bin'), LC_ALL: 'C' },
      stdio: ['ignore', ...outputs],
      timeout: 10_000,
    });
    for (const output of outputs) closeSync(output);
    const shown = (name: string): Bytes =>
      readFileSync(join(home, name), 'latin1').replaceAll(home, '/t').replaceAll('../script', 'script');
    return { status: ran.status ?? -1, stdout: shown('stdout'), stderr: shown('stderr') };
  } finally {
    rmSync(home, { recursive: true });
  }
}
