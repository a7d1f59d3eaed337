import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { koala, koalaBuild } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('stages');
const ARCHIVES = ['suite: test, kind: debian, uris: [SERVER]'];
let archive: MovingArchive;
let here: string;
let runs = 0;

beforeEach(async () => {
  here = join(work, String(++runs));
  mkdirSync(here);
  archive = await movingArchive(here);
  archive.profile('lower', ARCHIVES, 'stages: [{ name: one, packages: [hello] }]\nconfigure: container\n');
  archive.profile('upper', ARCHIVES, 'extends: ./lower.yaml\nstages: [{ name: two, packages: [world] }]\n');
  await archive.publish('test', [
    'hello 1.0 amd64; Depends: lib; Postinst: echo made > /etc/made',
    'lib 1.0 all; Postinst: /usr/share/lib/version',
    'world 1.0 amd64; Postinst: cat /etc/made > /etc/seen && /usr/share/lib/version',
  ]);
});
afterEach(() => archive.server.close());

const args = (profile: string, cache: string): string[] => {
  return ['-p', `${profile}.yaml`, '-a', 'amd64', '--cache-dir', join(here, cache), '--no-check'];
};
const build = (profile: string, cache: string, output: string, ...more: readonly string[]): Promise<BuildSummary> =>
  koalaBuild([...args(profile, cache), '-o', output, ...more], { cwd: here });
const bytesOf = (file: string): string => readFileSync(join(here, file)).toString('base64');
/** What does not hang on what the cache has, nor on the clock. */
const told = ({ seconds: _, bytes: _1, ...rest }: BuildSummary) => rest;
const noteOf = async (profile: string, ...more: readonly string[]): Promise<string | undefined> => {
  const { stderr } = await koala([...args(profile, 'cache'), '-o', 'noted.tar', '--verbose', ...more], { cwd: here });
  return stderr.match(/\d stages? (?:was|were) configured by an earlier build/)?.[0];
};
const ONE = '1 stage was configured by an earlier build';
const TWO = '2 stages were configured by an earlier build';

describe('a profile that extends one that was built', () => {
  it('takes its stages, and says and gives what it does without', async () => {
    await build('lower', 'cache', 'lower.tar');
    const taken = await build('upper', 'cache', 'upper.tar');
    const bytes = bytesOf('upper.tar');
    const alone = await build('upper', 'other', 'upper.tar');
    expect(bytes).toBe(bytesOf('upper.tar'));
    expect(told(taken)).toEqual(told(alone));
    expect(taken.warnings).toHaveLength(2);
    expect(taken.scripts.map((script) => [script.package, script.outcome])).toEqual([
      ['lib', 'not-understood'],
      ['hello', 'interpreted'],
      ['world', 'not-understood'],
    ]);
  });

  it('says so where asked, and takes all of its own the next time, in whatever form', async () => {
    expect(await noteOf('upper')).toBeUndefined();
    expect(await noteOf('lower')).toBe(ONE);
    expect(await noteOf('upper')).toBe(TWO);
    expect(await noteOf('upper', '--exclude-path', '/etc/*', '-o', 'x.tar.gz')).toBe(TWO);
    expect(await noteOf('upper', '-o', 'x.oci.tar')).toBe(TWO);
  });

  it.each(['oci', 'docker'])('gives the same image of a layer for each stage: %s', async (format) => {
    const image = async (cache: string, ...before: readonly string[]): Promise<string> => {
      for (const profile of before) await build(profile, cache, `${profile}.tar`);
      await koala([...args('upper', cache), '-o', 'image.tar', '--format', format], { cwd: here });
      return bytesOf('image.tar');
    };
    const alone = await image('alone');
    expect(await image('one', 'lower')).toBe(alone);
    expect(await image('two', 'lower', 'upper')).toBe(alone);
    expect(await image('two')).toBe(alone);
  });

  it('gives the same audit, and is refused by --strict as before', async () => {
    const audit = async (cache: string): Promise<string> => {
      const { stdout } = await koala(['audit', ...args('upper', cache).slice(0, -1), '--json'], { cwd: here });
      return stdout;
    };
    const alone = await audit('alone');
    expect(JSON.parse(alone).scripts ?? JSON.parse(alone)).not.toHaveLength(0);
    await build('upper', 'cache', 'upper.tar');
    expect(await audit('cache')).toBe(alone);
    const refused = async (cache: string) =>
      (await koala([...args('upper', cache), '-o', 'x.tar', '--strict'], { cwd: here })).stderr.match(
        /^.*--strict.*$/m,
      )?.[0];
    expect(await refused('cache')).toContain('2 maintainer scripts were not understood');
    expect(await refused('cache')).toBe(await refused('others'));
  });

  it('configures anew what was damaged', async () => {
    await build('upper', 'cache', 'upper.tar');
    const bytes = bytesOf('upper.tar');
    const directory = join(here, 'cache', 'stages');
    const names = readdirSync(directory);
    for (const name of names) truncateSync(join(directory, name), 500);
    await build('upper', 'cache', 'upper.tar');
    expect(bytesOf('upper.tar')).toBe(bytes);
    expect(readdirSync(directory)).toEqual(names);
    expect(await noteOf('upper')).toBe(TWO);
  });

  it('takes nothing where the first stage is another one', async () => {
    await build('upper', 'cache', 'upper.tar');
    archive.profile('lower', ARCHIVES, 'stages: [{ name: one, packages: [hello, lib] }]\nconfigure: full\n');
    expect(await noteOf('upper')).toBeUndefined();
  });

  it('takes them from a lock as well', async () => {
    await koala(['lock', ...args('upper', 'cache').slice(0, -1)], { cwd: here });
    const locked = (cache: string) =>
      koalaBuild(['--lock', 'upper.lock.json', '-o', 'a.tar', '--cache-dir', join(here, cache), '--no-check'], {
        cwd: here,
      });
    const first = await locked('cache');
    const bytes = bytesOf('a.tar');
    expect(readdirSync(join(here, 'cache', 'stages'))).toHaveLength(2);
    expect(told(await locked('cache'))).toEqual(told(first));
    expect(bytesOf('a.tar')).toBe(bytes);
    expect(readdirSync(join(here, 'cache', 'stages'))).toHaveLength(2);
  });
});
