import { parseDeb822Sources, parseOneLineSources } from '../../src/archive/apt-sources.js';
import { decompress } from '../../src/archive/decompress.js';
import { scanIndex } from '../../src/archive/index-scan.js';
import { openTables } from '../../src/archive/index-tables.js';
import { verifyClearsigned } from '../../src/archive/openpgp-verify.js';
import { packageIndex } from '../../src/archive/package-index.js';
import { parseRelease } from '../../src/archive/release-file.js';
import { parseAwk } from '../../src/configure/commands/awk/parser.js';
import { AwkSyntaxError } from '../../src/configure/commands/awk/syntax.js';
import { Regex } from '../../src/configure/commands/regex/regex.js';
import { RegexSyntaxError } from '../../src/configure/commands/regex/syntax.js';
import { readSharedObject } from '../../src/configure/effects/elf.js';
import { scriptRunner } from '../../src/configure/run-scripts.js';
import { walkAr } from '../../src/formats/ar.js';
import { unarmour } from '../../src/formats/armor.js';
import { formatParagraph, parseParagraphs } from '../../src/formats/deb822.js';
import { formatAlternatives, parseRelations } from '../../src/formats/relation.js';
import { formatPackageRequest, parsePackageRequests } from '../../src/formats/request.js';
import { checksumOf, FIELD, TYPE_OFFSET, writeNumber } from '../../src/formats/tar/header.js';
import { parsePaxRecords } from '../../src/formats/tar/pax.js';
import { TarReader } from '../../src/formats/tar/reader.js';
import type { TarEntry } from '../../src/formats/tar/types.js';
import { encodeTarHeader } from '../../src/formats/tar/writer.js';
import { compareVersions, isVersion } from '../../src/formats/version.js';
import { pemCertificates, subjectHash } from '../../src/formats/x509.js';
import { readDocument } from '../../src/profile/document.js';
import { validate } from '../../src/profile/validate.js';
import { mergePackages } from '../../src/rootfs/merge.js';
import { parseLock } from '../../src/solve/lock/file.js';
import { decode } from '../../src/unpack/decoders.js';
import { readXzLayout } from '../../src/unpack/xz-layout.js';
import { mergeInput } from '../rootfs/inputs.js';
import { makeCertificates } from './certificates.js';
import type { Target } from './fuzzer.js';
import {
  compressed,
  DEBS,
  IN_RELEASE,
  REAL_DEBS,
  REAL_RELEASES,
  REAL_SCRIPTS,
  REAL_STANZAS,
  RELEASE,
  SCRIPTS,
  STANZAS,
  TAR,
} from './seeds.js';

const text = (input: Buffer): string => input.toString('utf8');
const bytes = (...texts: readonly string[]): Buffer[] => texts.map((one) => Buffer.from(one));

/** What holds of two values that must be the same. */
function same(one: unknown, other: unknown, what: string): void {
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error(`${what} differs: ${JSON.stringify(one)} and ${JSON.stringify(other)}`);
}

/** A plain Error, as functions throw whose callers put it into words; a TypeError or RangeError is a mistake of ours. */
const isPlain = (error: unknown): boolean => error instanceof Error && error.constructor === Error;

interface Seen {
  readonly entries: readonly unknown[];
  readonly content: string;
}

function readTar(input: Buffer, size: number): Seen {
  const entries: unknown[] = [];
  const contents: Buffer[] = [];
  const sink = {
    entry: (entry: TarEntry, offset: number) =>
      void entries.push({
        ...entry,
        xattrs: [...entry.xattrs].map(([name, value]) => [name, Buffer.from(value).toString('hex')]),
        offset,
      }),
    content: (chunk: Uint8Array) => void contents.push(Buffer.from(chunk)),
  };
  const reader = new TarReader(sink, 'x.tar');
  for (let at = 0; at < input.length; at += size) reader.write(input.subarray(at, at + size));
  reader.end();
  return { entries, content: Buffer.concat(contents).toString('hex') };
}

