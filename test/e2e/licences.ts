/**
 * The licences of packages of trixie's minbase, written down from their copyright files by hand. `LicenseRef-` stands before
 * the names of those that SPDX does not list; their digests are left out.
 */
export const LICENCES: Readonly<Record<string, string>> = {
  apt: 'BSD-3-Clause AND GPL-2.0-or-later AND MIT AND curl',
  'base-passwd': 'GPL-2.0-only AND LicenseRef-public-domain',
  bash: [
    'BSD-4-Clause-UC AND GFDL-1.3-no-invariants-only AND GPL-2.0-or-later AND GPL-3.0-or-later',
    'GPL-3.0-or-later WITH Bison-exception-2.2 AND Latex2e AND LicenseRef-MIT-like AND LicenseRef-permissive',
  ].join(' AND '),
  coreutils: 'BSD-4-Clause-UC AND FSFULLR AND GFDL-1.3-no-invariants-only AND GPL-3.0-or-later AND ISC',
  dash: 'BSD-3-Clause AND GPL-2.0-or-later AND LicenseRef-public-domain',
  debconf: 'BSD-2-Clause',
  debianutils: 'GPL-2.0-or-later AND LicenseRef-public-domain AND SMAIL-GPL',
  diffutils: [
    'FSFAP AND FSFULLR AND GFDL-1.3-no-invariants-only AND GPL-2.0-or-later',
    '(GPL-2.0-or-later OR LGPL-3.0-or-later) AND GPL-3.0-or-later',
    'GPL-3.0-or-later WITH Autoconf-exception-generic-3.0 AND GPL-3.0-or-later WITH Texinfo-exception',
    'LGPL-2.0-or-later AND LGPL-2.1-or-later AND LGPL-3.0-or-later AND LicenseRef-public-domain AND X11',
  ].join(' AND '),
  dpkg: 'GPL-2.0-or-later AND LicenseRef-public-domain-s-s-d',
  grep: 'GPL-3.0-or-later',
  gzip: 'GFDL-1.3-no-invariants-or-later AND GPL-3.0-or-later AND LicenseRef-FSF-manpages',
  hostname: 'GPL-2.0-only',
  'init-system-helpers': 'BSD-3-Clause AND GPL-2.0-or-later',
  libacl1: 'GPL-2.0-or-later AND LGPL-2.0-or-later',
  libattr1: 'GPL-2.0-or-later AND LGPL-2.0-or-later',
  libaudit1: 'GPL-2.0-only AND LGPL-2.1-only',
  'libbz2-1.0': 'GPL-2.0-only AND LicenseRef-BSD-variant',
  'libcap-ng0': 'GPL-2.0-or-later AND GPL-3.0-only AND LGPL-2.1-or-later',
  libcap2: '(BSD-3-Clause OR GPL-2.0-only) AND (BSD-3-Clause OR GPL-2.0-or-later)',
  libdebconfclient0: 'BSD-2-Clause AND GPL-2.0-or-later',
  libgmp10: [
    '(GPL-2.0-or-later OR LGPL-3.0-or-later) AND GPL-3.0-or-later',
    'GPL-3.0-or-later WITH Bison-exception-2.2',
  ].join(' AND '),
  'liblz4-1': 'BSD-2-Clause AND (BSD-2-Clause OR GPL-2.0-or-later) AND GPL-2.0-or-later',
  libmd0: [
    'BSD-2-Clause AND BSD-3-Clause AND Beerware AND ISC AND LicenseRef-BSD-2-clause-NetBSD',
    'LicenseRef-BSD-3-clause-Aaron-D-Gifford AND LicenseRef-public-domain-md4 AND LicenseRef-public-domain-md5',
    'LicenseRef-public-domain-sha1',
  ].join(' AND '),
  'libpcre2-8-0': [
    'BSD-2-Clause AND BSD-3-Clause',
    'LicenseRef-BSD-3-clause-Cambridge-with-BINARY-LIBRARY-LIKE-PACKAGES-exception',
    'LicenseRef-public-domain AND X11',
  ].join(' AND '),
  libseccomp2: 'LGPL-2.1-only',
  libselinux1: 'GPL-2.0-only AND LicenseRef-public-domain',
  libsepol2: 'GPL-2.0-only AND GPL-2.0-or-later AND LGPL-2.1-or-later AND Zlib',
  'libsqlite3-0': 'GPL-2.0-or-later AND LicenseRef-public-domain',
  libssl3t64: 'Apache-2.0 AND (Artistic-1.0-Perl OR GPL-1.0-or-later)',
  libsystemd0: [
    'CC0-1.0 AND GPL-2.0-only WITH Linux-syscall-note AND GPL-2.0-or-later AND LGPL-2.1-or-later',
    'LicenseRef-public-domain AND MIT',
  ].join(' AND '),
  libtinfo6: 'BSD-3-Clause AND LicenseRef-MIT-X11 AND X11',
  libxxhash0: 'BSD-2-Clause AND (BSD-2-Clause OR GPL-2.0-or-later) AND GPL-2.0-or-later',
  libzstd1: '(BSD-3-Clause OR GPL-2.0-only) AND MIT AND Zlib',
  mawk: 'CC-BY-3.0 AND GPL-2.0-only AND X11',
  sed: [
    'BSD-4-Clause-UC AND BSL-1.0 AND GFDL-1.3-no-invariants-or-later AND GPL-3.0-or-later AND ISC',
    'LicenseRef-pcre AND X11',
  ].join(' AND '),
  sqv: 'LGPL-2.0-or-later',
  'sysvinit-utils': 'GPL-2.0-only AND GPL-2.0-or-later AND GPL-3.0-only AND LGPL-2.1-or-later',
  tar: [
    'GPL-2.0-or-later AND GPL-3.0-or-later AND GPL-3.0-or-later WITH Bison-exception-2.2',
    'LGPL-2.1-or-later AND LGPL-3.0-or-later',
  ].join(' AND '),
  tzdata: 'LicenseRef-public-domain',
  zlib1g: 'Zlib',
  // For people only.
  'debian-archive-keyring': 'NOASSERTION',
  'gcc-14-base': 'NOASSERTION',
  libcrypt1: 'NOASSERTION',
  'libstdc++6': 'NOASSERTION',
};
