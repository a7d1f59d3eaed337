import { spawnSync } from 'node:child_process';

/** Whether a program is installed; tests that need one say aloud that they are skipped. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore', input: '' }).error === undefined;
}
