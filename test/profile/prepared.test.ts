import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInProfiles, locate, readText } from '../../src/profile/files.js';
import { loadProfile } from '../../src/profile/load.js';
import { preparedProfile, prepareProfiles } from '../../src/profile/prepared.js';
import { readProfile } from '../../src/profile/read-profile.js';
import { BUILT_IN } from './profiles.js';

const names = await builtInProfiles(BUILT_IN);
let copy: string;

beforeAll(async () => {
  await prepareProfiles(BUILT_IN);
  copy = await mkdtemp(join(tmpdir(), 'koala-prepared-'));
  await cp(BUILT_IN.profilesDirectory, copy, { recursive: true });
});

afterAll(() => rm(copy, { recursive: true }));

describe('prepared profiles', () => {
  it.each(names)('%s is what reading it gives, on any machine', async (name) => {
    const target = locate(name, '/', BUILT_IN);
    const { profile } = await readProfile((await readText(target.file)) ?? '', target, [], BUILT_IN);
    const prepared = await preparedProfile(name, BUILT_IN);
    expect(prepared).toEqual(profile);
    expect(JSON.stringify(prepared)).not.toContain(BUILT_IN.profilesDirectory);
  });

  it('are of the same texts wherever these lie, and of no others', async () => {
    expect(await preparedProfile('base', { profilesDirectory: copy })).toBeDefined();
    await appendFile(join(copy, 'static.yaml'), '  - /changed/*\n');
    expect(await preparedProfile('base', { profilesDirectory: copy })).toBeUndefined();
    expect((await loadProfile('base', { profilesDirectory: copy })).includePaths).toContain('/changed/*');
  });

  it.each(['absent', 'constructor', '__proto__'])('do not hold %s', async (name) => {
    expect(await preparedProfile(name, BUILT_IN)).toBeUndefined();
  });
});
