import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadProfile } from '../../src/profile/load.js';
import { workDirectory } from '../builder/directory.js';
import { hasProgram } from '../builder/programs.js';
import { DockerRegistry } from './docker-registry.js';
import { hasArchive, WHY_NO_ARCHIVE } from './real-archive.js';

/** What stands in the commands for a registry. */
const REGISTRY = 'localhost:5000';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const work = workDirectory('readme');

/** The fenced blocks of a language, without comments behind commands. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

const commands = blocks('sh').flatMap((block) =>
  block
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, '')),
);
const [buildLine = '', testLine = '', ...uses] = commands;

/** A copy of what git has, as a fresh clone is, changes not committed yet included. */
function freshClone(): string {
  const clone = join(work, 'clone');
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files
    .trim()
    .split('\n')
    .filter((name) => existsSync(join(root, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
  return clone;
}

/** Runs a line as a user's shell does; what it said is shown where it fails. */
function run(line: string, cwd: string, environment: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  expect({ line, status, said: status === 0 ? '' : stdout + stderr }).toEqual({ line, status: 0, said: '' });
}

describe('README.md', () => {
  it('has the line that .ci/run calls to test', () => {
    expect(testLine).toBe('npm ci && npm test');
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain(`\n${testLine} `);
  });

  it('shows a profile that is the one of its commands', () => {
    expect(uses).toContain('koala-bootstrap --profile ./web.yaml');
    expect(blocks('yaml')).toHaveLength(4);
  });

  it('shows archives and pins that hold', async () => {
    const file = join(work, 'tools.yaml');
    writeFileSync(file, blocks('yaml')[3] ?? '');
    const profile = await loadProfile(file, {
      profilesDirectory: join(root, 'profiles'),
      allowPaths: ['/srv/tools'],
    });
    expect(profile.archives.map(({ suite }) => suite)).toEqual([`\${suite}`, `\${suite}-security`, './']);
    expect(profile.pins).toHaveLength(3);
  });

  describe.skipIf(!hasArchive)(`its commands (${WHY_NO_ARCHIVE})`, { timeout: 600_000 }, () => {
    it('line one, in a fresh clone, gives a rootfs', () => {
      expect(buildLine).toBe('npm ci && npm run build && bin/koala-bootstrap.js --profile base');
      const clone = freshClone();
      run(buildLine, clone, { XDG_CACHE_HOME: join(work, 'cache') });
      const tars = execFileSync('sh', ['-c', 'ls *.tar'], { cwd: clone, encoding: 'utf8' });
      expect(tars).toMatch(/^base-trixie-[a-z0-9]+\.tar\n$/);
    });

    let registry: DockerRegistry | undefined;
    afterAll(() => registry?.kill());

    it.for(uses)('%s', async (line, { skip }) => {
      if (line.includes(REGISTRY)) {
        skip(!hasProgram('docker-registry'), 'docker-registry is not installed');
        registry ??= await DockerRegistry.start(mkdtempSync(join(work, 'registry-')));
      }
      const place = join(work, 'use');
      const bin = join(work, 'bin');
      if (!existsSync(place)) {
        mkdirSync(place);
        mkdirSync(bin);
        symlinkSync(join(root, 'bin/koala-bootstrap.js'), join(bin, 'koala-bootstrap'));
        writeFileSync(join(place, 'web.yaml'), blocks('yaml')[2] ?? '');
      }
      run(line.replaceAll(REGISTRY, registry?.host ?? ''), place, {
        XDG_CACHE_HOME: join(work, 'cache'),
        DOCKER_CONFIG: join(work, 'docker'),
        TOKEN: 'secret',
        PATH: `${bin}:${process.env['PATH']}`,
      });
    });
  });
});
