import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eraseCredential, findCredential, storeCredential } from '../../src/registry/credentials.js';
import { login } from '../../src/registry/login.js';
import { pushImage } from '../../src/registry/push.js';
import { parseReference } from '../../src/registry/reference.js';
import { bytes, image, options, temporaryDirectory } from './images.js';
import { REFRESH_TOKEN, type RegistrySettings, TestRegistry, USER } from './server.js';

const signal = new AbortController().signal;
const IMAGE = image({ amd64: [bytes(1000), bytes(200_000)] });
const SECRETS = [USER.password, REFRESH_TOKEN, Buffer.from(`${USER.username}:${USER.password}`).toString('base64')];

async function registryWith(settings: RegistrySettings = {}): Promise<TestRegistry> {
  const registry = await TestRegistry.start(settings);
  onTestFinished(() => registry.close());
  return registry;
}

/** An environment whose docker config is the given document. */
function withConfig(document: object): Record<string, string> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'config.json'), JSON.stringify(document));
  return { DOCKER_CONFIG: directory, HOME: directory, PATH: `${directory}:${process.env['PATH']}` };
}

const authOf = (username: string, password: string) => Buffer.from(`${username}:${password}`).toString('base64');

function push(registry: TestRegistry, environment: Record<string, string>, ...names: string[]) {
  const references = (names.length === 0 ? ['app'] : names).map((name) => parseReference(`${registry.host}/${name}`));
  return pushImage(IMAGE, references, options({ environment, retries: 1 }));
}

/** What an error says, all of it. */
async function wordsOf(going: Promise<unknown>): Promise<string> {
  const error = await going.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { message, hint, details, code } = error as { message: string; hint: string; details: string[]; code: string };
  return [code, message, hint, ...details].join('\n');
}

describe('credentials', () => {
  const basic = { type: 'basic', username: 'u', password: 'p:q' };
  const auth = authOf('u', 'p:q');
  it.each([
    ['an entry', { auths: { 'r.example': { auth } } }, 'r.example/app', basic],
    ['user and password apart', { auths: { 'r.example': { username: 'u', password: 'p:q' } } }, 'r.example/app', basic],
    ['a key that is a URL', { auths: { 'https://R.example/v2/': { auth } } }, 'r.example/app', basic],
    ['the key of Docker Hub', { auths: { 'https://index.docker.io/v1/': { auth } } }, 'debian', basic],
    [
      'the port',
      { auths: { 'r.example': { auth: authOf('x', 'y') }, 'r.example:1': { auth } } },
      'r.example:1/a',
      basic,
    ],
    [
      'the longest part of the name',
      { auths: { 'r.example': { auth: authOf('x', 'y') }, 'r.example/team': { auth } } },
      'r.example/team/app',
      basic,
    ],
    [
      'an identity token',
      { auths: { 'r.example': { auth, identitytoken: 't' } } },
      'r.example/a',
      { type: 'identity-token', token: 't' },
    ],
    [
      'a registry token',
      { auths: { 'r.example': { registrytoken: 't' } } },
      'r.example/a',
      { type: 'registry-token', token: 't' },
    ],
    ['no entry', { auths: { 'other.example': { auth } } }, 'r.example/a', undefined],
    ['an empty entry', { auths: { 'r.example': {} } }, 'r.example/a', undefined],
    ['a part of another name', { auths: { 'r.example/te': { auth } } }, 'r.example/team/app', undefined],
  ])('are found by %s', async (_, document, name, credential) => {
    const { host, repository } = parseReference(name);
    const environment = withConfig(document);
    const found = await findCredential(host, repository, { environment, signal });
    expect(found?.credential).toEqual(credential);
    if (credential !== undefined) expect(found?.source).toBe(join(environment['DOCKER_CONFIG'] ?? '', 'config.json'));
  });

  it('are looked for in the files of podman and docker', async () => {
    const home = temporaryDirectory();
    const write = (path: string, user: string) => {
      mkdirSync(join(home, path, '..'), { recursive: true });
      writeFileSync(join(home, path), JSON.stringify({ auths: { 'r.example': { auth: authOf(user, 'p') } } }));
    };
    const userOf = async (environment: Record<string, string>) => {
      const found = await findCredential('r.example', 'a', {
        environment: { HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), ...environment },
        signal,
      });
      return found?.credential.type === 'basic' ? found.credential.username : undefined;
    };
    expect(await userOf({})).toBeUndefined();
    const places = [
      '.docker/config.json',
      '.config/containers/auth.json',
      'run/containers/auth.json',
      'own/config.json',
      'auth.json',
    ];
    const found: unknown[] = [];
    for (const path of places) {
      write(path, path);
      found.push(await userOf({}));
    }
    expect(found).toEqual([...places.slice(0, 3), places[2], places[2]]);
    expect(await userOf({ DOCKER_CONFIG: join(home, 'own') })).toBe('own/config.json');
    expect(await userOf({ DOCKER_CONFIG: join(home, 'own'), REGISTRY_AUTH_FILE: join(home, 'auth.json') })).toBe(
      'auth.json',
    );
    expect(await userOf({ DOCKER_CONFIG: join(home, 'nothing') })).toBeUndefined();
  });

  it('are in no message about a file that is not understood', async () => {
    const environment = withConfig({});
    writeFileSync(
      join(environment['DOCKER_CONFIG'] ?? '', 'config.json'),
      `{"auths": {"r.example": {"auth": "${auth}"`,
    );
    const words = await wordsOf(findCredential('r.example', 'a', { environment, signal }));
    expect(words).toMatch(/cannot read credentials from .*config\.json: it is no JSON/);
    expect(words).not.toContain(auth);
  });
});

