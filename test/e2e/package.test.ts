import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { workDirectory } from '../builder/directory.js';
import { testArchive } from './archive.js';
import { sha256Of } from './command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = workDirectory('package');
const archive = await testArchive(work);

/** As `npm` with the machine's own settings; `--ignore-scripts` since `prepack` would rebuild what other tests run. */
function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, encoding: 'utf8' });
}

describe('the packed package', { timeout: 300_000 }, () => {
  it('has what a user needs, and nothing else', () => {
    const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json'], root)) as [{ files: { path: string }[] }];
    const tops = new Set(files.map(({ path }) => path.replace(/\/.*/, '')));
    expect([...tops].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'package.json',
      'profiles',
    ]);
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['bin/koala-bootstrap.js', 'dist/cli/main.js', 'profiles/base.yaml']));
    expect(paths).toContain('profiles/profile.schema.json');
    // What worker threads run stands in the bundle under its own name.
    const scripts = paths
      .filter((path) => /^dist\/(?!program\/).*\.js$/.test(path))
      .flatMap((path) => [
        ...readFileSync(join(root, path), 'utf8').matchAll(/new URL\('\.\/([^']+)', import\.meta\.url/g),
      ])
      .map(([, name]) => `dist/program/${name}`);
    expect(scripts.length).toBeGreaterThan(2);
    expect(paths).toEqual(expect.arrayContaining(['dist/program/main.js', 'dist/program/digest', ...scripts]));
    expect(paths.filter((path) => /\.(?:test|spec)\.|\.tsbuildinfo$|\.map$|\.v8$/.test(path))).toEqual([]);
  });

  it('has the same bytes from two clones, whatever their place, umask and times', () => {
    const digests = ['one', 'another place'].map((name, at) => {
      const clone = join(work, name);
      const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
      const script = `umask ${at === 0 ? '022' : '077'}; mkdir "$1"; xargs -0 cp --parents -t "$1"; ln -s "$2/node_modules" "$1/node_modules"`;
      execFileSync('sh', ['-c', script, 'sh', clone, root], {
        cwd: root,
        input: files
          .filter((file) => /^(?:bin|src|profiles|[^/]*$)/.test(file) && existsSync(join(root, file)))
          .join('\0'),
      });
      // With its scripts: `prepack` compiles, and sets modes, which npm takes as they are.
      const env = { ...process.env, TZ: at === 0 ? 'UTC' : 'Asia/Kathmandu' };
      const packed = execFileSync('npm', ['pack', '--json', '--foreground-scripts=false'], {
        cwd: clone,
        encoding: 'utf8',
        env,
      });
      const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('['))) as [{ filename: string }];
      return sha256Of(join(clone, filename));
    });
    expect(digests[1]).toBe(digests[0]);
  });

  it('installs and builds in an empty directory', async () => {
    const place = join(work, 'empty');
    mkdirSync(place);
    const [{ filename }] = JSON.parse(npm(['pack', '--json', '--pack-destination', work], root)) as [
      { filename: string },
    ];
    writeFileSync(join(place, 'package.json'), '{ "private": true }');
    npm(['install', join(work, filename)], place);
    const bin = join(place, 'node_modules/.bin/koala-bootstrap');
    const run = (...args: readonly string[]) => execFileSync(bin, args, { cwd: place, encoding: 'utf8' });
    expect(run('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run('profiles')).toContain('minbase');
    // The archive is served by this process, so the child must not block it.
    const { execFile } = await import('node:child_process');
    await new Promise<void>((resolve, reject) => {
      execFile(bin, [...archive.args, '--cache-dir', join(work, 'cache'), '-o', 'out.tar'], { cwd: place }, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    expect(sha256Of(join(place, 'out.tar'))).toMatch(/^[0-9a-f]{64}$/);
  });
});
