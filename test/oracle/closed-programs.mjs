/**
 * Starts the programs of real packages and compares what becomes of them with what `check` says of them.
 *
 * usage: node test/oracle/closed-programs.mjs [--suite NAME] [--cache-dir DIR] [--state FILE] [--seconds N] [--write] [COUNT|PACKAGE…]
 *
 * Each package of the list below (or the first COUNT of them, or those named) is put on the profile base, without Essential and
 * without the build's own check, into a directory. 25 of its programs, the package's own first, are started there by chroot as
 * nobody with --version, and each counts as started unless it dies of a missing library, version, interpreter or file of its own. Compile
 * first: this runs dist/. It needs root, and the machine's apt sources. With --state, what is known is kept there, and the next
 * run goes on from it; with --seconds, a run begins no package after that time, and ends with 3 if some are left. With --write,
 * docs/closed.md is written of all that is known.
 */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

const run = promisify(execFile);
const KOALA = new URL('../../bin/koala-bootstrap.js', import.meta.url).pathname;
const MOST_PROGRAMS = 25;
const SECONDS = 10;

/** Of all kinds: C, C++, Go, Rust, Python, Perl, Ruby, Lua, shell; with plugins, with private libraries, static ones. */
const PACKAGES = `
  jq curl grep sed gawk gzip xz-utils zstd bzip2 file less nano tree htop coreutils findutils diffutils tar git make
  python3-minimal python3 perl-base perl ruby lua5.4 tcl nodejs php-cli sqlite3 openssl gnupg ca-certificates wget rsync dash bash
  zsh busybox openssh-client postgresql-client redis-server nginx-light haproxy dnsutils iproute2 iputils-ping tcpdump socat
  netcat-openbsd strace gdb valgrind binutils gcc g++ clang cmake ninja-build meson autoconf automake libtool pkgconf m4 bison
  flex gettext texinfo groff-base man-db mandoc lynx w3m mutt alpine procmail exim4-daemon-light postfix dovecot-core bind9
  unbound squid apache2 lighttpd varnish memcached mariadb-client rabbitmq-server imagemagick graphicsmagick ffmpeg sox lame
  flac vorbis-tools mpv ghostscript poppler-utils qpdf graphviz gnuplot-nox octave r-base-core maxima pari-gp units bc dc
  apg pwgen makepasswd cracklib-runtime libpam-runtime login passwd sudo cron at logrotate rsyslog systemd udev dbus
  polkitd network-manager wpasupplicant iptables nftables conntrack ethtool bridge-utils lvm2 mdadm cryptsetup-bin
  e2fsprogs xfsprogs btrfs-progs dosfstools parted gdisk fdisk smartmontools hdparm usbutils pciutils lshw dmidecode
  docker.io podman runc crun buildah skopeo containerd kubernetes-client golang-go rustc cargo ghc ocaml-nox erlang-base elixir
  default-jre-headless maven gradle ant scala sbcl guile-3.0 emacs-nox vim-tiny vim ed joe mc screen tmux byobu fish ripgrep
  fd-find bat eza fzf hyperfine just parallel moreutils pv dos2unix uuid-runtime whois traceroute mtr-tiny nmap
  ncdu lsof psmisc procps rename pigz lz4 p7zip-full unzip zip cpio sharutils xxd hexyl entr ltrace
`
  .trim()
  .split(/\s+/);

