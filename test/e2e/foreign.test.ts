import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArchive } from '../builder/archive.js';
import { type DebFile, makeDeb } from '../builder/deb.js';
import { workDirectory } from '../builder/directory.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { serveDirectory, type TestServer } from '../builder/server.js';
import { koala, koalaBuild } from './command.js';

const base = workDirectory('foreign');
let server: TestServer;

async function packageOf(name: string, architecture: string, fields: Record<string, string>, files: DebFile[]) {
  const own = { Package: name, Version: '1', Architecture: architecture, Description: name };
  const control = { ...own, ...fields };
  return { control, deb: await makeDeb({ control, files }) };
}

/** A library of two architectures, programs of each that need it, and what an archive of one architecture has. */
beforeAll(async () => {
  const lib = (architecture: string) =>
    packageOf('lib', architecture, { 'Multi-Arch': 'same' }, [
      { path: `/usr/lib/${architecture}-linux-gnu/lib.so`, content: architecture },
      { path: '/usr/share/doc/lib/copyright', content: 'shared' },
    ]);
  const packages = [
    await lib('amd64'),
    await lib('i386'),
    await packageOf('tool', 'amd64', { Depends: 'lib' }, [{ path: '/usr/bin/tool', content: '64' }]),
    await packageOf('game', 'i386', { Depends: 'lib, dpkg, data' }, [{ path: '/usr/games/game', content: '32' }]),
    await packageOf('data', 'all', { 'Multi-Arch': 'foreign' }, [{ path: '/usr/share/data', content: 'x' }]),
    await packageOf('dpkg', 'amd64', { 'Multi-Arch': 'foreign' }, [{ path: '/usr/bin/dpkg', content: 'x' }]),
  ];
  const [own, other] = [join(base, 'archive'), join(base, 'archive/other')];
  await writeArchive({ directory: own, suite: 'test', packages, architectures: ['amd64', 'i386'] });
  await writeArchive({ directory: other, suite: 'test', packages: [await packageOf('more', 'amd64', {}, [])] });
  await writeKeyring(base, 'keyring.asc', [await testKey()]);
  server = await serveDirectory(own);
});
afterAll(() => server.close());

function args(packages: string, first = '', archives: readonly string[] = ['']): string[] {
  const profile = join(base, 'foreign.yaml');
  const listed = archives.map(
    (path) => `  - { suite: "\${suite}", kind: other, keyring: ./keyring.asc, uris: ["${server.url}${path}"] }\n`,
  );
  const head = `name: foreign\ndescription: For tests\nsuite: test\n${first}archives:\n${listed.join('')}`;
  writeFileSync(profile, `${head}stages:\n  - { name: all, packages: [${packages}] }\n`);
  return ['--profile', profile, '--arch', 'amd64', '--cache-dir', join(base, 'cache')];
}

const FOREIGN = 'foreign-architectures: [i386]\n';

describe('a build with a foreign architecture', () => {
  it('has packages of both, in the tree and in the database', async () => {
    const output = join(base, 'out');
    mkdirSync(output);
    const root = join(output, 'root');
    const options = { cwd: output };
    const summary = await koalaBuild(
      [...args('tool, "game:i386"', FOREIGN, ['', '/other']), '--format', 'dir', '--output', root],
      options,
    );
    expect(summary.packages.map(({ name, architecture }) => `${name} ${architecture}`)).toEqual([
      'data all',
      'dpkg amd64',
      'lib amd64',
      'lib i386',
      'game i386',
      'tool amd64',
    ]);
    expect(summary.warnings.join()).toContain(
      '/other/dists/test/InRelease has no packages for i386: it is not read for it',
    );
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    expect(['amd64', 'i386'].map((name) => read(`usr/lib/${name}-linux-gnu/lib.so`))).toEqual(['amd64', 'i386']);
    expect(read('usr/share/doc/lib/copyright')).toBe('shared');
    expect(read('usr/games/game')).toBe('32');
    expect(read('var/lib/dpkg/arch')).toBe('amd64\ni386\n');
    expect(read('var/lib/dpkg/info/lib:i386.list')).toContain('/usr/lib/i386-linux-gnu/lib.so\n');
    expect(read('var/lib/dpkg/status').match(/^Package: lib$/gm)).toHaveLength(2);
  });

  it('is shown with names as dpkg and apt have them', async () => {
    const shown = async (...command: string[]) => {
      const { stdout } = await koala([...command, ...args('tool, "game:i386"', FOREIGN)], { cwd: base });
      return stdout.replaceAll('→', '->');
    };
    expect(await shown('plan')).toMatch(/^lib:i386 +1 .* {2}game:i386 depends on lib$/m);
    expect(await shown('plan', '--tree')).toContain('game:i386 1, asked for\n');
    expect(await shown('plan', '--dot')).toContain('"lib:i386" [label="lib:i386\\n1"];');
    expect(await shown('plan', '--format', 'names')).toContain('lib 1 amd64\nlib 1 i386\n');
    const chain = 'lib:i386 1, stage all\nall asks for game:i386 -> depends on lib, which is lib:i386\n';
    expect(await shown('why', 'lib:i386')).toBe(chain);
    expect(await shown('why', 'lib')).toContain(`lib 1, stage all\nall asks for tool -> depends on lib\n${chain}`);
    expect(await shown('why', 'lib:amd64')).toBe('lib 1, stage all\nall asks for tool -> depends on lib\n');
  });

  it('needs the profile to say so', async () => {
    const { status, stderr } = await koala(['plan', ...args('"lib:i386"')], { cwd: base });
    expect(stderr).toContain('lib:i386 is not there, only lib 1');
    expect(status).not.toBe(0);
  });

  it('needs the main archive to have it', async () => {
    const { stderr } = await koala(['plan', ...args('more', FOREIGN, ['/other'])], { cwd: base });
    expect(stderr).toContain('cannot find packages for i386 in');
  });
});
