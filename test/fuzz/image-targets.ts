import { parseCopyright } from '../../src/formats/copyright.js';
import { licenceExpression } from '../../src/formats/licence-expression.js';
import { parseImageConfig, parseImageDocument } from '../../src/formats/oci/parse.js';
import { parseOsRelease } from '../../src/formats/os-release.js';
import { parseChallenges } from '../../src/registry/challenge.js';
import { formatReference, parseReference } from '../../src/registry/reference.js';
import { parseBundle } from '../../src/sign/bundle.js';
import type { Target } from './fuzzer.js';

const text = (input: Buffer): string => input.toString('utf8');
const bytes = (...texts: readonly string[]): Buffer[] => texts.map((one) => Buffer.from(one));
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const JSON_TOKENS = ['{', '}', '[', ']', '"', ':', ',', 'null', '-1', '1e999', '"__proto__"', DIGEST, 'sha256:', '../'];

/** What registries, images and packages bring that stand in images. */
export const IMAGE_TARGETS: readonly Target[] = [
  {
    name: 'image manifests, indices, configurations',
    seeds: bytes(
      `{"schemaVersion":2,"config":{"digest":"${DIGEST}","size":2},"layers":[{"mediaType":"x","digest":"${DIGEST}","size":9}]}`,
      `{"schemaVersion":2,"manifests":[{"digest":"${DIGEST}","size":7,"platform":{"os":"linux","architecture":"amd64"}}]}`,
      `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["${DIGEST}"]},"config":{"Env":["A=b"]}}`,
    ),
    tokens: [...JSON_TOKENS, '"manifests"', '"layers"', '"config"', '"rootfs"', '"mediaType"'],
    run: (input) => {
      const read = [parseImageDocument, parseImageConfig].map((parse) => {
        try {
          return Object.keys(parse(input, 'x')).join();
        } catch (error) {
          if ((error as { name?: string }).name !== 'KoalaError') throw error;
          return 'no';
        }
      });
      return read.join(' ');
    },
    share: 30,
    longest: 2000,
  },
  {
    name: 'signature bundles',
    seeds: bytes(
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"x"}},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AAAA"}}',
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payloadType":"x","payload":"e30=","signatures":[{"sig":"AAAA"}]}}',
    ),
    tokens: [...JSON_TOKENS, '"signatures"', '"payload"', '='],
    run: (input) => parseBundle(input, 'x').type,
    share: 10,
    longest: 2000,
  },
  {
    name: 'names of images',
    seeds: bytes('jq', 'registry.example:5000/team/app:1.0', `localhost/a@${DIGEST}`),
    tokens: ['/', ':', '@', '.', '_', '-', '__', 'localhost', '[::1]', DIGEST],
    run: (input) => {
      const reference = parseReference(text(input));
      const written = formatReference(reference);
      if (formatReference(parseReference(written)) !== written) throw new TypeError('a name that was written differs');
      return `${reference.tag === undefined} ${reference.digest === undefined}`;
    },
    share: 40,
    longest: 600,
  },
  {
    name: 'challenges of registries',
    seeds: bytes(
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a:pull"',
      'Basic realm="x\\"y", Negotiate, Digest a=b',
    ),
    tokens: ['Bearer ', 'Basic ', '="', '"', '\\', ',', ' ', '='],
    run: (input) => {
      const challenges = parseChallenges(input.toString('latin1'));
      return challenges.map(({ parameters }) => Object.keys(parameters).length).join();
    },
    share: 40,
  },
  {
    name: 'copyright files and licences',
    seeds: bytes(
      'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: x\nLicense: GPL-2+ with OpenSSL exception, and Expat or ISC\n y\n .\n z\n',
      'Format-Specification: DEP-5\nLicense: Artistic or GPL-1+\n',
    ),
    tokens: [
      ' and ',
      ' or ',
      ', and ',
      ', or ',
      ' with ',
      'License: ',
      'Files: *\n',
      '\n\n',
      '\n .\n',
      'perl',
      'GPL-3',
    ],
    run: (input) => {
      const copyright = parseCopyright(text(input), 'x');
      if (copyright === undefined) return 'none';
      const expression = licenceExpression(copyright, ({ name }) => `LicenseRef-${name.length}`);
      return `${copyright.synopses.length} ${expression?.split(/ (AND|OR|WITH) /).length}`;
    },
    share: 20,
    longest: 6000,
  },
  {
    name: 'os-release',
    seeds: bytes('ID=debian\nVERSION_ID="13"\nPRETTY_NAME=\'Debian \\"x\\"\'\n'),
    tokens: ['=', '"', "'", '\\', '\n', '$', ' ', '      '],
    run: (input) => String(parseOsRelease(text(input)).size),
    share: 30,
  },
];