/** Puts the checksums of headers right. */
function mendTar(input: Buffer): void {
  for (let at = 0; at + 512 <= input.length; at += 512) {
    const looksLikeHeader =
      input.toString('latin1', at + 257, at + 262) === 'ustar' ||
      /^[\x20-\x7e]+\0/.test(input.toString('latin1', at, at + 100));
    if (looksLikeHeader)
      writeNumber(input.subarray(at, at + 512), [FIELD.checksum[0], FIELD.checksum[1]], checksumOf(input, at));
  }
}

const outcomeOfTar = (input: Buffer): string => {
  const whole = readTar(input, Math.max(input.length, 1));
  same(whole, readTar(input, 200), 'what is read in other chunks');
  for (const entry of whole.entries as TarEntry[]) {
    if (
      !/^\/(?:$|[^\0]*[^/\0]$)/.test(entry.path) ||
      /\/(?:\.\.?)?(?:\/|$)/.test(entry.path.slice(1) === '' ? '' : entry.path)
    )
      throw new TypeError(`the path ${entry.path} passed the gate`);
  }
  return (whole.entries as TarEntry[])
    .map(({ type }) => type.charAt(0))
    .join('')
    .slice(0, 12);
};

async function decodeAll(kind: Parameters<typeof decode>[0], input: Buffer, portable = false): Promise<string> {
  let size = 0;
  const count = (chunk: Uint8Array): void => {
    size += chunk.length;
  };
  await decode(kind, [input.subarray(0, 100), input.subarray(100)], count, {
    origin: 'x',
    maxBytes: 1 << 20,
    ...(portable ? { by: 'lzma-native' as const } : {}),
    xzMemoryBytes: 64 << 20,
  });
  return String(Math.ceil(Math.log2(size + 1)));
}

const ARCHIVE = {
  suite: 'x',
  components: ['main'],
  uris: ['http://a.example'],
  keyrings: [],
  signers: [],
  trusted: false,
  priority: undefined,
  asOf: undefined,
  checkValidUntil: true,
  origin: 'x',
};

const runOne = (script: Buffer): string => {
  const control = { postinst: `#!/bin/sh\n${script.toString('latin1')}` };
  const packages = [mergeInput('evil', ['/usr/bin/tool', '/etc/conf'], { control, spool: process.execPath })];
  const tree = mergePackages(packages, 'amd64', 1_750_000_000);
  const limits = { scriptSteps: 3000, scriptOutputBytes: 1 << 20, scriptMemoryBytes: 16 << 20, scriptSeconds: 1 };
  const options = {
    architectures: { native: 'amd64', foreign: [] },
    epoch: 1_750_000_000,
    mode: 'full',
    limits,
  } as const;
  const audit = scriptRunner(tree, options).run(packages);
  return audit
    .flatMap(({ outcome, changed, notUnderstood }) => [
      outcome,
      Math.min(changed.length, 5),
      ...notUnderstood.map(
        ({ command, why }) => `${command.slice(0, 12)} ${why.replace(/\d+|["'][^"']*["']/g, '#').slice(0, 40)}`,
      ),
    ])
    .join()
    .slice(0, 200);
};

const DER = makeCertificates();

const decoders = await Promise.all(
  (['gz', 'xz', 'zst', 'lzma'] as const).map(async (kind): Promise<Target> => {
    return {
      name: `${kind} of a .deb`,
      seeds: await compressed(kind),
      run: (input) => decodeAll(kind, input),
      share: 3,
    };
  }),
);

const indices = await Promise.all(
  (['.gz', '.xz', '.zst'] as const).map(async (kind): Promise<Target> => {
    const run = async (input: Buffer) => {
      let size = 0;
      await decompress(input, kind, { limit: 1 << 20, memory: 64 << 20, url: 'x' }, async (piece) => {
        size += piece.length;
      });
      return String(size);
    };
    return { name: `Packages${kind}`, seeds: await compressed(kind.slice(1) as 'gz'), run, share: 3 };
  }),
);

