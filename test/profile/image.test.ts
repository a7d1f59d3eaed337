import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { splitWords } from '../../src/formats/words.js';
import { loadProfile } from '../../src/profile/load.js';
import type { ImageSettings, Profile } from '../../src/profile/types.js';
import { profileFields } from '../../src/profile/write.js';
import { CERTIFICATES } from '../builder/certificates.js';
import { BUILT_IN, errorsOf, load, MINIMAL } from './profiles.js';

const [CERTIFICATE, OTHER] = CERTIFICATES.map(({ pem }) => pem);
const imageOf = async (text: string): Promise<ImageSettings> => (await load({ 'p.yaml': MINIMAL + text })).image;

describe('what a profile says of images', () => {
  it.each<[string, string, Partial<ImageSettings>]>([
    [
      'a command as apko has it',
      'entrypoint: { command: /bin/web -x "a b" }',
      { entrypoint: ['/bin/web', '-x', 'a b'] },
    ],
    ['a command as a list', 'entrypoint: { command: [/bin/web, "a b"] }', { entrypoint: ['/bin/web', 'a b'] }],
    ['a shell fragment', 'entrypoint: { shell-fragment: "echo $X" }', { entrypoint: ['/bin/sh', '-c', 'echo $X'] }],
    ['arguments', "cmd: --name 'x y'", { cmd: ['--name', 'x y'] }],
    ['arguments as a list', 'cmd: ["--name", ""]', { cmd: ['--name', ''] }],
    ['a signal', 'stop-signal: SIGRTMIN+3', { stopSignal: 'SIGRTMIN+3' }],
    ["a signal's number", 'stop-signal: 15', { stopSignal: '15' }],
    ['a directory', 'work-dir: /srv', { workDir: '/srv' }],
    ['volumes', 'volumes: [/a, /b, /a]', { volumes: ['/a', '/b'] }],
    ['ports', 'exposed-ports: [80, "81", 53/udp, 80/tcp]', { exposedPorts: ['80/tcp', '81/tcp', '53/udp'] }],
    ['labels', 'labels: { a.b/c: d }', { labels: { 'a.b/c': 'd' } }],
    ['annotations', 'annotations: { a: "" }', { annotations: { a: '' } }],
    ['a place', 'vcs-url: https://example.org/x@1', { vcsUrl: 'https://example.org/x@1' }],
    ['layers', 'layering: { strategy: origin, budget: 7 }', { layering: { strategy: 'origin', budget: 7 } }],
    ['layers of a usual number', 'layering: { strategy: origin }', { layering: { strategy: 'origin', budget: 10 } }],
  ])('can be %s', async (_, text, expected) => {
    expect(await imageOf(text)).toMatchObject(expected);
  });

  it('adds to what it extends, or takes its place', async () => {
    const parent = `${MINIMAL}entrypoint: { command: /p }
cmd: -p
volumes: [/p]
exposed-ports: [1]
labels: { a: p, b: p }
work-dir: /p
certificates: { additional: [{ name: a, content: ${JSON.stringify(CERTIFICATE)} }] }
`;
    const extending = async (text: string) =>
      (await load({ 'parent.yaml': parent, 'p.yaml': `name: c\ndescription: C\nextends: ./parent.yaml\n${text}` }))
        .image;
    const certificate = `certificates: { additional: [{ name: a, content: ${JSON.stringify(OTHER)} }] }`;
    expect(await extending('volumes: [/c]\nexposed-ports: [2]\nlabels: { b: c }\ncmd: -c')).toMatchObject({
      entrypoint: ['/p'],
      cmd: ['-c'],
      volumes: ['/p', '/c'],
      exposedPorts: ['1/tcp', '2/tcp'],
      labels: { a: 'p', b: 'c' },
      workDir: '/p',
    });
    expect(await extending('entrypoint: { command: /c }')).toMatchObject({ entrypoint: ['/c'], cmd: undefined });
    expect((await extending(certificate)).certificates).toEqual([{ name: 'a', pem: OTHER }]);
  });

  it.each([
    [
      'entrypoint: { command: "a \'b" }',
      '7:15: entrypoint.command must be words with their quotes closed, or a list of words',
    ],
    ['entrypoint: {}', '7:1: entrypoint needs a command or a shell-fragment'],
    [
      'entrypoint: { command: a, shell-fragment: b }',
      '7:27: entrypoint.shell-fragment is another command: give one of both',
    ],
    [
      'entrypoint: { type: service-bundle, command: a }',
      '7:15: entrypoint.type cannot be "service-bundle": no service manager is started here; name the program in command',
    ],
    ['cmd: 5', '7:1: cmd must be words with their quotes closed, or a list of words'],
    ['stop-signal: TERM', '7:1: stop-signal must be a signal such as SIGTERM, SIGRTMIN+3 or 15'],
    ['work-dir: srv', '7:1: work-dir must be an absolute path, not "srv"'],
    ['volumes: [data]', '7:11: volumes[0] must be an absolute path, not "data"'],
    [
      'exposed-ports: [0]',
      '7:17: exposed-ports[0] must be a port from 1 to 65535, with /tcp, /udp or /sctp behind it or not',
    ],
    ['exposed-ports: [70000/tcp]', /exposed-ports\[0] must be a port/],
    ['labels: { "a b": c }', /labels\.a b is not a name for an annotation or a label/],
    ['vcs-url: a b', '7:1: vcs-url must not hold blanks'],
    ['layering: { budget: 3 }', '7:13: layering.budget has a meaning with the strategy origin only'],
    ['layering: { strategy: origin, budget: 0 }', '7:31: layering.budget must be a whole number from 1 to 120'],
    ['layering: { strategy: stages }', /must be one of stage, origin, not "stages"; did you mean "stage"\?/],
    ['certificates: { additional: [{ name: a }] }', '7:30: certificates.additional[0] needs content or source'],
    ['certificates: { additional: [{ name: a/b, source: p.yaml }] }', /additional\[0]\.name must be made of letters/],
    [
      'certificates: { additional: [{ name: a, content: x }] }',
      /content must be one certificate in PEM: there is none/,
    ],
    ['certificates: { additional: [{ name: a, source: none.pem }] }', /source cannot be read: ENOENT/],
    [
      'certificates: { additional: [{ name: a, source: p.yaml }] }',
      /source must hold one certificate in PEM: there is none/,
    ],
  ])('is refused: %s', async (text, message) => {
    const [error, ...more] = await errorsOf(`${MINIMAL}\n${text}\n`);
    expect(more).toEqual([]);
    if (typeof message === 'string') expect(error).toBe(`p.yaml:${message}`);
    else expect(error).toMatch(message);
  });
});

