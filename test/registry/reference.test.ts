import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/registry/challenge.js';
import {
  apiHost,
  formatReference,
  isLoopback,
  parseHost,
  parseReference,
  withDigest,
} from '../../src/registry/reference.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['debian:trixie', 'docker.io/library/debian:trixie'],
    ['me/app', 'docker.io/me/app:latest'],
    ['index.docker.io/me/app', 'docker.io/me/app:latest'],
    ['registry-1.docker.io/debian', 'docker.io/library/debian:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['Registry.Example/app', 'registry.example/app:latest'],
    // As written down it must not become an image of docker.io.
    ['reGistry/app', 'reGistry/app:latest'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['127.0.0.1:5000/a/b/c:1', '127.0.0.1:5000/a/b/c:1'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    ['Registry.Example/team/app:V1_x-2.3', 'registry.example/team/app:V1_x-2.3'],
    ['registry.example/a__b/c---d.e', 'registry.example/a__b/c---d.e:latest'],
    [`debian@${DIGEST}`, `docker.io/library/debian@${DIGEST}`],
    [`r.example/app:1@${DIGEST}`, `r.example/app:1@${DIGEST}`],
  ])('%s is %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
    // What is written in full reads as itself.
    expect(parseReference(full)).toEqual(parseReference(formatReference(parseReference(full))));
  });

  it.each([
    ['', 'is no name of a repository'],
    ['App', 'upper-case'],
    ['r.example/App', 'upper-case'],
    ['a//b', 'is no name of a repository'],
    ['a_-b', 'is no name of a repository'],
    ['r.example/', 'is no name of a repository'],
    ['r.example/../x', 'is no name of a repository'],
    ['app:', 'is no tag'],
    [`app:${'x'.repeat(129)}`, 'is no tag'],
    ['app:a/b', 'is no host'],
    ['app@sha256:abc', 'must be a digest'],
    [`app@${DIGEST}@${DIGEST}`, 'must be a digest'],
    ['https://r.example/app', 'it is a URL'],
    ['r.example:port/app', 'is no host'],
    [`r.example/${'x'.repeat(256)}`, 'is no name of a repository'],
    ['r.example/app name', 'is no name of a repository'],
    ['r.example/app?x', 'is no name of a repository'],
  ])('refuses %j', (text, why) => {
    expect(() => parseReference(text)).toThrow(why);
  });

  it('gives what others are to write down', () => {
    expect(withDigest(parseReference('debian:trixie'), DIGEST)).toBe(`docker.io/library/debian@${DIGEST}`);
  });
});

describe('a registry', () => {
  it.each([
    ['docker.io', 'docker.io', 'registry-1.docker.io'],
    ['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'],
    ['https://Registry.Example/', 'registry.example', 'registry.example'],
    ['localhost:5000', 'localhost:5000', 'localhost:5000'],
  ])('%s is %s, at %s', (text, host, api) => {
    expect([parseHost(text), apiHost(parseHost(text))]).toEqual([host, api]);
  });

  it.each(['', 'a b', 'r.example/team', 'user@r.example', '-x'])('is not %j', (text) => {
    expect(() => parseHost(text)).toThrow('as the name of a registry');
  });

  it.each(['localhost', 'localhost:5000', '127.0.0.1:5000', '127.9.9.9', '[::1]:80', 'reg.localhost:1'])(
    '%s is this machine',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  it.each(['r.example', 'localhost.example', '127.0.0.1.example', '10.0.0.1', '128.0.0.1'])('%s is not', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});

describe('parseChallenges', () => {
  it.each([
    ['Basic realm="a, b=\\"c\\""', [{ scheme: 'basic', parameters: { realm: 'a, b="c"' } }]],
    [
      'Bearer realm="https://t.example/token",service=r.example,scope="repository:a/b:pull,push"',
      [
        {
          scheme: 'bearer',
          parameters: { realm: 'https://t.example/token', service: 'r.example', scope: 'repository:a/b:pull,push' },
        },
      ],
    ],
    [
      'Negotiate, BASIC Realm = x , Bearer realm="y"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'bearer', parameters: { realm: 'y' } },
      ],
    ],
    [
      ['Basic realm="x"', 'Bearer realm="y"'],
      [
        { scheme: 'basic', parameters: { realm: 'x' } },
        { scheme: 'bearer', parameters: { realm: 'y' } },
      ],
    ],
    ['realm="no scheme"', []],
    ['Basic realm="never closed', [{ scheme: 'basic', parameters: {} }]],
    [undefined, []],
  ])('reads %j', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });
});