describe('a credential helper', () => {
  /** A helper that keeps what it is given in a file, and says what it was asked. */
  function withHelper(document: object, script: string): Record<string, string> {
    const environment = withConfig(document);
    const program = join(environment['DOCKER_CONFIG'] ?? '', 'docker-credential-test');
    writeFileSync(program, `#!/bin/sh\ncd "$DOCKER_CONFIG"\necho "$1" >>asked\n${script}\n`);
    chmodSync(program, 0o755);
    return environment;
  }
  const GIVES = `cat >server; printf '{"ServerURL":"x","Username":"u","Secret":"s3cret"}'`;
  const read = (environment: Record<string, string>, file: string) =>
    readFileSync(join(environment['DOCKER_CONFIG'] ?? '', file), 'utf8');

  it.each([
    ['r.example/app', { credHelpers: { 'r.example': 'test' } }, 'r.example'],
    ['debian', { credsStore: 'test' }, 'https://index.docker.io/v1/'],
    ['r.example/app', { credsStore: 'absent', credHelpers: { 'r.example': 'test' } }, 'r.example'],
  ])('is asked for %s with %j', async (name, document, server) => {
    const environment = withHelper(document, GIVES);
    const { host, repository } = parseReference(name);
    const found = await findCredential(host, repository, { environment, signal });
    expect(found).toEqual({
      credential: { type: 'basic', username: 'u', password: 's3cret' },
      source: 'docker-credential-test',
    });
    expect([read(environment, 'asked'), read(environment, 'server')]).toEqual(['get\n', server]);
  });

  it('may give an identity token', async () => {
    const environment = withHelper({ credsStore: 'test' }, `printf '{"Username":"<token>","Secret":"t"}'`);
    const found = await findCredential('r.example', 'a', { environment, signal });
    expect(found?.credential).toEqual({ type: 'identity-token', token: 't' });
  });

  it('may know nothing, and then the entry counts', async () => {
    const document = { credsStore: 'test', auths: { 'r.example': { auth: authOf('u', 'p') } } };
    const environment = withHelper(document, 'echo credentials not found in native keychain; exit 1');
    expect((await findCredential('r.example', 'a', { environment, signal }))?.credential).toMatchObject({
      username: 'u',
    });
  });

  it.each([
    ['test', 'echo the keychain is locked; exit 1', 'docker-credential-test: the keychain is locked'],
    ['test', 'printf "{s3cret"', 'docker-credential-test: its answer is not understood'],
    ['absent', '', 'docker-credential-absent: there is no such program'],
    ['../test', '', 'that is no name of a program'],
  ])('%s that fails by %j is an error', async (credsStore, script, message) => {
    const environment = withHelper({ credsStore }, script);
    const words = await wordsOf(findCredential('r.example', 'a', { environment, signal }));
    expect(words).toContain(message);
    expect(words).not.toContain('s3cret');
  });

  it('is not started for a registry that asks nobody', async () => {
    const registry = await registryWith();
    const environment = withHelper({ credsStore: 'test' }, GIVES);
    await push(registry, environment);
    expect(() => read(environment, 'asked')).toThrow('ENOENT');
  });

  it('keeps and forgets what login and logout say', async () => {
    const environment = withHelper({ credsStore: 'test' }, 'cat >said');
    expect(await storeCredential('r.example', { username: 'u', password: 'p' }, { environment, signal })).toBe(
      'docker-credential-test',
    );
    expect(JSON.parse(read(environment, 'said'))).toEqual({ ServerURL: 'r.example', Username: 'u', Secret: 'p' });
    expect(await eraseCredential('r.example', { environment, signal })).toBe('docker-credential-test');
    expect([read(environment, 'said'), read(environment, 'asked')]).toEqual(['r.example', 'store\nerase\n']);
  });
});