describe('a file of a tree', () => {
  const paths = (fields: string): string => `${MINIMAL}paths: [{ type: file, path: /x, ${fields} }]\n`;

  it('has the bytes of a local file, which need not be text', async () => {
    const text = await load({ 'p.yaml': paths('source: ./x.txt'), 'x.txt': 'ä\n' });
    expect(text.paths).toEqual([expect.objectContaining({ type: 'file', path: '/x', content: 'ä\n' })]);
    expect(text.paths[0]).not.toHaveProperty('encoding');
    // NUL is text as well; this is none.
    const bytes = { 'p.yaml': paths('source: ./x.bin'), 'x.bin': Buffer.from([0xff, 0]) as unknown as string };
    expect((await load(bytes)).paths).toEqual([expect.objectContaining({ content: '/wA=', encoding: 'base64' })]);
    expect((await load({ 'p.yaml': paths('content: /wA=, encoding: base64') })).paths).toEqual(
      (await load(bytes)).paths,
    );
  });

  it.each([
    ['uid: 5', 'paths[0] needs content or source'],
    ['content: a, source: b', 'paths[0].source means the same as content: give one of both'],
    ['content: "%", encoding: base64', 'paths[0].content must be base64'],
    ['source: p.yaml, encoding: base64', 'paths[0].encoding has a meaning with content only'],
    ['source: none', /paths\[0]\.source cannot be read: ENOENT/],
    ['source: .', /paths\[0]\.source cannot be read: EISDIR/],
  ])('is refused: %s', async (fields, message) => {
    const errors = await errorsOf(paths(fields));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(message instanceof RegExp ? message : new RegExp(escaped(message)));
  });
});

describe('words', () => {
  it.each<[string, string[] | undefined]>([
    ['', []],
    ['  a  b\tc\n', ['a', 'b', 'c']],
    [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
    [`a'b'"c"d`, ['abcd']],
    [`'' ""`, ['', '']],
    [`"\\a \\" \\\\ \\$"`, ['\\a " \\ $']],
    [`'a\\' b`, ['a\\', 'b']],
    ['a\\\nb', ['ab']],
    ['a # b', ['a', '#', 'b']],
    [`'a`, undefined],
    ['"a', undefined],
    ['a\\', undefined],
  ])('are split as by a shell: %j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

describe('a profile that is shown', () => {
  /** All but where it was read, and which part came from where. */
  const meaning = ({ origin: _, levels: __, archives, ...rest }: Profile) => ({
    ...rest,
    archives: archives.map(({ origin: ___, ...archive }) => archive),
  });
  const shown = (profile: Profile): string => stringify(profileFields(profile), { aliasDuplicateObjects: false });

  it.each(['static', 'base', 'debug', 'minbase'])('is the same when it is read again: %s', async (name) => {
    const profile = await loadProfile(name, BUILT_IN);
    expect(meaning(await load({ 'p.yaml': shown(profile) }))).toEqual(meaning(profile));
  });

  it('is the same with all that a profile can say', async () => {
    const profile = await load({
      'p.yaml': `${MINIMAL}archs: [amd64, arm64]
foreign-architectures: [i386]
pins: [{ package: [a, "b*"], suite: x, priority: -5, reason: r }, { package: c, version: "1*", priority: 1001 }]
configure: none
debconf: ["a a/b string c d", "a a/e select"]
accounts: { run-as: u, users: [{ username: u, uid: 5, gid: 5 }], groups: [{ groupname: g, gid: 5, members: [u] }] }
paths:
  - { type: directory, path: /d, recursive: true, permissions: 0o7 }
  - { type: permissions, path: /p, permissions: 0o1777, uid: 1 }
  - { type: empty-file, path: /e }
  - { type: file, path: /f, source: x.bin }
  - { type: file, path: /g, content: "" }
  - { type: hardlink, path: /h, source: /f }
environment: { A: "", B: "1" }
entrypoint: { command: [a, "b c"] }
cmd: ["", d]
stop-signal: 15
exposed-ports: [80]
volumes: [/v]
labels: { l: "" }
annotations: { a: b }
vcs-url: x@y
work-dir: /w
certificates: { additional: [{ name: a, source: a.pem }] }
layering: { strategy: origin, budget: 3 }
exclude-paths: [/x*]
include-paths: [/xy]
`,
      'x.bin': Buffer.from([0xff]) as unknown as string,
      'a.pem': `comment\n${CERTIFICATE}`,
    });
    expect(meaning(await load({ 'p.yaml': shown(profile) }))).toEqual(meaning(profile));
    expect(parse(shown(profile))).toMatchObject({ 'stop-signal': '15', paths: expect.any(Array) });
  });
});

function escaped(text: string): string {
  return text.replace(/[[\].]/g, '\\$&');
}
