import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { loadProfile } from '../../src/profile/load.js';
import { BUILT_IN, MINIMAL } from './profiles.js';

const base = await mkdtemp(join(tmpdir(), 'koala-confine-'));
/** As if it came from elsewhere: what lies beside it is none of its business. */
const folder = join(base, 'from-elsewhere');

beforeAll(async () => {
  for (const directory of ['from-elsewhere/sub', 'beside/archive'])
    await mkdir(join(base, directory), { recursive: true });
  const files = {
    'secret.asc': 'secret',
    'other.yaml': MINIMAL,
    'from-elsewhere/own.asc': '',
    'from-elsewhere/parent.yaml': MINIMAL,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(base, name), text);
  await symlink('../secret.asc', join(folder, 'link.asc'));
  await symlink('..', join(folder, 'up'));
});
afterAll(() => rm(base, { recursive: true }));

const archive = (fields: string): string => `archives: [{ suite: trixie, ${fields} }]`;
const withArchive = (fields: string): string => MINIMAL.replace(/^archives:.*$/m, archive(fields));
const child = (reference: string): string => `name: child\ndescription: More\nextends: ${reference}\n`;

/** What a profile of that text in the folder, or below it, is refused for; undefined where it is taken. */
async function refusal(text: string, options: { place?: string; allowPaths?: readonly string[] } = {}) {
  const path = join(folder, options.place ?? 'p.yaml');
  await writeFile(path, text);
  try {
    await loadProfile(path, { ...BUILT_IN, allowPaths: options.allowPaths ?? [] });
    return undefined;
  } catch (error) {
    if (error instanceof KoalaError) return error.details.join().replaceAll(base, '');
    throw error;
  }
}

const OUTSIDE: readonly (readonly [what: string, text: string, where: string])[] = [
  ['a profile above its folder, as extends', child('../other.yaml'), '/'],
  ['a profile by its absolute path, as extends', child(join(base, 'other.yaml')), '/'],
  ['a profile through a link to a directory, as extends', child('./up/other.yaml'), '/'],
  ['a file above its folder, as keyring', withArchive('keyring: ../secret.asc'), '/'],
  ['a file through a link in its folder, as keyring', withArchive('keyring: link.asc'), '/'],
  ['a file of several, as signed-by', withArchive('signed-by: [debian-archive, ./up/secret.asc]'), '/'],
  [
    'a directory, as the URI of an archive',
    withArchive(`uris: ["file://${base}/beside/archive"], trusted: true`),
    '/beside',
  ],
  ['a directory in an escaped URI', withArchive(`uris: ["file://${base}/%62eside/archive"], trusted: true`), '/beside'],
];

describe('a profile from elsewhere cannot take along', () => {
  it.each([
    ['a file above its folder', 'paths: [{ type: file, path: /x, source: ../secret.asc }]', '/'],
    ['a file through a link in its folder', 'paths: [{ type: file, path: /x, source: link.asc }]', '/'],
    ['a certificate above its folder', 'certificates: { additional: [{ name: x, source: ../secret.asc }] }', '/'],
  ])('%s', async (_, line, where) => {
    expect(await refusal(`${MINIMAL}${line}\n`)).toContain(
      'is outside of /from-elsewhere: allow it with --allow-path ',
    );
    expect((await refusal(`${MINIMAL}${line}\n`, { allowPaths: [join(base, where)] })) ?? '').not.toContain(
      'is outside of',
    );
  });
});

describe('a profile from elsewhere cannot read', () => {
  it.each(OUTSIDE)('%s', async (_, text, where) => {
    const why = await refusal(text);
    expect(why).toMatch(/p\.yaml:\d+:\d+: .* is outside of \/from-elsewhere: allow it with --allow-path /);
    expect(await refusal(text, { allowPaths: [join(base, where)] })).toBeUndefined();
  });

  it.each([
    ['a device', 'keyring: /dev/zero', '/dev'],
    ["the machine's accounts", 'keyring: /etc/shadow', '/etc'],
  ])('%s, as keyring', async (_, field, where) => {
    expect(await refusal(withArchive(field))).toContain(`allow it with --allow-path ${where}`);
  });
});

describe('a profile can read', () => {
  it.each([
    ['what is in its folder', child('./parent.yaml')],
    ['keyrings in its folder', withArchive('keyring: ./own.asc')],
    ['keyrings of the system', withArchive('signed-by: /usr/share/keyrings/x.gpg')],
    ['archives in its folder', withArchive(`uris: ["file://${folder}/sub"], trusted: true`)],
    ['archives of the network', withArchive('uris: ["http://a.example/x"], keyring: ./own.asc')],
  ])('%s', async (_, text) => {
    expect(await refusal(text)).toBeUndefined();
  });

  it('what is in the folder of a profile above it, where that is allowed', async () => {
    const place = 'sub/p.yaml';
    expect(await refusal(child('../parent.yaml'), { place })).toContain('is outside of /from-elsewhere/sub');
    expect(await refusal(child('../parent.yaml'), { place, allowPaths: [folder] })).toBeUndefined();
  });
});

describe('a lock from elsewhere', () => {
  it('cannot name a profile outside of its folder', async () => {
    const options = { ...BUILT_IN, root: folder };
    await expect(loadProfile(join(base, 'other.yaml'), options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^cannot use the profile \S+ that the lock names: it is outside of /),
      hint: 'or name the profile yourself with --profile FILE',
    });
    const allowed = await loadProfile(join(base, 'other.yaml'), { ...options, allowPaths: [dirname(folder)] });
    expect(allowed.name).toBe('web');
  });
});
