import type { Severity } from './types.js';

/** Data that whoever links a library opens while it runs; one of the paths is enough. */
export interface Opening {
  /** Of the libraries that open it. */
  readonly sonames: RegExp;
  readonly severity: Severity;
  readonly missing: string;
  readonly detail: string;
  readonly paths: readonly string[];
  /** Variables that say where else it is. */
  readonly variables: readonly string[];
  readonly packages: readonly string[];
}

export const OPENINGS: readonly Opening[] = [
  {
    sonames: /^lib(?:ssl|gnutls)\.so\./,
    severity: 'warning',
    missing: 'certificates of authorities',
    detail: 'no server of TLS can be verified',
    paths: [
      '/etc/ssl/certs/ca-certificates.crt',
      '/usr/lib/ssl/cert.pem',
      '/etc/ssl/cert.pem',
      '/etc/pki/tls/certs/ca-bundle.crt',
    ],
    variables: ['SSL_CERT_FILE', 'SSL_CERT_DIR'],
    packages: ['ca-certificates'],
  },
  {
    sonames: /^lib(?:tinfow?|ncursesw?)\.so\./,
    severity: 'warning',
    missing: 'descriptions of terminals',
    detail: 'programs that use the whole screen end at once',
    paths: ['/lib/terminfo', '/usr/share/terminfo', '/etc/terminfo/x'],
    variables: ['TERMINFO', 'TERMINFO_DIRS'],
    packages: ['ncurses-base'],
  },
  {
    sonames: /^libfontconfig\.so\./,
    severity: 'warning',
    missing: '/etc/fonts/fonts.conf',
    detail: 'no font is found',
    paths: ['/etc/fonts/fonts.conf'],
    variables: ['FONTCONFIG_FILE', 'FONTCONFIG_PATH'],
    packages: ['fontconfig-config'],
  },
  {
    sonames: /^libmagic\.so\./,
    severity: 'warning',
    missing: '/usr/lib/file/magic.mgc',
    detail: 'no type of file is known',
    paths: ['/usr/lib/file/magic.mgc', '/usr/share/misc/magic.mgc'],
    variables: ['MAGIC'],
    packages: ['libmagic-mgc'],
  },
  {
    // openssl.cnf(5): who has none gets what is built in; `openssl req` ends.
    sonames: /^libcrypto\.so\./,
    severity: 'information',
    missing: '/usr/lib/ssl/openssl.cnf',
    detail: 'OpenSSL uses its defaults',
    paths: ['/usr/lib/ssl/openssl.cnf', '/etc/ssl/openssl.cnf'],
    variables: ['OPENSSL_CONF'],
    packages: ['openssl'],
  },
  {
    sonames: /^libkrb5\.so\./,
    severity: 'information',
    missing: '/etc/krb5.conf',
    detail: 'Kerberos has no realm of its own',
    paths: ['/etc/krb5.conf'],
    variables: ['KRB5_CONFIG'],
    packages: ['krb5-config'],
  },
  {
    sonames: /^libxkbcommon\.so\./,
    severity: 'warning',
    missing: '/usr/share/X11/xkb',
    detail: 'no layout of a keyboard is found',
    paths: ['/usr/share/X11/xkb', '/usr/share/xkeyboard-config-2'],
    variables: ['XKB_CONFIG_ROOT'],
    packages: ['xkb-data'],
  },
  {
    sonames: /^libasound\.so\./,
    severity: 'warning',
    missing: '/usr/share/alsa/alsa.conf',
    detail: 'no sound device is found',
    paths: ['/usr/share/alsa/alsa.conf'],
    variables: ['ALSA_CONFIG_PATH'],
    packages: ['libasound2-data'],
  },
  {
    sonames: /^libpci\.so\./,
    severity: 'information',
    missing: '/usr/share/misc/pci.ids',
    detail: 'devices have numbers in place of names',
    paths: ['/usr/share/misc/pci.ids', '/usr/share/misc/pci.ids.gz'],
    variables: [],
    packages: ['pci.ids'],
  },
];
