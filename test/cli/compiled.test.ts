import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testDirectory } from '../builder/directory.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Names of what V8 made of modules, in a directory of the program. */
function compiledIn(program: string): string[] {
  return readdirSync(program).filter((name) => name.endsWith('.v8'));
}

/** A copy of the program that may be spoiled. */
function copyOfProgram() {
  const root = testDirectory();
  for (const part of ['bin', 'dist/program', 'package.json']) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const bin = join(root, 'bin/koala-bootstrap.js');
  return {
    program: join(root, 'dist/program'),
    start: (...args: string[]) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' }),
  };
}

describe('the program', () => {
  it('says so where it was not built', () => {
    const { program, start } = copyOfProgram();
    rmSync(program, { recursive: true });
    const { status, stdout, stderr } = start('--version');
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^koala-bootstrap: cannot start: Cannot find module [^\n]+\nhint: [^\n]*npm run build[^\n]*\n$/,
      ),
    });
  });
});

describe('compiled code', () => {
  it('is there for every module, and this V8 takes it', () => {
    const script = `
      const { compile, compiled, setFlags } = require('./bin/load.js');
      setFlags();
      const names = ${JSON.stringify(compiledIn(join(ROOT, 'dist/program')))}.map((name) => name.slice(0, -'.v8'.length));
      console.log(JSON.stringify(names.filter((name) => compile(name, compiled(name)).cachedDataRejected !== false)));`;
    expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' }))).toEqual([]);

    const modules = readdirSync(join(ROOT, 'dist/program')).filter((name) => /-[\w-]{8}\.js$/.test(name));
    expect(compiledIn(join(ROOT, 'dist/program'))).toEqual(modules.map((name) => `${name}.v8`));
    expect(modules.length).toBeGreaterThan(20);
  });

  it.each<readonly [string, (bytes: Buffer) => Buffer | undefined]>([
    ['is not there', () => undefined],
    ['is empty', () => Buffer.alloc(0)],
    ['is cut off', (bytes) => bytes.subarray(0, bytes.length >> 1)],
    ['is of another V8', (bytes) => Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), bytes.subarray(8)])],
  ])('is done without where it %s', (_, spoil) => {
    const { program, start } = copyOfProgram();
    for (const name of compiledIn(program)) {
      const path = join(program, name);
      const bytes = spoil(readFileSync(path));
      if (bytes === undefined) rmSync(path);
      else writeFileSync(path, bytes);
    }
    // Help is of a package that has ES modules only.
    const { status, stdout, stderr } = start('plan', '--help');
    expect({ status, stderr, stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('koala-bootstrap plan'),
    });
  });
});
