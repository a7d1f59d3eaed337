import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { revokeKey } from 'openpgp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { type ArchiveOptions, releaseDate } from '../builder/archive.js';
import { compressAs, makeDeb } from '../builder/deb.js';
import { clearsign, testKey } from '../builder/keys.js';
import { CONTROL, DATE, type Ground, ground } from './ground.js';

const SUITE = 'dists/test';
const at = (place: Ground, name: string): string => join(place.archive, SUITE, name);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the archive's InRelease says, without its signature. */
const releaseText = (place: Ground): string => readFileSync(at(place, 'Release'), 'utf8');

async function sign(place: Ground, text: string): Promise<void> {
  writeFileSync(at(place, 'InRelease'), await clearsign(text, [await testKey()], DATE));
}

type BuildOptions = NonNullable<Parameters<Ground['build']>[0]>;

type Attack = readonly [
  name: string,
  /** May give options of the build that is attacked. */
  mount: (place: Ground) => Promise<unknown>,
  why: RegExp,
];

const ATTACKS: readonly Attack[] = [
  [
    'signature stripped: no InRelease, no Release.gpg',
    (place) => place.write({ signed: 'none' }),
    /has no signature of it \(Release\.gpg\)$/,
  ],
  [
    'signature stripped: InRelease is the bare text',
    async (place) => {
      await place.write();
      writeFileSync(at(place, 'InRelease'), releaseText(place));
    },
    /it is not a clear-signed file$/,
  ],
  [
    'signature of another file',
    async (place) => {
      await place.write();
      writeFileSync(
        at(place, 'InRelease'),
        readFileSync(at(place, 'InRelease'), 'utf8').replace('Label: Test', 'Label: Evil'),
      );
    },
    /it was changed or damaged after [0-9A-F]+ signed it$/,
  ],
  [
    'signature by a key that nobody knows',
    async (place) => place.write({ signers: [await testKey('stranger')] }),
    /no good signature by a key of/,
  ],
  [
    'signature by a key of another archive, in the same keyring',
    async (place) => {
      await place.write({ signers: [await testKey('other-archive')] });
      return { keyrings: [await testKey(), await testKey('other-archive')], signers: [(await testKey()).fingerprint] };
    },
    /no good signature by a key of/,
  ],
  [
    'key that has expired',
    async (place) => {
      const expired = await testKey('expired', 5 * 365 * 86_400);
      await place.write({ signers: [expired] });
      return { keyrings: [expired] };
    },
    /no good signature by a key of/,
  ],
  [
    'key that was revoked',
    async (place) => {
      const key = await testKey();
      await place.write();
      const { publicKey } = await revokeKey({ key: key.privateKey, format: 'armored' });
      return { keyrings: [{ ...key, certificate: publicKey }] };
    },
    /no good signature by a key of/,
  ],
  [
    'text before the signed part',
    async (place) => {
      await place.write();
      writeFileSync(at(place, 'InRelease'), `Codename: evil\n${readFileSync(at(place, 'InRelease'), 'utf8')}`);
    },
    /it is not a clear-signed file$|text outside of the signed block$/,
  ],
  [
    'text after the signed part',
    async (place) => {
      await place.write();
      writeFileSync(at(place, 'InRelease'), `${readFileSync(at(place, 'InRelease'), 'utf8')}\nCodename: evil\n`);
    },
    /text outside of the signed block$/,
  ],
  [
    'two signed parts, of which one is good',
    async (place) => {
      await place.write();
      const good = readFileSync(at(place, 'InRelease'), 'utf8');
      writeFileSync(
        at(place, 'InRelease'),
        (await clearsign('Codename: evil\n', [await testKey('stranger')], DATE)) + good,
      );
    },
    /text outside of the signed block$/,
  ],
  [
    'digests of MD5 and SHA-1 only',
    (place) =>
      place.write({
        release: { SHA256: undefined, MD5Sum: `\n ${'0'.repeat(32)} 1 x`, SHA1: `\n ${'0'.repeat(40)} 1 x` },
      }),
    /it promises no SHA-256 digests$/,
  ],
  [
    'Release replayed from the past',
    async (place) => {
      await place.write({ date: new Date(DATE.getTime() + 86_400_000) });
      expect((await place.build()).error).toBeUndefined();
      rmSync(place.output);
      await place.write();
    },
    /its Date is 2024-05-01T12:00:00Z, older than the 2024-05-02T12:00:00Z seen before$/,
  ],
  [
    'mirror that is frozen (Valid-Until)',
    (place) => place.write({ release: { 'Valid-Until': releaseDate(new Date(DATE.getTime() + 7 * 86_400_000)) } }),
    /it expired at 2024-05-08T12:00:00Z/,
  ],
  [
    'Release of the future',
    (place) => place.write({ release: { Date: releaseDate(new Date(Date.now() + 86_400_000)) } }),
    /is in the future/,
  ],
  [
    'suite confusion: sid in the place of test',
    (place) => place.write({ release: { Suite: 'sid', Codename: 'sid' } }),
    /the suite is sid, sid, not test$/,
  ],
  [
    'suite without a name',
    (place) => place.write({ release: { Suite: undefined, Codename: undefined } }),
    /the suite is none that it names, not test$/,
  ],
  [
    'path out of the suite in Release',
    (place) => place.write({ release: { SHA256: `\n ${'0'.repeat(64)} 1 ../../../etc/passwd` } }),
    /is not a SHA256 entry$/,
  ],
  [
    'two digests for one file in Release',
    (place) => place.write({ release: { SHA256: `\n ${'0'.repeat(64)} 1 x\n ${'1'.repeat(64)} 1 x` } }),
    /x is listed twice, with two digests$/,
  ],
  [
    'Release with more digests than any archive has',
    (place) =>
      place
        .write({
          release: { SHA256: Array.from({ length: 200 }, (_, index) => `\n ${'0'.repeat(64)} 1 x${index}`).join('') },
        })
        .then(() => ({ limits: { releaseFiles: 100 } })),
    /it lists more than 100 files$/,
  ],
  [
    'Release with more signatures than any archive has',
    async (place) => place.write({ signers: Array(70).fill(await testKey()) }),
    /it has more than 64 signatures$/,
  ],
  [
    'index: another byte',
    async (place) => {
      await place.write();
      place.server.fault(/by-hash|Packages/, { type: 'flip', at: 30 });
    },
    /its SHA-256 is [0-9a-f]{64}, the archive promised [0-9a-f]{64}$/,
  ],
  [
    'index: cut',
    async (place) => {
      await place.write();
      place.server.fault(/by-hash|Packages/, { type: 'replace', bytes: Buffer.from('Package: evil\n') });
    },
    /it has 14 bytes, the archive promised \d+$/,
  ],
  [
    'index: longer than promised',
    async (place) => {
      await place.write();
      place.server.fault(/by-hash|Packages/, { type: 'replace', bytes: Buffer.alloc(100_000) });
    },
    /it is longer than the \d+ bytes that were promised$/,
  ],
  [
    'index: a by-hash name that lies',
    async (place) => {
      await place.write();
      place.server.fault('by-hash', { type: 'status', status: 404 });
      place.server.fault(/by-hash\/SHA256\//, {
        type: 'replace',
        bytes: await compressAs('gz', Buffer.from('Package: evil\nVersion: 666\n')),
      });
    },
    /the archive promised/,
  ],
  [
    'index: mixed with that of another day',
    async (place) => {
      await place.write({ editIndex: (text) => text.replace('1.0-1', '0.9-1') });
      const old = readFileSync(at(place, 'main/binary-amd64/Packages.gz'));
      await place.write({ release: { 'Acquire-By-Hash': 'no' } });
      writeFileSync(at(place, 'main/binary-amd64/Packages.gz'), old);
    },
    /promised/,
  ],
  ...(['gz', 'xz', 'zst'] as const).map(
    (kind): Attack => [
      `index: a bomb (.${kind})`,
      async (place) => {
        await place.write({ compressions: [kind] });
        const bomb = await compressAs(kind, Buffer.alloc(80_000_000));
        const path = `main/binary-amd64/Packages.${kind}`;
        writeFileSync(at(place, path), bomb);
        const text = releaseText(place)
          .replace(/SHA256:\n(?: .*\n?)*/, `SHA256:\n ${sha256(bomb)} ${bomb.length} ${path}`)
          .replace('Acquire-By-Hash: yes', 'Acquire-By-Hash: no');
        await sign(place, `${text.trimEnd()}\n`);
      },
      /cannot decompress .*: (?:it has more than \d+ bytes|Cannot create a Buffer larger than \d+ bytes)$/,
    ],
  ),
  [
    'index: a bomb that is announced',
    async (place) => {
      await place.write({ compressions: ['gz'] });
      const text = releaseText(place).trimEnd();
      await sign(place, `${text}\n ${'0'.repeat(64)} 999999999999 main/binary-amd64/Packages\n`);
    },
    /it is to have 999999999999 bytes, which is more than \d+$/,
  ],
  [
    'index: other bytes than those promised once decompressed',
    async (place) => {
      await place.write({ compressions: ['gz'] });
      const { length } = Buffer.from(execFileSync('gzip', ['-dc', at(place, 'main/binary-amd64/Packages.gz')]));
      await sign(place, `${releaseText(place).trimEnd()}\n ${'0'.repeat(64)} ${length} main/binary-amd64/Packages\n`);
    },
    /the archive promised 0{64}$/,
  ],
  ...(
    [
      ['../../../../etc/passwd', 'leads out of the archive'],
      ['/etc/passwd', 'is absolute'],
      ['pool/\u001b[2Jx.deb', 'has a terminal escape'],
    ] as const
  ).map(
    ([path, what]): Attack => [
      `index: a Filename that ${what}`,
      (place) => place.write({ editIndex: (text) => text.replace(/^Filename: .*$/m, `Filename: ${path}`) }),
      /its Filename is /,
    ],
  ),
  [
    'index: a package with a terminal escape for a version',
    (place) => place.write({ editIndex: (text) => text.replace(/^Version: .*$/m, 'Version: 1\u001b[2J') }),
    /its Version is "1\\u001b\[2J"$/,
  ],
  [
    '.deb: another byte',
    async (place) => {
      await place.write();
      place.server.fault(/\.deb$/, { type: 'flip', at: 100 });
    },
    /its SHA-256 is [0-9a-f]{64}, the archive promised [0-9a-f]{64}$/,
  ],
  [
    '.deb: another one, whole and sound',
    async (place) => {
      await place.write();
      place.server.fault(/\.deb$/, {
        type: 'replace',
        bytes: await makeDeb({ control: CONTROL, files: [{ path: '/usr/bin/backdoor', content: 'x' }] }),
      });
    },
    /the archive promised|it is longer than the/,
  ],
  [
    '.deb: longer than promised',
    async (place) => {
      await place.write();
      place.server.fault(/\.deb$/, { type: 'replace', bytes: Buffer.alloc(500_000) });
    },
    /it is longer than the \d+ bytes that were promised$/,
  ],
  [
    '.deb: a body without end',
    async (place) => {
      await place.write();
      place.server.fault(/\.deb$/, { type: 'endless' });
    },
    /it is longer than the \d+ bytes that were promised$/,
  ],
  [
    'InRelease: a body without end',
    async (place) => {
      await place.write();
      place.server.fault('InRelease', { type: 'endless' });
      return { limits: { releaseBytes: 1_000_000 } };
    },
    /it is longer than the 1000000 bytes that were promised$/,
  ],
  ...(['file:///etc/passwd', 'ftp://a.example/x', 'data:,x', 'gopher://127.0.0.1:70/x', 'javascript:x'] as const).map(
    (to): Attack => [
      `redirect to ${to}`,
      async (place) => {
        await place.write();
        place.server.fault(/\.deb$/, { type: 'redirect', to });
      },
      /which is not http or https$/,
    ],
  ),
  [
    'redirect to itself',
    async (place) => {
      await place.write();
      place.server.fault(/\.deb$/, { type: 'redirect', to: 'x.deb' });
    },
    /after 5 redirects$/,
  ],
  [
    'mirror that differs between two requests',
    async (place) => {
      await place.write({ editIndex: (text) => text.replace('1.0-1', '0.9-1') });
      const old = readFileSync(at(place, 'InRelease'));
      await place.write();
      place.server.fault('InRelease', { type: 'replace', bytes: old });
      place.server.fault(/by-hash/, { type: 'status', status: 404 });
    },
    /the archive promised|there is no such file/,
  ],
];