export const TARGETS: readonly Target[] = [
  {
    name: 'ar',
    seeds: [...DEBS, ...REAL_DEBS.map((deb) => deb.subarray(0, 16_000))],
    tokens: ['!<arch>\n', 'debian-binary   ', 'control.tar.xz  ', 'data.tar.zst    ', '_x', '`\n', '/', '#1/20'],
    run: (input) => {
      const members = walkAr((offset, length) => input.subarray(offset, offset + length), input.length, 'x.deb');
      for (const { offset, size } of members)
        if (offset + size > input.length || size < 0) throw new TypeError('a member lies outside');
      return String(members.length);
    },
    share: 70,
  },
  {
    name: 'tar',
    seeds: [TAR],
    tokens: [
      'ustar\0' + '00',
      'ustar  \0',
      './',
      '../',
      '/',
      '0000644\0',
      '00000000000\0',
      '\x80\0\0\0\0\0\0\x01',
      'PaxHeader',
      '30 mtime=1700000000.000000000\n',
      '12 path=../x\n',
      '20 linkpath=/etc/pw\n',
      'GNU.sparse.major=1\n',
      'L',
      'K',
      'x',
      'g',
    ],
    mend: mendTar,
    run: outcomeOfTar,
    share: 50,
    longest: 8192,
  },
  {
    name: 'tar header',
    seeds: [TAR.subarray(0, 512), TAR.subarray(512, 1024), Buffer.concat([TAR.subarray(0, 512), Buffer.alloc(1024)])],
    tokens: ['ustar\0' + '00', '\x80\0\0\0', '\xff\xff\xff\xff', '5', '2', '1', '3'],
    mend: mendTar,
    run: (input) => {
      const block = Buffer.concat([input, Buffer.alloc(1536)]).subarray(0, 512);
      mendTar(block);
      const found: TarEntry[] = [];
      const reader = new TarReader({ entry: (entry) => void found.push(entry) }, 'x.tar');
      reader.write(block);
      const [entry] = found;
      if (entry === undefined) return `meta ${block[TYPE_OFFSET]}`;
      // That no file takes the place of the root is for the tree to see to.
      if (entry.path === '/') return 'root';
      const again: TarEntry[] = [];
      const rereader = new TarReader({ entry: (other) => void again.push(other) }, 'x.tar');
      try {
        rereader.write(encodeTarHeader(entry));
      } catch (error) {
        // The writer says what it cannot; what it does write must be read the same.
        if (/^cannot write/.test((error as Error).message)) return 'not writable';
        throw error;
      }
      same({ ...entry, xattrs: [] }, { ...again[0], xattrs: [] }, 'an entry that was written');
      return entry.type;
    },
    share: 100,
  },
  {
    name: 'pax records',
    seeds: bytes('30 mtime=1700000000.000000000\n', '12 path=./ü\n27 SCHILY.xattr.user.x=yyy\n', ''),
    tokens: ['=', '\n', ' ', 'path', 'size', 'SCHILY.xattr.', '9'],
    run: (input) => {
      const records = parsePaxRecords(input);
      const total = records?.reduce((sum, { value }) => sum + value.length, 0) ?? -1;
      if (total > input.length) throw new TypeError('more came out than went in');
      return `${records?.length}`;
    },
    share: 150,
  },
  {
    name: 'deb822',
    seeds: [...bytes(STANZAS, RELEASE), ...REAL_STANZAS.map((one) => one.subarray(0, 4000))],
    tokens: ['\n\n', ': ', '\n ', '\n .', '\r\n', '#', '-', 'Package', '\t'],
    run: (input) => {
      const paragraphs = parseParagraphs(text(input), 'x');
      for (const paragraph of paragraphs) {
        const fields = [...paragraph.fields()];
        let written: string;
        try {
          written = formatParagraph(fields);
        } catch {
          continue;
        }
        same([...(parseParagraphs(written, 'x')[0]?.fields() ?? [])], fields, 'a paragraph that was written');
      }
      return String(paragraphs.length);
    },
    share: 90,
    longest: 4000,
  },
  {
    name: 'relations',
    seeds: bytes('a (>= 1:2~3-4), b:any | c [amd64 !i386] <!nocheck> , d (<< 2)', 'libc6', ''),
    tokens: ['|', ',', '(', ')', '>=', '<<', '=', ':any', '[', ']', '<', '>', '!', ' ', '\n'],
    run: (input) => {
      const relations = parseRelations(text(input), 'x');
      const written = relations.map(formatAlternatives).join(', ');
      same(parseRelations(written, 'x'), relations, 'relations that were written');
      return String(relations.length);
    },
    share: 60,
    longest: 600,
  },
  {
    name: 'requests',
    seeds: bytes('jq, zlib1g (>= 1:1.2), bash=5.*, curl/trixie, libc6:i386=2.41*', 'x'),
    tokens: [',', '=', '/', ':', '*', '(', ')', '[a-z]'],
    run: (input) => {
      const requests = parsePackageRequests(text(input), 'x');
      same(
        requests.flatMap((one) => parsePackageRequests(formatPackageRequest(one), 'x')),
        requests,
        'requests that were written',
      );
      return String(requests.length);
    },
    share: 40,
    longest: 400,
  },
  {
    name: 'versions',
    seeds: bytes('1:1.0~rc1+dfsg-1~bpo1\n2.41-12+b1', '0\n00', '1.a\n1.+'),
    tokens: ['~', '-', ':', '+', '0', '00', 'a', 'Z', '.'],
    run: (input) => {
      const [a = '', b = '', c = ''] = text(input).split('\n');
      const sign = Math.sign(compareVersions(a, b));
      if (sign !== -Math.sign(compareVersions(b, a))) throw new TypeError('the order is not antisymmetric');
      if (compareVersions(a, a) !== 0) throw new TypeError('a version is not itself');
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0 && compareVersions(a, c) > 0)
        throw new TypeError('the order is not transitive');
      return `${isVersion(a)} ${sign}`;
    },
    share: 150,
  },
  {
    name: 'Release',
    seeds: [...bytes(RELEASE), ...REAL_RELEASES.map((one) => one.subarray(0, 4000))],
    tokens: ['SHA256:', 'Date:', '../', '/', 'Sat, 11 Jul 2026 10:16:37 UTC', '\n '],
    run: (input) => {
      const release = parseRelease(text(input), { source: ARCHIVE, url: 'x', sha256: '', signedBy: [] });
      for (const path of release.files.keys())
        if (/(?:^|\/)\.\.(?:\/|$)|^\//.test(path)) throw new TypeError(`the path ${path} passed`);
      return `${release.files.size}`;
    },
    share: 80,
  },
  {
    name: 'index',
    seeds: [...bytes(STANZAS), ...REAL_STANZAS.map((one) => one.subarray(0, 6000))],
    tokens: ['\n\n', 'Package: ', 'Provides: ', 'Version: ', 'Filename: ../', 'Size: ', '\n ', '\0', '\xff'],
    run: (input) => {
      const { count } = openTables(scanIndex(input));
      const index = packageIndex(input, 'x', ARCHIVE);
      let good = 0;
      for (let stanza = 0; stanza < count; stanza++) {
        try {
          const record = index.record(stanza);
          void [
            record.depends,
            record.preDepends,
            record.provides,
            record.conflicts,
            record.breaks,
            record.replaces,
            record.recommends,
          ];
          good++;
        } catch (error) {
          if ((error as { name?: string }).name !== 'KoalaError') throw error;
        }
      }
      return `${good} of ${count}`;
    },
    share: 10,
    longest: 5000,
  },
  {
    name: 'apt sources',
    seeds: bytes(
      'Types: deb deb-src\nURIs: http://a.example/debian\nSuites: trixie trixie-updates\nComponents: main\nSigned-By: /usr/share/keyrings/x.gpg\nEnabled: yes\n',
      'deb [arch=amd64,i386 signed-by=/x.gpg trusted=yes] http://a.example/ trixie main contrib # x\n',
    ),
    tokens: ['deb ', '[', ']', '=', 'Signed-By:', '\n ', '#', '"', "'"],
    run: (input) => {
      let kinds = '';
      for (const parse of [parseDeb822Sources, parseOneLineSources]) {
        try {
          kinds += ` ${parse(text(input), 'x').length}`;
        } catch (error) {
          if ((error as { name?: string }).name !== 'KoalaError') throw error;
          kinds += ' no';
        }
      }
      return kinds;
    },
    share: 30,
    longest: 2000,
  },
  {
    name: 'armour and certificates',
    seeds: [
      ...bytes(
        '-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: x\n\nmQINBF+p\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n',
      ),
      ...DER.map((one) =>
        Buffer.from(`-----BEGIN CERTIFICATE-----\n${one.toString('base64')}\n-----END CERTIFICATE-----\n`),
      ),
    ],
    run: (input) =>
      `${unarmour(text(input))?.length} ${pemCertificates(text(input))
        .map((one) => subjectHash(one).length)
        .join()}`,
    share: 40,
  },
  { name: 'DER of a certificate', seeds: DER, run: (input) => String(subjectHash(input).length), share: 100 },
  {
    name: 'xz index',
    seeds: (await compressed('xz')).concat(REAL_DEBS.slice(0, 2).map((deb) => deb.subarray(0, 16_000))),
    tokens: ['\xfd7zXZ\0', 'YZ', '\0\0\0\0', '\x21\x01\x16', '\xff\xff\xff\xff\x0f'],
    run: (input) =>
      String(
        readXzLayout(
          (offset, length) => input.subarray(Math.max(offset, 0), Math.max(offset + length, 0)),
          input.length,
        ).length,
      ),
    refusal: isPlain,
    share: 100,
  },
  ...decoders,
  {
    name: 'xz of a .deb, portable',
    seeds: await compressed('xz'),
    run: (input) => decodeAll('xz', input, true),
    share: 3,
  },
  ...indices,
  {
    name: 'ELF',
    seeds: [elfSeed(64), elfSeed(32)],
    tokens: ['\x7fELF', '\x02\x01\x01', '\x01\x02\x01', '\xff\xff\xff\xff\xff\xff\xff\x7f'],
    run: (input) => {
      const found = readSharedObject({ type: 'bytes', bytes: input });
      return found === undefined ? 'none' : `${found.bits} ${found.soname?.length} ${found.usesLibc()}`;
    },
    share: 60,
  },
  {
    name: 'InRelease',
    seeds: [IN_RELEASE, ...REAL_RELEASES.slice(0, 1).map((one) => one.subarray(0, 3000))],
    tokens: [
      '-----BEGIN PGP SIGNED MESSAGE-----\n',
      '-----BEGIN PGP SIGNATURE-----\n',
      '-----END PGP SIGNATURE-----\n',
      'Hash: SHA512\n',
      '- ',
      '\n\n',
    ],
    run: async (input) =>
      String(
        (await verifyClearsigned(input, { url: 'x', keyring: { keys: [], origin: 'none' }, now: new Date(0) }))
          .signedBy,
      ),
    share: 1,
  },
  {
    name: 'profile',
    seeds: bytes(
      'name: web\ndescription: x\nsuite: trixie\narchives: [{ suite: trixie, signed-by: debian-archive }]\nstages:\n  - name: one\n    packages: [libc6, "jq (>= 1)"]\n    drop: [{ package: x, reason: y }]\npaths: [{ type: file, path: /x, content: "y" }]\n',
      'a: &a [1, *a]\n',
    ),
    tokens: [
      '&a ',
      '*a',
      '<<: ',
      '!!binary ',
      '? ',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '|\n',
      '%YAML 1.1\n---\n',
      '...\n',
      '\t',
    ],
    run: (input) => {
      const validated = validate(readDocument(text(input), 'p.yaml'), undefined);
      return validated.ok ? 'good' : `${validated.errors.length}`;
    },
    share: 1,
    longest: 2000,
  },
  {
    name: 'lock',
    seeds: bytes(
      '{"version":1,"digest":"x","config":{"profile":"p","from":"p","suite":"s","updates":false,"include":[]},"archives":[],"architectures":{}}',
      '{}',
      '[]',
      'null',
    ),
    tokens: ['{', '}', '[', ']', '"', ':', ',', 'null', '1e999', '"__proto__"', '\\u0000'],
    run: async (input) => String((await parseLock(text(input), 'x')).archives.length),
    share: 40,
  },
  {
    name: 'regular expressions',
    seeds: bytes(
      '^\\(a\\|b\\)*[[:alpha:]]\\{1,3\\}$\naab',
      '(a+)+b|[^x-z]?\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      '\\<a\\>\\1',
    ),
    tokens: [
      '\\(',
      '\\)',
      '\\{1,',
      '\\}',
      '[[:',
      ':]]',
      '[^',
      ']',
      '*',
      '+',
      '?',
      '|',
      '(',
      ')',
      '{',
      '}',
      '\\1',
      '^',
      '$',
      '\\w',
      '[.x.]',
      '[=x=]',
    ],
    run: (input) => {
      const [source = '', subject = ''] = input.toString('latin1').split('\n');
      let units = 200;
      const spend = (given: number): void => {
        units -= given;
        if (units < 0) throw new Error('the budget is used up');
      };
      const results = (['basic', 'extended', 'awk'] as const).map((dialect) => {
        try {
          return String(new Regex(source, { dialect }, spend).test(subject));
        } catch (error) {
          if (error instanceof RegexSyntaxError || isPlain(error)) return (error as Error).message;
          throw error;
        }
      });
      return results.join();
    },
    share: 10,
    longest: 160,
  },
  {
    name: 'awk',
    seeds: bytes(
      `BEGIN { n = 0 } $3 > 10 { n += $3; print $1, substr($0, 2, 5) > "/x" } END { printf "%5.2f\\n", n / 3 }`,
      'function f(a, b) { return a ? b : f(b, a) } /x/, /y/ { for (k in c) delete c[k]; next }',
    ),
    tokens: [
      '{',
      '}',
      '(',
      ')',
      '$',
      '/',
      '"',
      '~',
      '!~',
      'getline',
      '|',
      '>',
      'in',
      '++',
      '?',
      ':',
      '\\',
      ';',
      '\n',
      'function ',
    ],
    run: (input) => String(parseAwk(input.toString('latin1')).rules.length),
    refusal: (error) =>
      error instanceof AwkSyntaxError ||
      error instanceof RegexSyntaxError ||
      (error instanceof RangeError && /call stack/.test(error.message)),
    share: 30,
    longest: 1500,
  },
  {
    name: 'maintainer scripts',
    seeds: [...SCRIPTS, ...REAL_SCRIPTS],
    tokens: [
      '$(',
      ')',
      '`',
      '"',
      "'",
      '${',
      '}',
      '<<E\n',
      '\nE\n',
      '|',
      '&&',
      ';',
      '\n',
      '>',
      '2>&1',
      'if ',
      'then ',
      'fi',
      'case ',
      'esac',
      'for i in ',
      'do ',
      'done',
      '$((',
      '))',
      '*',
      '[',
      ' -',
      ' --',
      '/etc/',
      '/usr/bin/tool',
      ' ../',
      '\\',
      '{a,b}',
      'set -',
      'update-',
      'dpkg-',
    ],
    run: runOne,
    share: 12,
    longest: 4000,
  },
];

