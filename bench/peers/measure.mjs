import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIME = '/usr/bin/time';

/** Without it, CPU time and memory of another process are not to be had. */
export const hasTime = existsSync(TIME);

/**
 * Runs a command and waits for it.
 *
 * @returns wall and CPU seconds of all of its processes, and the peak memory of the largest in MB
 */
export function measure(command, { cwd, environment = {} } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'koala-time-'));
  const report = join(scratch, 'report');
  const [program, ...args] = hasTime ? [TIME, '-q', '-o', report, '-f', '%e %U %S %M', ...command] : command;
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 26,
  });
  const wall = (performance.now() - start) / 1000;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}:\n${String(stderr).slice(-2000)}`);
  const [, user = 0, system = 0, kilobytes = 0] = hasTime
    ? readFileSync(report, 'utf8').trim().split(' ').map(Number)
    : [];
  rmSync(scratch, { recursive: true });
  return { wall, cpu: user + system, peak: kilobytes / 1024 };
}
