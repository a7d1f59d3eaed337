import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { BuildOptions, BuildSummary } from '../../src/build-types.js';
import type { Io, Output } from '../../src/cli/io.js';
import { main } from '../../src/cli/main.js';

/** A stream that keeps what it is given, as a terminal where it has columns. */
export class Capture extends Writable implements Output {
  text = '';
  readonly isTTY: boolean;
  columns: number;

  constructor(columns?: number) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the pipeline was told; undefined where it was not called. */
  readonly options: BuildOptions | undefined;
}

export interface RunSettings {
  readonly stdout?: Capture;
  readonly stderr?: Capture;
  readonly signals?: EventEmitter;
  readonly exit?: (status: number) => void;
  readonly environment?: Io['environment'];
  readonly build?: Io['build'];
  readonly buildImages?: Io['buildImages'];
  readonly audit?: Io['audit'];
  readonly stdin?: Io['stdin'];
}

/** Runs the command line with a pipeline that does nothing, or with the given one. */
export async function run(argv: readonly string[], settings: RunSettings = {}): Promise<Run> {
  const stdout = settings.stdout ?? new Capture();
  const stderr = settings.stderr ?? new Capture();
  let options: BuildOptions | undefined;
  const status = await main(argv, {
    signals: new EventEmitter(),
    exit: () => {},
    environment: { HOME: '/home/me', LANG: 'C.UTF-8' },
    ...settings,
    stdout,
    stderr,
    build: async (given) => {
      options = given;
      return settings.build === undefined ? SUMMARY : settings.build(given);
    },
  });
  return { status, stdout: stdout.text, stderr: stderr.text, options };
}

const aPackage = (name: string, stage: string, bytes: number): BuildSummary['packages'][number] => {
  return { name, version: '1', architecture: 'amd64', stage, size: bytes / 4, bytes, sha256: '0'.repeat(64) };
};

/** A build of six packages. */
export const SUMMARY: BuildSummary = {
  profile: 'base',
  suite: 'trixie',
  architecture: 'amd64',
  epoch: 1_789_200_000,
  archives: [
    {
      url: 'http://a.example/dists/trixie/InRelease',
      suite: 'trixie',
      date: '2026-09-12T08:00:00.000Z',
      sha256: '1'.repeat(64),
      signedBy: [],
    },
  ],
  unread: ['trixie-updates', 'trixie-security'],
  stages: [
    { name: 'static', packages: 2, bytes: 2_724_000 },
    { name: 'base', packages: 4, bytes: 22_900_000 },
  ],
  packages: [
    aPackage('base-files', 'static', 424_000),
    aPackage('tzdata', 'static', 2_300_000),
    aPackage('libc6', 'base', 13_000_000),
    aPackage('a-package-whose-name-is-longer-than-that-of-any-other-package-dbgsym', 'base', 999_600),
    aPackage('libssl3t64', 'base', 8_000_000),
    aPackage('zlib1g', 'base', 180_000),
  ],
  notConfigured: ['base-files', 'tzdata', 'libc6', 'netbase', 'dash'].map((name) => ({
    package: name,
    scripts: ['postinst'],
  })),
  scripts: [],
  sboms: [],
  warnings: ['the mirror\x1b[2J answered slowly'],
  output: {
    path: 'base-trixie-amd64.tar',
    format: 'tar',
    bytes: 24_100_000,
    sha256: 'd19e6b18b9e9b7f11cde15dd505d371b40939daf5d7ff0c629c9e1c6abba8a47',
    tarSha256: 'd19e6b18b9e9b7f11cde15dd505d371b40939daf5d7ff0c629c9e1c6abba8a47',
    entries: 967,
  },
  reused: false,
  bytes: { fetched: 6_000_000, fromStore: 700_000, unpacked: 25_300_000 },
  seconds: {
    archives: 1.2,
    solve: 0.01,
    fetch: 0.1,
    unpack: 0.8,
    tree: 0.02,
    configure: 0.03,
    write: 0.2,
    total: 62.2,
  },
};
