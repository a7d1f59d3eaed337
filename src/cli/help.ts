import { describeLimits } from '../formats/limits.js';
import type { COMMANDS } from './commands.js';
import { type Example, layOutExamples, layOutRows, layOutUsage } from './help-layout.js';
import { wrap } from './text.js';

/** What the help says of a command, beside its options. */
export interface CommandHelp {
  /** Its arguments as yargs has them: `<package>`, `[path]`, `<references..>`. */
  readonly syntax?: string;
  /** A line of the list of commands. */
  readonly summary: string;
  readonly synopsis: readonly string[];
  /** Paragraphs. */
  readonly prose: readonly string[];
  readonly positionals?: Readonly<Record<string, string>>;
  readonly examples?: readonly Example[];
}

/** In the order of the list of commands. */
export const COMMAND_HELP = {
  build: {
    summary: 'Build a profile (the default)',
    synopsis: [
      'koala-bootstrap [build] --profile NAME|FILE [options]',
      'koala-bootstrap [build] --lock FILE [options]',
    ],
    prose: ['Makes a reproducible root filesystem, or a container image, of Debian packages.'],
    examples: [
      ['koala-bootstrap --profile base', 'for this machine'],
      ['koala-bootstrap -p base -s bookworm -a arm64', 'another release and machine'],
      ['koala-bootstrap -p debug -o debug.tar.zst', 'compressed, by the ending'],
      ['koala-bootstrap -p base -o base.oci.tar', 'a container image'],
      ['koala-bootstrap -p ./web.yaml --include jq,curl', 'own profile, more packages'],
      ['koala-bootstrap -p base --include ./mine.deb', 'a package of your own'],
      ['koala-bootstrap -p base --snapshot 20260701T000000Z'],
      ['koala-bootstrap --lock base.lock.json', 'exactly what a lock has'],
      ['koala-bootstrap -p static -o - | docker import -', 'into a pipe'],
    ],
  },
  plan: {
    summary: 'Show what a build would install, and why',
    synopsis: [
      'koala-bootstrap plan --profile NAME|FILE [options]',
      'koala-bootstrap plan --packages PKG,... --suite NAME [options]',
    ],
    prose: ['Shows what a build would install, and why. It fetches no package.'],
    examples: [
      ['koala-bootstrap plan -p base', 'packages, sizes, reasons'],
      ['koala-bootstrap plan -p minbase --tree', 'what needs what'],
      ['koala-bootstrap plan -p base --dot | dot -Tsvg', 'as a picture'],
      ['koala-bootstrap plan --packages git -s trixie --format names'],
    ],
  },
  why: {
    syntax: '<package>',
    summary: 'Show what brings a package or a file',
    synopsis: [
      'koala-bootstrap why PACKAGE|/PATH --profile NAME|FILE [options]',
      'koala-bootstrap why PACKAGE|/PATH --packages PKG,... --suite NAME [options]',
    ],
    prose: [
      'Shows the chains of dependencies that bring a package into a plan; or who brought a file into the tree: a package, a maintainer script, the profile.',
    ],
    positionals: { package: 'Its name, or a path: /usr/bin/x' },
    examples: [
      ['koala-bootstrap why libc6 -p base', 'the five shortest chains'],
      ['koala-bootstrap why perl-base -p minbase --all', 'more of them'],
      ['koala-bootstrap why libssl3t64 --packages git -s trixie'],
      ['koala-bootstrap why /etc/passwd -p base', 'who made a file, and why'],
    ],
  },
  audit: {
    summary: 'Account for every maintainer script',
    synopsis: [
      'koala-bootstrap audit --profile NAME|FILE [--strict] [options]',
      'koala-bootstrap audit --packages PKG,... --suite NAME [options]',
    ],
    prose: [
      'Accounts for each maintainer script: interpreted to its end, no effect, done by a native effect, or not understood: the line, the command and why. It makes the tree in memory and writes no output.',
    ],
    examples: [
      ['koala-bootstrap audit -p minbase', 'one line per package'],
      ['koala-bootstrap audit -p ./web.yaml --verbose', 'with all that changed'],
      ['koala-bootstrap audit --packages git -s trixie --strict'],
    ],
  },
  lock: {
    summary: 'Write down the exact packages of a profile',
    synopsis: ['koala-bootstrap lock --profile NAME|FILE [options]'],
    prose: [
      "Writes down the packages of a build, for all of a profile's architectures.",
      'build --lock FILE takes these and no others, whatever the archive has then.',
    ],
    examples: [
      ['koala-bootstrap lock -p base', 'base.lock.json'],
      ['koala-bootstrap lock -p ./web.yaml -a amd64,arm64', 'one lock of two machines'],
      ['koala-bootstrap build --lock web.lock.json -a arm64'],
    ],
  },
  update: {
    summary: 'Renew a lock, and show what changed',
    synopsis: ['koala-bootstrap update [--check] [--lock FILE] [options]'],
    prose: [
      'Chooses the packages of a lock anew and shows what changed, security first.',
      'A lock that would get the same packages stays as it is.',
    ],
    examples: [
      ['koala-bootstrap update', 'the lock that is here'],
      ['koala-bootstrap update --check', 'nightly: may end with 3'],
      ['koala-bootstrap update --security-only'],
      ['koala-bootstrap update --package openssl,curl'],
    ],
  },
  diff: {
    syntax: '<before> <after>',
    summary: 'Compare locks, profiles, tars, images',
    synopsis: ['koala-bootstrap diff BEFORE AFTER [options]'],
    prose: [
      'Compares two locks, profiles, root filesystems (a tar, compressed or not, or a directory) or images (an OCI layout, a tar of one, or of docker save), or one of these with another: packages, then files, then sizes.',
    ],
    positionals: { before: 'A file, a directory or a profile', after: 'The other' },
    examples: [
      ['koala-bootstrap diff old.lock.json base.lock.json', 'packages'],
      ['koala-bootstrap diff old.tar.zst new.tar.zst', 'packages, then files'],
      ['koala-bootstrap diff base.tar image/', 'a tar and an OCI layout'],
      ['koala-bootstrap diff base debug', 'two profiles'],
    ],
  },
  fetch: {
    summary: 'Fill the store with the packages of a lock',
    synopsis: ['koala-bootstrap fetch --lock FILE [options]'],
    prose: ['Brings the packages of a lock into the store: a build needs no network then.'],
    examples: [
      ['koala-bootstrap fetch --lock base.lock.json'],
      ['koala-bootstrap build --lock base.lock.json --offline'],
    ],
  },
  check: {
    syntax: '[path]',
    summary: 'Find what is missing in a tree',
    synopsis: ['koala-bootstrap check FILE|DIRECTORY [options]', 'koala-bootstrap check --profile NAME|FILE [options]'],
    prose: [
      'Finds what files of a tree need that is not in it: libraries, versions of symbols, interpreters, targets of links, commands of shell scripts, data that programs open.',
      'It exits with 1 where the tree is open.',
    ],
    positionals: { path: 'A root filesystem or image: a tar or a directory' },
    examples: [
      ['koala-bootstrap check base-trixie-amd64.tar', 'a rootfs, or an image'],
      ['koala-bootstrap check -p ./web.yaml', 'what a build would give'],
      ['koala-bootstrap check -p ./web.yaml --fix', 'what would close it'],
    ],
  },
  cache: {
    syntax: '<action>',
    summary: 'Show the cache, or keep it in order',
    synopsis: [
      'koala-bootstrap cache ls [--kind KIND,...] [--sort NAME] [--json]',
      'koala-bootstrap cache prune [--max-size SIZE] [--older-than AGE] [--all]',
      'koala-bootstrap cache verify [--json]',
      'koala-bootstrap cache dir',
    ],
    prose: [
      'ls shows what the cache has.',
      'prune removes entries, the least recently used first, and none that a running build uses.',
      'verify reads all entries and throws away the damaged ones: the next build fetches or makes them again.',
      'dir prints the directory.',
    ],
    positionals: { action: 'ls, prune, verify or dir' },
    examples: [
      ['koala-bootstrap cache ls --sort size', 'what takes the room'],
      ['koala-bootstrap cache prune', 'to the limit'],
      ['koala-bootstrap cache prune --max-size 2G --older-than 30d'],
      ['koala-bootstrap cache prune --kind unpacked --dry-run'],
      ['koala-bootstrap cache verify', 'may end with 3'],
      ['du -sh "$(koala-bootstrap cache dir)"'],
    ],
  },
  'show-config': {
    summary: 'Show a profile with all that it extends',
    synopsis: ['koala-bootstrap show-config --profile NAME|FILE [--json]'],
    prose: ['Prints a profile as one file: with all that it extends, and without defaults.'],
  },
  publish: {
    syntax: '<references..>',
    summary: 'Build an image, and send it to a registry',
    synopsis: [
      'koala-bootstrap publish REF... --profile NAME|FILE [options]',
      'koala-bootstrap publish REF... --image LAYOUT [options]',
    ],
    prose: [
      'Builds an image as build does, or takes one that is there, and sends to registries what they lack. Prints what it is known by there, with its digest.',
      'Credentials are those of docker, podman and login; a credential helper that their files name is started where a registry wants credentials.',
    ],
    positionals: { references: 'registry.example/team/app:1.0 ...' },
    examples: [
      ['koala-bootstrap publish registry.example/app:1.0 -p ./web.yaml'],
      ['koala-bootstrap publish r.example/base -p base -a amd64,arm64'],
      ['koala-bootstrap publish localhost:5000/base --image base.oci.tar'],
    ],
  },
  login: {
    syntax: '<registry>',
    summary: 'Keep a user and a password for a registry',
    synopsis: ['koala-bootstrap login REGISTRY --username NAME --password-stdin'],
    prose: [
      "Asks the registry, and keeps the credentials in docker's config.json or where its credential helper does; $DOCKER_CONFIG and $REGISTRY_AUTH_FILE say where.",
    ],
    positionals: { registry: 'registry.example, docker.io ...' },
  },
  logout: {
    syntax: '<registry>',
    summary: 'Forget them',
    synopsis: ['koala-bootstrap logout REGISTRY'],
    prose: ['Forgets what login keeps for it.'],
    positionals: { registry: 'As login was given it' },
  },
  sign: {
    syntax: '<artifact>',
    summary: 'Sign an image or a file, and its SBOMs',
    synopsis: ['koala-bootstrap sign ARTIFACT --key FILE [options]'],
    prose: [
      'Signs an image (an OCI layout, a tar of one, or in a registry) or any other file with a key of ECDSA over P-256 or of Ed25519, and the SBOMs and provenance that lie beside it.',
      'cosign verify --key FILE accepts it.',
    ],
    positionals: { artifact: 'OCI layout, REF in a registry, or file' },
    examples: [
      ['openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out koala.key'],
      ['koala-bootstrap sign image.oci.tar --key koala.key', 'with what lies beside it'],
      ['koala-bootstrap sign base.tar --key cosign.key', 'base.tar.sigstore.json'],
      ['koala-bootstrap sign registry.example/app:1 -k koala.key --attest sbom.json'],
    ],
  },
  verify: {
    syntax: '<artifact>',
    summary: 'Check signatures, or that it can be rebuilt',
    synopsis: [
      'koala-bootstrap verify ARTIFACT --key FILE [options]',
      'koala-bootstrap verify --reproduce ARTIFACT --lock FILE [options]',
    ],
    prose: [
      'Checks an image to the last layer, or a file, and all that is signed of it; or builds it anew, and names the first file that is another one.',
    ],
    positionals: { artifact: 'OCI layout, REF in a registry, or file' },
    examples: [
      ['openssl pkey -in koala.key -pubout -out koala.pub'],
      ['koala-bootstrap verify image.oci.tar --key koala.pub'],
      ['koala-bootstrap verify registry.example/app:1 -k koala.pub'],
      ['koala-bootstrap verify image.oci.tar -k koala.pub --require spdx'],
      ['koala-bootstrap verify --reproduce base.tar --lock base.lock.json'],
    ],
  },
  profiles: {
    summary: 'List the built-in profiles and their stages',
    synopsis: ['koala-bootstrap profiles [--json]'],
    prose: ['Lists the built-in profiles and their stages.'],
  },
} as const satisfies Readonly<Record<keyof typeof COMMANDS, CommandHelp>>;

