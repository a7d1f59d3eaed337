import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressAs, type DebCompression, makeDeb, makeTar } from '../builder/deb.js';
import { clearsign, testKey } from '../builder/keys.js';

/** `KOALA_FUZZ_CORPUS` names a directory with real .debs, as `apt-get download` brings them. */
const corpus = process.env['KOALA_FUZZ_CORPUS'];

/** Files of this machine that are of the real archive: .debs, indices and Release files that apt fetched, maintainer scripts. */
function machineFiles(directory: string | undefined, name: RegExp, most: number, bytes = 16_384): Buffer[] {
  if (directory === undefined || !existsSync(directory)) return [];
  const names = readdirSync(directory)
    .filter((one) => name.test(one))
    .sort();
  const step = Math.max(1, Math.floor(names.length / most));
  return names
    .filter((_, at) => at % step === 0)
    .slice(0, most)
    .map((one) => readFileSync(join(directory, one)).subarray(0, bytes));
}

const isThorough = process.env['KOALA_HARDENING'] !== undefined;

export const REAL_DEBS = machineFiles(corpus, /\.deb$/, 12, 1 << 20);
/** A whole number of stanzas of what apt has of an archive. */
export const REAL_STANZAS = machineFiles(isThorough ? '/var/lib/apt/lists' : undefined, /_Packages$/, 3).map((bytes) =>
  bytes.subarray(0, bytes.lastIndexOf('\n\n') + 1),
);
export const REAL_RELEASES = machineFiles(isThorough ? '/var/lib/apt/lists' : undefined, /InRelease$/, 3);
export const REAL_SCRIPTS = machineFiles(
  isThorough ? '/var/lib/dpkg/info' : undefined,
  /\.(?:postinst|config|preinst)$/,
  120,
);

const FILES = [
  { path: '/usr/bin/tool', mode: 0o4755, content: '#!/bin/sh\n' },
  { path: '/usr/bin/again', type: 'hardlink', target: '/usr/bin/tool' },
  { path: '/usr/lib/link', target: '../bin/tool' },
  { path: `/usr/share/${'long/'.repeat(30)}name`, content: 'x'.repeat(600) },
  { path: '/usr/share/ü', content: 'ü', pax: { 'SCHILY.xattr.user.x': 'y', mtime: '1700000000.25', comment: 'z' } },
  { path: '/dev/null', type: 'char', major: 1, minor: 3 },
  { path: '/run/pipe', type: 'fifo' },
] as const;

/** Tars and .debs as others write them. */
export const TAR = Buffer.from(await makeTar(FILES));
export const DEBS = await Promise.all(
  (['none', 'gz', 'xz', 'zst'] as const).map(async (compression) =>
    Buffer.from(
      await makeDeb({
        files: FILES.slice(0, 3),
        compression,
        scripts: { postinst: '#!/bin/sh\ntrue\n' },
        conffiles: ['/etc/x'],
      }),
    ),
  ),
);

const TEXT = Buffer.from('the same words again and again, and the same words again\n'.repeat(40));

export async function compressed(kind: DebCompression): Promise<Buffer[]> {
  const parts = await Promise.all(
    [TEXT, Buffer.alloc(0), Buffer.alloc(70_000), TAR].map((bytes) => compressAs(kind, bytes)),
  );
  return [...parts.map((part) => Buffer.from(part)), Buffer.concat(parts.slice(0, 2))];
}

export const STANZAS = `Package: libc6
Source: glibc (2.41-12)
Version: 2.41-12+b1
Architecture: amd64
Multi-Arch: same
Essential: yes
Priority: required
Installed-Size: 12345
Depends: libgcc-s1 (>= 4.2), libcrypt1 (>= 1:4.4.10-10) | libxcrypt, base [amd64 !i386] <!nocheck>
Pre-Depends: libc-bin:any (= 2.41-12)
Provides: libc-udeb (= 2.41), glibc
Replaces: old (<< 2~)
Description: GNU C Library
 Shared libraries
 .
 More of it, ä.
Filename: pool/main/g/glibc/libc6_2.41-12+b1_amd64.deb
Size: 2848416
SHA256: ${'0123456789abcdef'.repeat(4)}

Package: zlib1g
Version: 1:1.3.dfsg+really1.3.1-1
Architecture: all
Filename: ./zlib1g.deb
Size: 1
SHA256: ${'f'.repeat(64)}
`;

export const RELEASE = `Origin: Debian
Label: Debian
Suite: stable
Codename: trixie
Date: Sat, 11 Jul 2026 10:16:37 UTC
Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC
Acquire-By-Hash: yes
No-Support-for-Architecture-all: Packages
Architectures: all amd64 arm64
Components: main contrib
Description: Debian
MD5Sum:
 ${'0'.repeat(32)} 1484 contrib/Contents-all
SHA256:
 ${'a'.repeat(64)} 1484 main/binary-amd64/Packages
 ${'b'.repeat(64)}     1484 main/binary-amd64/Packages.xz
`;

export const IN_RELEASE = Buffer.from(await clearsign(RELEASE, [await testKey()], new Date('2024-05-01T12:00:00Z')));

/** Words of shells, sed and awk, as maintainer scripts use them. */
export const SCRIPTS = [
  `set -e\ncase "$1" in configure) if [ -z "$2" ]; then adduser --system --group --home /srv/x x || true; fi;; *) exit 0;; esac\n`,
  `for f in /etc/* /usr/share/[a-z]*; do test -e "$f" && echo "\${f##*/}" | sed -e 's/^\\(.\\)\\(.*\\)$/\\2\\1/g;2q' >> /tmp/log; done\n`,
  `awk -F: 'BEGIN { n = 0 } $3 > 10 { n += $3; print $1, substr($0, 2, 5), length($2) } END { printf "%5.2f %s\\n", n / 3, "x" }' /etc/passwd\n`,
  `x=$((1 + 2 * (3 << 2) % 5)); y=\${x:-\${z:+q}}; printf '%08x %-5s|%q\\n' "$x" "$y" a; while [ $x -gt 0 ]; do x=$((x-1)); done\n`,
  `update-alternatives --install /usr/bin/editor editor /usr/bin/tool 50 --slave /usr/share/man/man1/e.1 e.1 /usr/share/x\ndpkg-divert --add --rename --divert /bin/sh.distrib --package evil /bin/sh\n`,
  `cat <<EOF | tr a-z A-Z | sort -u -k2,3n | cut -d' ' -f1-2 | grep -E '^(A|B)+[[:alpha:]]{1,3}$' | head -n -1 | tail -c 10\none two\nthree $(echo four | rev) \`echo five\`\nEOF\n`,
  `find / -xdev -type f -name '*.so*' -newer /etc -perm -4000 -exec chmod u-s {} + ; ls -laR /etc; install -d -m 2755 -o root -g mail /var/mail; cp -a /etc /srv; mv /srv /opt; ln -sf ../x /opt/y; rm -rf /opt\n`,
  `f() { local a b=1; shift $((b)); eval "echo \\"\\$@\\"" 2>&1 >/dev/null; return 3; }; trap 'echo bye' EXIT; f a b c || echo $? | od -c | md5sum | base64 | expr 5 : '\\(.\\)'\n`,
].map((text) => Buffer.from(text));
