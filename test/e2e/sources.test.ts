import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { writeArchive } from '../builder/archive.js';
import { makeDeb } from '../builder/deb.js';
import { workDirectory } from '../builder/directory.js';
import { testKey, writeKeyring } from '../builder/keys.js';
import { serveDirectory, type TestServer } from '../builder/server.js';
import { koala, koalaBuild, sha256Of } from './command.js';

const directory = workDirectory('sources');
let server: TestServer;

async function packageOf(name: string, version: string, depends?: string) {
  const control = {
    Package: name,
    Version: version,
    Architecture: 'amd64',
    Description: name,
    ...(depends === undefined ? {} : { Depends: depends }),
  };
  const files = [{ path: `/usr/share/${name}`, content: version }];
  return { control, deb: await makeDeb({ control, files, compression: 'zst' }) };
}

beforeAll(async () => {
  const archive = join(directory, 'archive');
  const library = await packageOf('libhello', '1.0');
  const packages = [await packageOf('hello', '1.0'), await packageOf('hello', '2.0', 'libhello'), library];
  await writeArchive({ directory: archive, suite: './', packages });
  const newer = [await packageOf('hello', '3.0', 'libhello (>= 2)'), await packageOf('libhello', '2.0')];
  await writeArchive({ directory: archive, suite: 'next', packages: newer, release: { NotAutomatic: 'yes' } });
  const local = await packageOf('hello', '0.1~local', 'libhello');
  writeFileSync(join(directory, 'hello.deb'), local.deb);
  writeFileSync(join(directory, 'text.deb'), 'no archive');
  await writeKeyring(directory, 'keyring.asc', [await testKey()]);
  server = await serveDirectory(archive);
  const flat = `{ suite: ./, keyring: ./keyring.asc, uris: ["${server.url}"] }`;
  const next = `{ suite: next, keyring: ./keyring.asc, uris: ["${server.url}"] }`;
  const profile = (archives: string, more = ''): string =>
    `name: p\ndescription: For tests\nsuite: test\narchives: [${archives}]\n${more}stages: [{ name: one, packages: [hello] }]\n`;
  writeFileSync(join(directory, 'flat.yaml'), profile(flat));
  writeFileSync(join(directory, 'both.yaml'), profile(`${flat}, ${next}`));
  const pins = 'pins: [{ package: "*hello", suite: next, priority: 990, reason: For the test }]\n';
  writeFileSync(join(directory, 'pinned.yaml'), profile(`${flat}, ${next}`, pins));
  const key = (await testKey()).certificate.trimEnd().replace(/^$/gm, '.').replace(/^/gm, ' ');
  const entry = (suite: string, more: string): string => `Types: deb\nURIs: ${server.url}\nSuites: ${suite}\n${more}\n`;
  writeFileSync(join(directory, 'signed.sources'), entry('./', `Signed-By:\n${key}\n`));
  writeFileSync(join(directory, 'trusted.list'), `deb [trusted=yes] ${server.url} next main\n`);
});

afterAll(() => server.close());

const args = (profile: string, ...more: string[]): string[] => {
  const places = ['--arch', 'amd64', '--cache-dir', join(directory, 'cache'), '--output', join(directory, 'out.tar')];
  return ['--profile', `./${profile}.yaml`, ...places, ...more];
};
const build = (profile: string, ...more: string[]) => koalaBuild(args(profile, ...more), { cwd: directory });
const chosen = ({ packages }: BuildSummary): string =>
  packages
    .map(({ name, version }) => `${name}=${version}`)
    .sort()
    .join(' ');

describe('packages come from', () => {
  it.each([
    ['a flat archive', 'flat', [], 'hello=2.0 libhello=1.0'],
    ['several, by their priorities', 'both', [], 'hello=2.0 libhello=1.0'],
    ['several, by pins', 'pinned', [], 'hello=3.0 libhello=2.0'],
    ['a version that is asked for', 'both', ['--include', 'hello=1.0'], 'hello=1.0'],
    ['a release that is asked for', 'both', ['--include', 'hello/next'], 'hello=3.0 libhello=2.0'],
    ['--sources with a key in it', 'pinned', ['--sources', 'signed.sources'], 'hello=2.0 libhello=1.0'],
    [
      '--sources, two of them',
      'both',
      ['--sources', 'signed.sources', '--sources', 'trusted.list'],
      'hello=2.0 libhello=1.0',
    ],
    ['a local .deb', 'both', ['--include', './hello.deb'], 'hello=0.1~local libhello=1.0'],
  ])('%s', async (_, profile, more, expected) => {
    expect(chosen(await build(profile, ...more))).toBe(expected);
  });

  it('a local .deb by its digest, with the same bytes each time', async () => {
    const first = await build('flat', '--include', './hello.deb');
    expect(first.packages.find(({ name }) => name === 'hello')?.sha256).toBe(sha256Of(join(directory, 'hello.deb')));
    expect((await build('flat', '--include', join(directory, 'hello.deb'))).output.sha256).toBe(first.output.sha256);
  });

  it('a trusted archive with a warning', async () => {
    const { warnings, archives } = await build('flat', '--sources', 'trusted.list');
    expect(warnings).toContainEqual(expect.stringMatching(/^NOT VERIFIED: next at .*as trusted\.list:1 says/));
    expect(archives.map(({ signedBy }) => signedBy)).toEqual([[]]);
  });
});

describe('it is refused', () => {
  it.each([
    [
      'a version that there is not',
      1,
      ['--include', 'hello=7'],
      'cannot choose hello=7: there is only 3.0 (next), 2.0',
    ],
    ['a file that is not there', 2, ['--include', './none.deb'], 'cannot include ./none.deb: '],
    ['a file that is no .deb', 1, ['--include', './text.deb'], 'text.deb'],
    [
      'two places at once',
      2,
      ['--sources', 'trusted.list', '--mirror', 'http://127.0.0.1:1'],
      'cannot do both: --sources',
    ],
  ])('%s', async (_, status, more, message) => {
    const outcome = await koala(args('both', ...more), { cwd: directory });
    expect(outcome.stderr).toContain(message);
    expect(outcome.status).toBe(status);
  });
});