/** How the program is called; of its commands, what most calls have. */
const SYNOPSIS = [
  'koala-bootstrap [build] --profile NAME|FILE [options]',
  'koala-bootstrap plan --profile NAME|FILE [--tree|--json|--dot] [options]',
  'koala-bootstrap why PACKAGE|/PATH --profile NAME|FILE [options]',
  'koala-bootstrap audit --profile NAME|FILE [--strict] [options]',
  'koala-bootstrap lock --profile NAME|FILE [--arch ARCH,...] [options]',
  'koala-bootstrap update [--check] [--lock FILE] [options]',
  'koala-bootstrap diff BEFORE AFTER [options]',
  'koala-bootstrap fetch --lock FILE [options]',
  'koala-bootstrap check FILE|DIRECTORY|--profile NAME [options]',
  'koala-bootstrap cache ls|prune|verify|dir [options]',
  'koala-bootstrap sign ARTIFACT --key FILE [options]',
  'koala-bootstrap verify ARTIFACT --key FILE [options]',
  'koala-bootstrap verify --reproduce ARTIFACT --lock FILE [options]',
  'koala-bootstrap show-config --profile NAME|FILE [--json]',
  'koala-bootstrap publish REF... --profile NAME|FILE [options]',
  'koala-bootstrap login|logout REGISTRY',
  'koala-bootstrap profiles [--json]',
];

