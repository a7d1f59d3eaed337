import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeFiles } from '../diff/images.js';
import { bytes, layoutFiles, temporaryDirectory } from '../registry/images.js';
import { TestRegistry, USER } from '../registry/server.js';
import { Capture, run } from './run.js';

async function registryWith(settings = {}): Promise<TestRegistry> {
  const registry = await TestRegistry.start(settings);
  onTestFinished(() => registry.close());
  return registry;
}

function layout(): string {
  return writeFiles(temporaryDirectory(), layoutFiles({ amd64: [bytes(300)], arm64: [bytes(400)] }));
}

const environment = () => ({
  HOME: temporaryDirectory(),
  DOCKER_CONFIG: join(temporaryDirectory(), 'docker'),
  LANG: 'C.UTF-8',
});

describe('publish', () => {
  it('says on standard output what it is known by, and what went where on standard error', async () => {
    const registry = await registryWith();
    const refs = join(temporaryDirectory(), 'refs');
    const argv = ['publish', `${registry.host}/a:1`, `${registry.host}/b`, '--image', layout(), '--image-refs', refs];
    const { status, stdout, stderr } = await run(argv, { environment: environment() });
    expect(status).toBe(0);
    const names = stdout.trim().split('\n');
    expect(names.map((name) => name.replace(/@.*/, ''))).toEqual([`${registry.host}/a`, `${registry.host}/b`]);
    expect(stderr).toMatch(/^sha256:\w{12} +\d+ B {2}sent\n/);
    expect(stderr).toContain('taken over from another repository');
    expect(stderr).toContain(`${registry.host}/b:latest  sent\n`);
    const all = readFileSync(refs, 'utf8').trim().split('\n');
    expect([all.length, all[2], all[5]]).toEqual([6, names[0], names[1]]);
  });

  it.each([[['--quiet']], [['--json']]])('with %j says no more than that', async (more) => {
    const registry = await registryWith();
    const argv = ['publish', `${registry.host}/a:1`, '--image', layout(), ...more];
    const { stdout, stderr } = await run(argv, { environment: environment() });
    if (more[0] === '--quiet') expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
    else
      expect(JSON.parse(stdout)).toMatchObject({
        references: [{ reference: `${registry.host}/a:1`, blobs: { sent: { count: 4 } } }],
      });
  });

  it('shows on a terminal what went, too', async () => {
    const registry = await registryWith();
    const stderr = new Capture(60);
    const result = await run(['publish', `${registry.host}/a`, '--image', layout()], {
      environment: environment(),
      stderr,
    });
    expect(result.status).toBe(0);
    expect(result.stderr).toContain('sent\n');
  });

  it.each([
    ['publish', 'publish needs the name of an image in a registry'],
    ['publish App --image x', 'cannot use "App" as the name of an image: it has upper-case letters'],
    ['publish app', 'cannot choose packages without a profile'],
    ['publish app --image x -p base', 'cannot use both --image and --profile: x is built already'],
    ['publish app --image x --exclude-path /a', 'cannot use both --image and --exclude-path'],
    ['publish app --image /dev/null/x', 'cannot read /dev/null/x: '],
    ['publish app --image package.json', 'cannot publish package.json: it is no image'],
    ['publish app -p base -o x.tar', 'cannot publish what is written to x.tar: it would be no image'],
    ['publish app -p base -qv', 'cannot do both: --quiet and --verbose'],
    ['publish app --format oci', '--format is not known here'],
    ['login', 'login needs the name of a registry'],
    ['login r.example', 'cannot log in without a user'],
    ['login r.example -u a:b --password-stdin', 'cannot use "a:b" as a user: it has a colon'],
    ['login r.example -u me', 'cannot log in without a password: it is read from standard input'],
    ['login r.example/team -u me --password-stdin', 'cannot use "r.example/team" as the name of a registry'],
    ['login r.example -u me --password-stdin', 'cannot read the password: standard input is empty'],
  ])('wrongly: %s', async (line, message) => {
    const { status, stdout, stderr } = await run(line.split(' '), {
      environment: environment(),
      stdin: Readable.from([]),
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toContain(message);
  });

  it('of a layout that lacks a blob sends nothing', async () => {
    const registry = await registryWith();
    const files = layoutFiles({ amd64: [bytes(300)] });
    const layer = [...files].find(([, content]) => content.length === 300)?.[0] ?? '';
    files.delete(layer);
    const directory = writeFiles(temporaryDirectory(), files);
    const { status, stderr } = await run(['publish', `${registry.host}/a`, '--image', directory], {
      environment: environment(),
    });
    expect([status, stderr]).toEqual([1, `koala-bootstrap: cannot read ${directory}: ${layer} is not there\n`]);
    expect(registry.seen).toEqual([]);
  });

  it('of a layout with several images asks for one', async () => {
    const files = layoutFiles({ amd64: [bytes(300)] });
    const index = JSON.parse(Buffer.from(files.get('index.json') ?? []).toString());
    const directory = writeFiles(temporaryDirectory(), files);
    writeFileSync(
      join(directory, 'index.json'),
      JSON.stringify({ ...index, manifests: [...index.manifests, ...index.manifests] }),
    );
    const { status, stderr } = await run(['publish', 'r.example/a', '--image', directory], {
      environment: environment(),
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining('its index.json has 2 images')]);
  });
});

describe('login and logout', () => {
  it('keep and forget, and say where', async () => {
    const registry = await registryWith({ auth: 'basic' });
    const own = environment();
    const file = join(own.DOCKER_CONFIG, 'config.json');
    const login = (password: string) =>
      run(['login', registry.host, '-u', USER.username, '--password-stdin'], {
        environment: own,
        stdin: Readable.from([`${password}\n`]),
      });
    const wrong = await login('wr0ng');
    expect([wrong.status, existsSync(file)]).toEqual([1, false]);
    expect(wrong.stderr).not.toContain('wr0ng');
    expect(await login(USER.password)).toMatchObject({
      status: 0,
      stdout: `logged in to ${registry.host}; ${file} keeps the credentials, not encrypted\n`,
    });
    const logout = () => run(['logout', `http://${registry.host}/`], { environment: own });
    expect(await logout()).toMatchObject({
      status: 0,
      stdout: `logged out of ${registry.host}; ${file} has forgotten the credentials\n`,
    });
    expect(await logout()).toMatchObject({ status: 1, stderr: expect.stringContaining('nobody is logged in') });
  });
});