describe('a push says who asks', () => {
  const entries = {
    'user and password': { auth: authOf(USER.username, USER.password) },
    'an identity token': { identitytoken: REFRESH_TOKEN },
  };
  it.each([
    ['basic', 'user and password'],
    ['bearer', 'user and password'],
    ['bearer', 'an identity token'],
  ] as const)('by %s, with %s', async (auth, kind) => {
    const registry = await registryWith({ auth });
    const environment = withConfig({ auths: { [registry.host]: entries[kind] } });
    const [, second] = await push(registry, environment, 'app', 'team/copy');
    expect(second?.blobs).toMatchObject({ mounted: { count: 3 } });
    // One token for each reference, asked for with all that it is for.
    const tokens = registry.seen.filter(({ url }) => url.startsWith('/token'));
    expect(tokens).toHaveLength(auth === 'bearer' ? 2 : 0);
    if (kind === 'user and password' && auth === 'bearer') {
      const scopes = tokens.map(({ url }) => new URL(url, 'http://x').searchParams.getAll('scope'));
      expect(scopes).toEqual([['repository:app:pull,push'], ['repository:team/copy:pull,push', 'repository:app:pull']]);
    }
  });

  it.each([
    ['basic', 'Basic realm="x"'],
    ['bearer', 'Bearer realm="TOKENS",service="x",scope="repository:app:pull"'],
  ] as const)('and sends itself what another repository keeps to itself (%s)', async (auth, challenge) => {
    const registry = await registryWith({ auth });
    const environment = withConfig({ auths: { [registry.host]: entries['user and password'] } });
    const headers = { 'www-authenticate': challenge.replace('TOKENS', `http://${registry.host}/token`) };
    registry.fault({ on: /mount=/, type: 'status', status: 401, headers, body: '{}', times: 99 });
    const [, second] = await push(registry, environment, 'app', 'team/copy');
    expect(second?.blobs).toMatchObject({ sent: { count: 3 } });
  });

  it('and asks for another token where one has expired', async () => {
    const registry = await registryWith({ auth: 'bearer' });
    const environment = withConfig({ auths: { [registry.host]: entries['user and password'] } });
    registry.fault({
      on: /^PUT .*manifests/,
      type: 'status',
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="http://${registry.host}/token",service="x"` },
    });
    await push(registry, environment);
    expect(registry.lines(/token/)).toHaveLength(2);
  });

  it.each(['basic', 'bearer'] as const)('wrongly (%s): no secret is shown', async (auth) => {
    const registry = await registryWith({ auth });
    const wrong = 'wr0ng-Secret';
    const environment = withConfig({ auths: { [registry.host]: { auth: authOf('me', wrong) } } });
    const words = await wordsOf(push(registry, environment));
    expect(words).toMatch(
      /^registry\ncannot publish .*\/app:latest: .* does not accept the credentials from .*config\.json/,
    );
    expect(words).toContain(`koala-bootstrap login ${registry.host}`);
    for (const secret of [wrong, authOf('me', wrong)]) expect(words).not.toContain(secret);
  });

  it('with a wrong identity token: it is not shown', async () => {
    const registry = await registryWith({ auth: 'bearer' });
    const environment = withConfig({ auths: { [registry.host]: { identitytoken: 'wr0ng-Secret' } } });
    expect(await wordsOf(push(registry, environment))).not.toContain('wr0ng-Secret');
  });

  it.each(['basic', 'bearer'] as const)('not at all (%s)', async (auth) => {
    const registry = await registryWith({ auth });
    const words = await wordsOf(push(registry, withConfig({})));
    expect(words).toMatch(/wants credentials, and there are none|no token from .* without credentials/);
    expect(words).toContain('koala-bootstrap login');
  });

  it('to nobody else: not to the storage, not to where a token server sends', async () => {
    const storage = await registryWith({ auth: 'basic' });
    const environment = (host: string) => withConfig({ auths: { [host]: entries['user and password'] } });
    const registry = await registryWith({ auth: 'basic', uploadBase: () => `http://${storage.host}` });
    const words = await wordsOf(push(registry, environment(registry.host)));
    expect(words).toContain('401');
    const led = await registryWith({ auth: 'bearer' });
    led.fault({ on: /token/, type: 'status', status: 307, headers: { location: `http://${storage.host}/token` } });
    expect(await wordsOf(push(led, environment(led.host)))).toContain('which is not asked');
    expect(storage.seen.length).toBeGreaterThan(0);
    for (const secret of SECRETS) expect(JSON.stringify(storage.seen)).not.toContain(secret);
  });
});

describe('login', () => {
  it.each(['basic', 'bearer'] as const)('keeps what a registry accepts (%s), readable by nobody else', async (auth) => {
    const registry = await registryWith({ auth });
    const home = temporaryDirectory();
    const environment = { DOCKER_CONFIG: join(home, 'new/docker') };
    const path = await login(registry.host, USER, options({ environment }));
    expect(path).toBe(join(home, 'new/docker/config.json'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await push(registry, { ...environment, PATH: '' });
    expect(await eraseCredential(registry.host, { environment, signal })).toBe(path);
    expect(await eraseCredential(registry.host, { environment, signal })).toBeUndefined();
    expect(await wordsOf(push(registry, environment))).toContain('login');
  });

  it('keeps nothing that is not accepted', async () => {
    const registry = await registryWith({ auth: 'basic' });
    const environment = withConfig({ auths: {} });
    const words = await wordsOf(login(registry.host, { ...USER, password: 'wr0ng-Secret' }, options({ environment })));
    expect(words).toContain(`cannot log in to ${registry.host}: ${registry.host} does not accept the credentials`);
    expect(words).not.toContain('wr0ng-Secret');
    expect(readFileSync(join(environment['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8')).toBe('{"auths":{}}');
  });

  it('leaves the rest of the file as it is, and a link to it a link', async () => {
    const environment = withConfig({});
    const path = join(environment['DOCKER_CONFIG'] ?? '', 'config.json');
    const real = join(temporaryDirectory(), 'real.json');
    const document = {
      HttpHeaders: { a: 'b' },
      auths: { 'https://r.example/v1/': { auth: 'b2xkOm9sZA==' }, other: { auth: 'eDp5' } },
    };
    writeFileSync(real, JSON.stringify(document));
    spawnSync('rm', [path]);
    symlinkSync(real, path);
    await storeCredential('r.example', { username: 'u', password: 'p' }, { environment, signal });
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({
      HttpHeaders: { a: 'b' },
      auths: { other: { auth: 'eDp5' }, 'r.example': { auth: authOf('u', 'p') } },
    });
    expect(statSync(real).mode & 0o777).toBe(0o600);
  });
});