const STATUS = [
  ['0', 'done'],
  ['1', 'it failed, the profile has errors, or the package is not there; check: the tree is open'],
  ['2', 'wrong usage, or no such profile'],
  ['3', 'update --check: something is newer; diff --check: they differ; cache verify: an entry was damaged'],
  ['130, 143', 'cancelled by Ctrl-C or SIGTERM'],
] as const;

const ENVIRONMENT = [
  ['SOURCE_DATE_EPOCH', 'the latest time that files may have'],
  ['http_proxy, https_proxy, no_proxy', 'as usual'],
  ['XDG_CACHE_HOME, NO_COLOR', 'as usual'],
  ['KOALA_KEY_PASSWORD, COSIGN_PASSWORD', 'the passphrase of a signing key'],
  ['KOALA_CACHE_LIMIT', '--cache-limit where it is not given'],
  ['DOCKER_CONFIG, REGISTRY_AUTH_FILE', 'credentials for registries, as usual'],
  ['KOALA_DEBUG=1', 'shows where errors come from'],
] as const;

/** What stands above the options where no command is asked for. */
export function programUsage(columns: number): string {
  return layOutUsage(SYNOPSIS, COMMAND_HELP.build.prose, columns);
}

/** What stands below them, and below those of `build`. */
export function programEpilogue(columns: number): string {
  return [
    layOutExamples(COMMAND_HELP.build.examples, columns),
    layOutRows('Exit status:', STATUS, columns),
    layOutRows('Environment:', ENVIRONMENT, columns),
    wrap('Progress goes to standard error, the summary to standard output.', columns).join('\n'),
    layOutRows('Budgets of --limit, whole numbers, K M G for powers of 1024:', describeLimits(), columns),
  ].join('\n\n');
}
