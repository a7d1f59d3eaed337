import { describe, expect, it } from 'vitest';
import { makeElf } from '../builder/elf.js';
import { CLOSED, type Entries, report, treeOf } from './trees.js';

const LIB = '/usr/lib/x86_64-linux-gnu';
const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** A program that links a library, which is there. */
function linking(soname: string, more: Entries = {}): Entries {
  return {
    '/usr/bin/opener': makeElf({ interpreter: LOADER, needed: [soname, 'libc.so.6'] }),
    [`${LIB}/${soname}`]: makeElf({ soname }),
    ...more,
  };
}

const said = (changes: Entries, environment: Record<string, string> = {}): string[] => {
  const { findings } = report(treeOf(CLOSED, changes), { environment });
  return findings.map(({ severity, missing, needs: [need] }) => `${severity} ${missing}: ${need?.path} (${need?.how})`);
};

describe('what a program opens while it runs', () => {
  it.each<[library: string, severity: string, missing: string, path: string]>([
    ['libssl.so.3', 'warning', 'certificates of authorities', '/etc/ssl/certs/ca-certificates.crt'],
    ['libgnutls.so.30', 'warning', 'certificates of authorities', '/etc/ssl/cert.pem'],
    ['libcrypto.so.3', 'information', '/usr/lib/ssl/openssl.cnf', '/etc/ssl/openssl.cnf'],
    ['libtinfo.so.6', 'warning', 'descriptions of terminals', '/usr/share/terminfo/x'],
    ['libfontconfig.so.1', 'warning', '/etc/fonts/fonts.conf', '/etc/fonts/fonts.conf'],
    ['libmagic.so.1', 'warning', '/usr/lib/file/magic.mgc', '/usr/lib/file/magic.mgc'],
    ['libkrb5.so.3', 'information', '/etc/krb5.conf', '/etc/krb5.conf'],
    ['libxkbcommon.so.0', 'warning', '/usr/share/X11/xkb', '/usr/share/X11/xkb/rules'],
    ['libasound.so.2', 'warning', '/usr/share/alsa/alsa.conf', '/usr/share/alsa/alsa.conf'],
    ['libpci.so.3', 'information', '/usr/share/misc/pci.ids', '/usr/share/misc/pci.ids.gz'],
  ])('with %s', (library, severity, missing, path) => {
    expect(said(linking(library))).toEqual([`${severity} ${missing}: /usr/bin/opener (links ${library})`]);
    expect(said(linking(library, { [path]: 'data' }))).toEqual([]);
  });

  it('may be where the environment says', () => {
    const changes = linking('libssl.so.3', { '/srv/ca.pem': 'data' });
    expect(said(changes, { SSL_CERT_FILE: '/srv/ca.pem' })).toEqual([]);
    expect(said(changes, { SSL_CERT_FILE: '/srv/none' })).toHaveLength(1);
  });

  it.each<[what: string, changes: Entries, environment: Record<string, string>, expected: string[]]>([
    [
      'modules of nsswitch.conf, where no other answers',
      { '/etc/nsswitch.conf': 'passwd: files\nhosts: mdns4 [NOTFOUND=return]\nnetgroup: files nis # x\n' },
      {},
      [
        'warning libnss_mdns4.so.2: /etc/nsswitch.conf (hosts)',
        'information libnss_nis.so.2: /etc/nsswitch.conf (netgroup)',
      ],
    ],
    [
      'a locale',
      { '/etc/default/locale': 'LANG="de_DE.UTF-8"\n' },
      { LC_ALL: 'C.UTF-8' },
      ['warning the locale de_DE.UTF-8: /etc/default/locale (LANG=de_DE.UTF-8)'],
    ],
    [
      'a locale that is there',
      { '/etc/default/locale': 'LANG=de_DE.UTF-8\n', '/usr/lib/locale/de_DE.utf8/LC_CTYPE': '' },
      {},
      [],
    ],
    [
      'a time zone',
      {},
      { TZ: 'Europe/Berlin' },
      ['warning /usr/share/zoneinfo/Europe/Berlin: environment of the profile (Europe/Berlin)'],
    ],
    ['a time zone that is there', { '/usr/share/zoneinfo/Europe/Berlin': '' }, { TZ: ':Europe/Berlin' }, []],
    [
      'modules of PAM, and files that are included',
      linking('libpam.so.0', { '/etc/pam.d/x': 'auth required pam_none.so\n@include common\n' }),
      {},
      [
        'warning common: /etc/pam.d/x (@include common)',
        'warning pam_none.so: /etc/pam.d/x (auth required pam_none.so)',
      ],
    ],
    [
      'the library of Python',
      { '/usr/bin/python3.13': makeElf({ interpreter: LOADER, needed: ['libc.so.6'] }) },
      {},
      ['error /usr/lib/python3.13/encodings/__init__.py: /usr/bin/python3.13 (is Python 3.13)'],
    ],
    [
      'the data of ICU, of which only a stub is there',
      linking('libicudata.so.76'),
      {},
      ['error the data of ICU 76: /usr/bin/opener (links libicudata.so.76)'],
    ],
    ['the data of ICU in a file', linking('libicudata.so.76', { '/usr/share/icu/icudt76l.dat': 'data' }), {}, []],
  ])('by the configuration: %s', (_what, changes, environment, expected) => {
    // glibc since 2.34 has files and dns itself.
    const libc = { [`${LIB}/libc.so.6`]: makeElf({ soname: 'libc.so.6', versions: ['GLIBC_2.2.5', 'GLIBC_2.34'] }) };
    expect(said({ ...libc, ...changes }, environment)).toEqual(expected);
  });
});
