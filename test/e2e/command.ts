import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuildSummary } from '../../src/index.js';

const BIN = fileURLToPath(new URL('../../bin/koala-bootstrap.js', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** Whether a build may take the output of an earlier one from the cache. */
  readonly reuse?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** Run with this umask, by a shell in between. */
  readonly umask?: string;
  /** What its standard input says; without it, nothing. */
  readonly input?: string;
  /** Called with what standard error says, while it runs; may kill the child. */
  readonly watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the command as a user would: the executable, in a directory, with an environment. */
export function koala(args: readonly string[], options: RunOptions): Promise<Outcome> {
  // Tests build what they look at, but for those that are about reusing.
  const isBuild = args[0]?.startsWith('-') === true || args[0] === 'build';
  const anew = isBuild && options.reuse !== true ? ['--rebuild'] : [];
  const command = [process.execPath, BIN, ...args, ...anew];
  const [program = '', ...rest] =
    options.umask === undefined ? command : ['/bin/sh', '-c', `umask ${options.umask} && exec "$@"`, 'sh', ...command];
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}).end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.watch?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs a build with `--json`; what standard error said is the message where it fails. */
export async function koalaBuild(args: readonly string[], options: RunOptions): Promise<BuildSummary> {
  const { status, stdout, stderr } = await koala([...args, '--json', '--quiet'], options);
  if (status !== 0) throw new Error(`koala-bootstrap ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as BuildSummary;
}

export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