/** What the dynamic linker, the kernel or an interpreter says where something is missing. */
const DIED =
  /error while loading shared libraries|version `[^']*' not found|cannot execute: required file not found|chroot: failed to run command .*: No such file or directory|No module named|Can't locate [\w/]+\.pm|Fatal Python error|\/usr\/bin\/env: .*: No such file or directory|Error relocating|Exec format error/;

const { values, positionals } = parseArgs({
  options: {
    suite: { type: 'string', default: 'trixie' },
    'cache-dir': { type: 'string' },
    state: { type: 'string' },
    seconds: { type: 'string', default: 'Infinity' },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [first] = positionals;
const names = first === undefined ? PACKAGES : /^\d+$/.test(first) ? PACKAGES.slice(0, Number(first)) : positionals;
const work = await mkdtemp(join(tmpdir(), 'koala-closed-'));
const cache = values['cache-dir'] === undefined ? [] : ['--cache-dir', values['cache-dir']];

async function koala(...args) {
  const done = await run(process.execPath, [KOALA, ...args, '--suite', values.suite, ...cache], {
    maxBuffer: 1 << 28,
  }).catch((error) => error);
  return { status: done.code ?? 0, stdout: done.stdout ?? '', stderr: done.stderr ?? '' };
}

/** Programs of the tree: of the package, then of what it needs. */
function programsOf(root, name) {
  const list = join(root, `var/lib/dpkg/status.d/${name}.md5sums`);
  const own = existsSync(list)
    ? new Set(
        readFileSync(list, 'utf8')
          .split('\n')
          .map((line) => `/${line.slice(34)}`),
      )
    : new Set();
  const all = ['usr/bin', 'usr/sbin', 'usr/games']
    .filter((directory) => existsSync(join(root, directory)))
    .flatMap((directory) => readdirSync(join(root, directory)).map((name) => `/${directory}/${name}`))
    .filter((path) => {
      const status = lstatSync(join(root, path));
      return status.isFile() && (status.mode & 0o111) !== 0;
    });
  return [...all.filter((path) => own.has(path)), ...all.filter((path) => !own.has(path))].slice(0, MOST_PROGRAMS);
}

async function start(root, program) {
  const command = ['-k', '2', String(SECONDS), 'chroot', '--userspec=65534:65534', root, program, '--version'];
  const {
    stderr = '',
    stdout = '',
    code = 0,
  } = await run('timeout', command, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp', LC_ALL: 'C' },
    maxBuffer: 1 << 24,
    stdio: 'ignore',
  }).catch((error) => error);
  const said = `${stderr}${stdout}`.split('\n').find((line) => DIED.test(line));
  return { started: said === undefined, said: said?.trim() ?? '', code };
}

/** A finding that is an error and speaks of this program, or of a library that it loads. */
function reasonsFor(program, findings) {
  return findings.filter(
    ({ needs, stops }) => stops.programs.includes(program) || needs.some(({ path }) => path === program),
  );
}

/** What becomes of one package. */
async function examine(name) {
  const root = join(work, 'root');
  await rm(root, { recursive: true, force: true });
  const built = await koala('--profile', 'base', '--include', name, '--no-check', '--output', `${root}/`, '--json');
  if (built.status !== 0) return { name, failed: built.stderr.split('\n')[0] };
  const checked = await koala('check', root, '--profile', 'base', '--no-suggest', '--json');
  if (checked.stdout === '') return { name, failed: checked.stderr.split('\n')[0] };
  const report = JSON.parse(checked.stdout);
  const errors = report.findings.filter(({ severity, accepted }) => severity === 'error' && accepted === undefined);
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const counts = { closedStarts: 0, openFails: 0 };
  const surprises = [];
  for (const program of programsOf(root, name)) {
    const reasons = reasonsFor(program, errors);
    const { started, said } = await start(root, program);
    if (reasons.length === 0 && started) counts.closedStarts++;
    else if (reasons.length > 0 && !started) counts.openFails++;
    else {
      const also = reasonsFor(program, warnings).map(({ missing }) => missing);
      const closed = also.length > 0 ? `closed; warning: ${also.join(', ')}` : 'closed';
      surprises.push({ program, check: reasons.map(({ missing }) => missing).join(', ') || closed, said });
    }
  }
  const stops = (kind) => errors.some((error) => error.stops[kind].length > 0);
  const verdict = report.closed
    ? 'closed'
    : stops('programs')
      ? 'open'
      : stops('scripts')
        ? 'open for scripts'
        : 'open, stops nothing';
  return { name, verdict, missing: errors.map(({ missing }) => missing), ...counts, surprises };
}

const rows =
  values.state !== undefined && existsSync(values.state)
    ? readFileSync(values.state, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
const end = Date.now() + 1000 * Number(values.seconds);
const todo = names.filter((name) => !rows.some((row) => row.name === name));
while (todo.length > 0 && Date.now() < end) {
  const row = await examine(todo.shift());
  rows.push(row);
  if (values.state !== undefined) appendFileSync(values.state, `${JSON.stringify(row)}\n`);
  const { name, failed, verdict, missing = [], closedStarts, openFails, surprises = [] } = row;
  const told = `${verdict} (${missing.join(', ')}); ${closedStarts} closed and start, ${openFails} open and fail, ${surprises.length} else`;
  console.error(`${name}: ${failed ?? told}`);
  for (const { program, check, said } of surprises) console.error(`    ${program}: ${check}; ${said || 'it starts'}`);
}
if (todo.length > 0) process.exitCode = 3;
rows.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name));
await rm(work, { recursive: true, force: true });

const built = rows.filter(({ failed }) => failed === undefined);
const sum = (field) => built.reduce((total, row) => total + row[field], 0);
const surprises = built.flatMap(({ name, surprises: own }) => own.map((one) => ({ name, ...one })));
const cell = (text) => text.replaceAll('|', '\\|').slice(0, 160);
const section = (title, lines) => (lines.length === 0 ? '' : `\n## ${title}\n\n${lines.join('\n')}\n`);
const text = `# Does what check calls closed start?

Made by \`node test/oracle/closed-programs.mjs --write\`, ${values.suite}, on ${process.arch}. Each package stands on the profile base, without
Essential; of each tree up to ${MOST_PROGRAMS} programs are started under chroot with \`--version\`.

- ${built.length} packages: ${['closed', 'open for scripts', 'open', 'open, stops nothing'].map((word) => `${built.filter(({ verdict }) => verdict === word).length} ${word}`).join('; ')}
- ${sum('closedStarts')} programs are called closed and start
- ${sum('openFails')} programs are called open and die of what is missing
- ${surprises.length} programs are neither

A program counts as started unless it says that a library, a version, an interpreter or a module is missing; it runs as nobody, with
no /proc. What is open is nearly always a script: Essential has its shell. \`check\` looks for interpreters and not for the modules that
a script of Perl or Python loads by name: where one is of a package that nobody asked for, the script is closed and fails, below.

| package | check | missing | closed and start | open and fail | else |
| --- | --- | --- | ---: | ---: | ---: |
${built.map(({ name, verdict, missing, closedStarts, openFails, surprises: own }) => `| ${name} | ${verdict} | ${cell(missing.slice(0, 4).join(', ') + (missing.length > 4 ? ' …' : ''))} | ${closedStarts} | ${openFails} | ${own.length} |`).join('\n')}
${section('What is neither', [
  ...(surprises.length > 0 ? ['| package | program | check says | it said |', '| --- | --- | --- | --- |'] : []),
  ...surprises.map(
    ({ name, program, check, said }) => `| ${name} | ${program} | ${cell(check)} | ${cell(said) || 'it starts'} |`,
  ),
])}${section(
  'Not built or not checked',
  rows.filter(({ failed }) => failed !== undefined).map(({ name, failed }) => `- ${name}: ${cell(failed)}`),
)}`;
if (values.write) await writeFile(new URL('../../docs/closed.md', import.meta.url), text);
else console.log(text);
