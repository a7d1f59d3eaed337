import { describeLimits } from '../formats/limits.js';
import { wrap } from './text.js';

export const USAGE = `koala-bootstrap [build] --profile NAME|FILE [options]
koala-bootstrap plan --profile NAME|FILE [--tree|--json|--dot] [options]
koala-bootstrap why PACKAGE|/PATH --profile NAME|FILE [options]
koala-bootstrap audit --profile NAME|FILE [--strict] [options]
koala-bootstrap lock --profile NAME|FILE [--arch ARCH,...] [options]
koala-bootstrap update [--check] [--lock FILE] [options]
koala-bootstrap diff BEFORE AFTER [options]
koala-bootstrap fetch --lock FILE [options]
koala-bootstrap check FILE|DIRECTORY|--profile NAME [options]
koala-bootstrap cache ls|prune|verify|dir [options]
koala-bootstrap sign ARTIFACT --key FILE [options]
koala-bootstrap verify ARTIFACT --key FILE [options]
koala-bootstrap verify --reproduce ARTIFACT --lock FILE [options]
koala-bootstrap show-config --profile NAME|FILE [--json]
koala-bootstrap publish REF... --profile NAME|FILE [options]
koala-bootstrap login|logout REGISTRY
koala-bootstrap profiles [--json]

Makes a reproducible root filesystem, or a container image, of Debian packages.`;
export const EXAMPLES = {
  build: `Examples:
  koala-bootstrap --profile base                     for this machine
  koala-bootstrap -p base -s bookworm -a arm64       another release and machine
  koala-bootstrap -p debug -o debug.tar.zst          compressed, by the ending
  koala-bootstrap -p base -o base.oci.tar            a container image
  koala-bootstrap -p ./web.yaml --include jq,curl    own profile, more packages
  koala-bootstrap -p base --include ./mine.deb       a package of your own
  koala-bootstrap -p base --snapshot 20260701T000000Z
  koala-bootstrap --lock base.lock.json              exactly what a lock has
  koala-bootstrap -p static -o - | docker import -   into a pipe`,
  plan: `Examples:
  koala-bootstrap plan -p base                       packages, sizes, reasons
  koala-bootstrap plan -p minbase --tree             what needs what
  koala-bootstrap plan -p base --dot | dot -Tsvg     as a picture
  koala-bootstrap plan --packages git -s trixie --format names`,
  why: `Examples:
  koala-bootstrap why libc6 -p base                  the five shortest chains
  koala-bootstrap why perl-base -p minbase --all     more of them
  koala-bootstrap why libssl3t64 --packages git -s trixie
  koala-bootstrap why /etc/passwd -p base            who made a file, and why`,
  audit: `Examples:
  koala-bootstrap audit -p minbase                   one line per package
  koala-bootstrap audit -p ./web.yaml --verbose      with all that changed
  koala-bootstrap audit --packages git -s trixie --strict`,
  lock: `Examples:
  koala-bootstrap lock -p base                       base.lock.json
  koala-bootstrap lock -p ./web.yaml -a amd64,arm64  one lock of two machines
  koala-bootstrap build --lock web.lock.json -a arm64`,
  update: `Examples:
  koala-bootstrap update                             the lock that is here
  koala-bootstrap update --check                     nightly: may end with 3
  koala-bootstrap update --security-only
  koala-bootstrap update --package openssl,curl`,
  publish: `Examples:
  koala-bootstrap publish registry.example/app:1.0 -p ./web.yaml
  koala-bootstrap publish r.example/base -p base -a amd64,arm64
  koala-bootstrap publish localhost:5000/base --image base.oci.tar`,
  diff: `Examples:
  koala-bootstrap diff old.lock.json base.lock.json  packages
  koala-bootstrap diff old.tar.zst new.tar.zst       packages, then files
  koala-bootstrap diff base.tar image/               a tar and an OCI layout
  koala-bootstrap diff base debug                    two profiles`,
  check: `Examples:
  koala-bootstrap check base-trixie-amd64.tar        a rootfs, or an image
  koala-bootstrap check -p ./web.yaml                what a build would give
  koala-bootstrap check -p ./web.yaml --fix          what would close it`,
  cache: `Examples:
  koala-bootstrap cache ls --sort size       what takes the room
  koala-bootstrap cache prune                to the limit
  koala-bootstrap cache prune --max-size 2G --older-than 30d
  koala-bootstrap cache prune --kind unpacked --dry-run
  koala-bootstrap cache verify               may end with 3
  du -sh "$(koala-bootstrap cache dir)"`,
  sign: `Examples:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out koala.key
  koala-bootstrap sign image.oci.tar --key koala.key       with what lies beside
  koala-bootstrap sign base.tar --key cosign.key           base.tar.sigstore.json
  koala-bootstrap sign registry.example/app:1 -k koala.key --attest sbom.json`,
  verify: `Examples:
  openssl pkey -in koala.key -pubout -out koala.pub
  koala-bootstrap verify image.oci.tar --key koala.pub
  koala-bootstrap verify registry.example/app:1 -k koala.pub
  koala-bootstrap verify image.oci.tar -k koala.pub --require spdx
  koala-bootstrap verify --reproduce base.tar --lock base.lock.json`,
} as const;
export const LOCK_USAGE = `koala-bootstrap lock --profile NAME|FILE [options]

Writes down the packages of a build, for all of a profile's architectures.
build --lock FILE takes these and no others, whatever the archive has then.`;
export const UPDATE_USAGE = `koala-bootstrap update [--check] [--lock FILE] [options]

Chooses the packages of a lock anew and shows what changed, security first.
A lock that would get the same packages stays as it is.`;
export const DIFF_USAGE = `koala-bootstrap diff BEFORE AFTER [options]

Compares two locks, profiles, root filesystems (a tar, compressed or not, or
a directory) or images (an OCI layout, a tar of one, or of docker save), or
one of these with another: packages, then files, then sizes.`;
export const SIGN_USAGE = `koala-bootstrap sign ARTIFACT --key FILE [options]

Signs an image (an OCI layout, a tar of one, or in a registry) or any other file
with a key of ECDSA over P-256 or of Ed25519, and the SBOMs and provenance that
lie beside it.
cosign verify --key FILE accepts it.`;
export const VERIFY_USAGE = `koala-bootstrap verify ARTIFACT --key FILE [options]
koala-bootstrap verify --reproduce ARTIFACT --lock FILE [options]

Checks an image to the last layer, or a file, and all that is signed of it; or
builds it anew, and names the first file that is another one.`;
export const FETCH_USAGE = `koala-bootstrap fetch --lock FILE [options]

Brings the packages of a lock into the store: a build needs no network then.`;
export const CACHE_USAGE = `koala-bootstrap cache ls [--kind KIND,...] [--sort NAME] [--json]
koala-bootstrap cache prune [--max-size SIZE] [--older-than AGE] [--all]
koala-bootstrap cache verify [--json]
koala-bootstrap cache dir

ls shows what the cache has.
prune removes entries, the least recently used first,
and none that a running build uses.
verify reads all entries and throws away the damaged ones:
the next build fetches or makes them again.
dir prints the directory.`;
export const PUBLISH_USAGE = `koala-bootstrap publish REF... --profile NAME|FILE [options]
koala-bootstrap publish REF... --image LAYOUT [options]

Builds an image as build does, or takes one that is there, and sends to
registries what they lack. Prints what it is known by there, with its digest.
Credentials are those of docker, podman and login; a credential helper that
their files name is started where a registry wants credentials.`;
export const LOGIN_USAGE = `koala-bootstrap login REGISTRY --username NAME --password-stdin

Asks the registry, and keeps the credentials in docker's config.json or where
its credential helper does; $DOCKER_CONFIG and $REGISTRY_AUTH_FILE say where.`;
export const LOGOUT_USAGE = `koala-bootstrap logout REGISTRY

Forgets what login keeps for it.`;
export const PLAN_USAGE = `koala-bootstrap plan --profile NAME|FILE [options]
koala-bootstrap plan --packages PKG,... --suite NAME [options]

Shows what a build would install, and why. It fetches no package.`;
export const WHY_USAGE = `koala-bootstrap why PACKAGE|/PATH --profile NAME|FILE [options]
koala-bootstrap why PACKAGE|/PATH --packages PKG,... --suite NAME [options]

Shows the chains of dependencies that bring a package into a plan; or who
brought a file into the tree: a package, a maintainer script, the profile.`;
export const AUDIT_USAGE = `koala-bootstrap audit --profile NAME|FILE [--strict] [options]
koala-bootstrap audit --packages PKG,... --suite NAME [options]

Accounts for each maintainer script: interpreted to its end, no effect, done by
a native effect, or not understood: the line, the command and why. It makes the
tree in memory and writes no output.`;
export const CHECK_USAGE = `koala-bootstrap check FILE|DIRECTORY [options]
koala-bootstrap check --profile NAME|FILE [options]

Finds what files of a tree need that is not in it: libraries, versions of symbols,
interpreters, targets of links, commands of shell scripts, data that programs open.
It exits with 1 where the tree is open.`;
export const SHOW_CONFIG_USAGE = `koala-bootstrap show-config --profile NAME|FILE [--json]

Prints a profile as one file: with all that it extends, and without defaults.`;
export const STATUS = `Exit status:
  0         done
  1         it failed, the profile has errors, or the package is not there
  2         wrong usage, or no such profile
  3         update --check: something is newer; diff --check: they differ;
            cache verify: an entry was damaged
  130, 143  cancelled by Ctrl-C or SIGTERM

Environment:
  SOURCE_DATE_EPOCH                   the latest time that files may have
  http_proxy, https_proxy, no_proxy   as usual
  XDG_CACHE_HOME, NO_COLOR            as usual
  KOALA_KEY_PASSWORD, COSIGN_PASSWORD the passphrase of a signing key
  KOALA_CACHE_LIMIT                   what --cache-limit is where it is not given
  DOCKER_CONFIG, REGISTRY_AUTH_FILE   credentials for registries, as usual
  KOALA_DEBUG=1                       shows where errors come from

Progress goes to standard error, the summary to standard output.`;

/** The budgets, one a line or more, for a terminal of so many columns. */
export function limitsHelp(columns: number): string {
  const limits = describeLimits();
  const column = Math.max(...limits.map(([label]) => label.length)) + 4;
  const lines = limits.flatMap(([label, text]) =>
    wrap(text, columns - column).map(
      (line, at) => (at === 0 ? `  ${label}`.padEnd(column) : ' '.repeat(column)) + line,
    ),
  );
  return ['Budgets of --limit, whole numbers, K M G for powers of 1024:', ...lines].join('\n');
}