/** A shared object of headers alone: one PT_LOAD, one PT_DYNAMIC with a name. */
function elfSeed(bits: 32 | 64): Buffer {
  const image = Buffer.alloc(512);
  const word = bits === 64 ? 8 : 4;
  const put = (at: number, value: number, size: number): void => {
    if (size === 8) image.writeBigUInt64LE(BigInt(value), at);
    else image.writeUIntLE(value, at, size);
  };
  image.write('\x7fELF', 0, 'latin1');
  Buffer.from([bits / 32, 1, 1]).copy(image, 4);
  put(16, 3, 2);
  put(18, bits === 64 ? 62 : 3, 2);
  put(bits === 64 ? 32 : 28, 64, word);
  put(bits === 64 ? 54 : 42, bits === 64 ? 56 : 32, 2);
  put(bits === 64 ? 56 : 44, 2, 2);
  const segment = (at: number, type: number, offset: number, size: number): void => {
    put(at, type, 4);
    const [first, second, third] = bits === 64 ? [8, 16, 32] : [4, 8, 16];
    put(at + first, offset, word);
    put(at + second, offset, word);
    put(at + third, size, word);
    put(at + third + word, size, word);
  };
  segment(64, 1, 0, 512);
  segment(64 + (bits === 64 ? 56 : 32), 2, 256, 6 * word);
  [5, 400, 14, 1, 1, 8].forEach((value, index) => {
    put(256 + index * word, value, word);
  });
  image.write('\0libx.so.1\0libc.so.6\0', 400, 'latin1');
  return image;
}