describe('supply chain: refused, and nothing is built', () => {
  it.each(ATTACKS)('%s', { timeout: 300_000 }, async (_, mount, why) => {
    const place = await ground();
    await place.expectRefused(why, ((await mount(place)) ?? {}) as BuildOptions);
  });
});

/** Somebody else's server, which writes down what it is asked. */
async function stranger(): Promise<{ readonly url: string; readonly asked: readonly Record<string, unknown>[] }> {
  const asked: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

describe('supply chain: what it does not get', () => {
  it('credentials, by a redirect to another host', async () => {
    const place = await ground();
    await place.write();
    const { url, asked } = await stranger();
    place.server.fault(/\.deb$/, { type: 'redirect', to: url });
    const mirrors = [place.server.url.replace('//', '//me:secret@')];
    await place.expectRefused(/^cannot fetch /, { mirrors });
    expect(asked.map(({ authorization, cookie }) => [authorization, cookie])).toEqual([[undefined, undefined]]);
    expect(place.server.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
  });

  it('a file that lies in the store under the name of another', async () => {
    const place = await ground();
    await place.write();
    expect((await place.build()).error).toBeUndefined();
    const good = readFileSync(place.output);
    const files = execFileSync('find', [join(place.directory, 'cache/sha256'), '-type', 'f'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const [first = '', ...others] = files;
    for (const other of others) copyFileSync(first, other);
    rmSync(join(place.directory, 'cache/unpacked'), { recursive: true });
    rmSync(place.output);
    expect((await place.build()).error).toBeUndefined();
    expect(readFileSync(place.output).equals(good)).toBe(true);
  });

  it('an archive without a signature read, where nobody said "trusted"', async () => {
    const place = await ground();
    await place.write({ signed: 'nothing' } satisfies Partial<ArchiveOptions>);
    const { error } = await place.build();
    expect(error).toBeInstanceOf(KoalaError);
  });
});
