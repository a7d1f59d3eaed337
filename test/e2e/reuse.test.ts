import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildSummary } from '../../src/index.js';
import { workDirectory } from '../builder/directory.js';
import { koala, koalaBuild } from './command.js';
import { type MovingArchive, movingArchive } from './moving-archive.js';

const work = workDirectory('reuse');
let archive: MovingArchive;
let here: string;
let runs = 0;

beforeEach(async () => {
  here = join(work, String(++runs));
  mkdirSync(here);
  archive = await movingArchive(here);
  archive.profile('web', ['suite: test, kind: debian, uris: [SERVER]'], 'stages: [{ name: one, packages: [hello] }]\n');
  await archive.publish('test', ['hello 1.0 amd64; Depends: lib; Postinst: echo made > /etc/made', 'lib 1.0 all']);
});
afterEach(() => archive.server.close());

const cache = (...parts: readonly string[]): string => join(here, 'cache', ...parts);
const build = (...args: readonly string[]): Promise<BuildSummary> =>
  koalaBuild(['-p', 'web.yaml', '-a', 'amd64', '--cache-dir', cache(), ...args], { cwd: here, reuse: true });
const bytesOf = (file: string): string => readFileSync(join(here, file)).toString('base64');

describe('an output that was built before', () => {
  it('is copied, with what was said of it', async () => {
    const first = await build('-o', 'a.tar');
    const second = await build('-o', 'b.tar', '--jobs', '1');
    expect([first.reused, second.reused]).toEqual([false, true]);
    expect(bytesOf('b.tar')).toBe(bytesOf('a.tar'));
    const { seconds: _, bytes, ...rest } = second;
    const { seconds: _1, ...before } = first;
    expect(rest).toEqual({ ...before, bytes: undefined, reused: true, output: { ...first.output, path: 'b.tar' } });
    expect(bytes).toEqual({ fetched: 0, fromStore: 0, unpacked: first.bytes.unpacked });
  });

  it('is told in the table, and in the steps', async () => {
    const args = ['-p', 'web.yaml', '-a', 'amd64', '--cache-dir', cache(), '-o', 'a.tar'];
    const said = [await koala(args, { cwd: here, reuse: true }), await koala(args, { cwd: here, reuse: true })];
    const steps = said.map(({ stderr }) => stderr.match(/^\w+(?=:)/gm));
    const before = ['archives', 'solve', 'plan'];
    expect(steps).toEqual([
      [...before, 'fetch', 'unpack', 'tree', 'configure', 'check', 'write'],
      [...before, 'write'],
    ]);
    expect(said[1]?.stdout).toContain('nothing: the same was built before, and copied');
  });

  it('is the same from a lock', async () => {
    await koala(['lock', '-p', 'web.yaml', '-a', 'amd64', '--cache-dir', cache()], { cwd: here });
    const locked = () =>
      koalaBuild(['--lock', 'web.lock.json', '-o', 'a.tar', '--cache-dir', cache()], { cwd: here, reuse: true });
    expect((await locked()).reused).toBe(false);
    expect((await locked()).reused).toBe(true);
  });

  it.each([
    ['--rebuild'],
    ['--exclude-path', '/etc/*'],
    ['--include', 'lib'],
    ['--strict'],
    ['-o', 'a.tar.gz'],
    ['-o', 'directory/'],
    ['--suite', 'other'],
  ])('is not taken with %s %s', async (...args) => {
    await archive.publish('other', ['hello 2.0 amd64', 'lib 1.0 all']);
    await build('-o', 'a.tar');
    expect((await build(...(args.includes('-o') ? [] : ['-o', 'b.tar']), ...args)).reused).toBe(false);
  });

  it('is not taken where the profile, the archive or the date has changed', async () => {
    await build('-o', 'a.tar');
    appendFileSync(join(here, 'web.yaml'), 'paths: [{ type: file, path: /etc/x, content: x }]\n');
    expect((await build('-o', 'a.tar')).reused).toBe(false);
    await archive.publish('test', ['hello 1.1 amd64', 'lib 1.0 all'], { date: new Date('2024-05-02T12:00:00Z') });
    expect((await build('-o', 'a.tar')).reused).toBe(false);
    const dated = (epoch: string) =>
      koala(['-p', 'web.yaml', '-a', 'amd64', '--cache-dir', cache(), '-o', 'a.tar', '--json'], {
        cwd: here,
        reuse: true,
        environment: { SOURCE_DATE_EPOCH: epoch },
      }).then(({ stdout }) => JSON.parse(stdout).reused);
    expect([await dated('1600000000'), await dated('1600000000'), await dated('1600000001')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  const otherBytes = (file: string): void => writeFileSync(file, Buffer.alloc(readFileSync(file).length));
  const nothing = (file: string): void => rmSync(file);
  const aDirectory = (file: string): void => {
    rmSync(file);
    mkdirSync(file);
  };

  it.each([
    ['tar.gz', 'outputs', 'other bytes', otherBytes],
    ['tar.gz', 'outputs', 'a byte less', (file: string) => truncateSync(file, statSync(file).size - 1)],
    ['tar.gz', 'outputs', 'nothing', nothing],
    ['tar.gz', 'outputs', 'a directory', aDirectory],
    ['tar', 'unpacked', 'other bytes', otherBytes],
    ['tar', 'unpacked', 'fewer bytes', (file: string) => truncateSync(file, 600)],
    ['tar', 'unpacked', 'nothing', nothing],
    ['tar', 'unpacked', 'a directory', aDirectory],
    ['tar', 'built', 'other bytes', otherBytes],
    ['tar', 'built', 'nothing', nothing],
  ])('is built anew as %s where %s of the cache has %s, and kept again', async (format, directory, _, damage) => {
    const { output } = await build('-o', `a.${format}`);
    for (const name of readdirSync(cache(directory))) damage(cache(directory, name));
    const again = await build('-o', `b.${format}`);
    expect([again.reused, again.output.sha256]).toEqual([false, output.sha256]);
    expect(bytesOf(`b.${format}`)).toBe(bytesOf(`a.${format}`));
    expect((await build('-o', `c.${format}`)).reused).toBe(true);
    expect(readdirSync(cache('tmp'))).toEqual([]);
    expect(readdirSync(here).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('takes no room of the cache that is unpacked there', async () => {
    await build('-o', 'a.tar');
    expect(readdirSync(cache())).not.toContain('outputs');
  });

  it('is copied to the cache where what is unpacked is not kept', async () => {
    mkdirSync(cache());
    symlinkSync('nowhere', cache('unpacked'));
    expect((await build('-o', 'a.tar')).reused).toBe(false);
    expect((await build('-o', 'b.tar')).reused).toBe(true);
    expect(bytesOf('b.tar')).toBe(bytesOf('a.tar'));
  });

  it('does not change when the first one is changed', async () => {
    await build('-o', 'a.tar');
    const before = bytesOf('a.tar');
    appendFileSync(join(here, 'a.tar'), 'x');
    expect((await build('-o', 'b.tar')).reused).toBe(true);
    expect(bytesOf('b.tar')).toBe(before);
  });
});
