import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A private directory that goes away with the test that asked for it. */
export function testDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'koala-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A directory for all tests of a file, which goes away behind them. */
export function workDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `koala-${name}-`));
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
