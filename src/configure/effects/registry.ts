import type { Command } from '../shell/types.js';
import { a2enmod } from './a2enmod.js';
import { checkTables, getent, grpconv, pwconv, shadowconfig, updatePasswd } from './accounts-admin.js';
import { adduser } from './adduser.js';
import { CACHE_COMMANDS } from './caches.js';
import { debSystemdHelper } from './deb-systemd-helper.js';
import { debconfCommunicate, debconfEscape, debconfSetSelections } from './debconf.js';
import { dpkg } from './dpkg.js';
import { dpkgDivert } from './dpkg-divert.js';
import { dpkgMaintscriptHelper } from './dpkg-maintscript-helper.js';
import { dpkgQuery } from './dpkg-query.js';
import { dpkgRealpath } from './dpkg-realpath.js';
import { dpkgStatoverride } from './dpkg-statoverride.js';
import { dpkgTrigger } from './dpkg-trigger.js';
import { gpasswd, groupadd, groupdel, groupmod } from './group-commands.js';
import { journalctl } from './journalctl.js';
import { ldconfig } from './ldconfig.js';
import { LEFT_OUT_COMMANDS } from './left-out.js';
import { localeGen, updateLocale } from './locales.js';
import { pamAuthUpdate } from './pam-auth-update.js';
import { perl } from './perl.js';
import { pgLsClusters, pgUpdateDicts } from './postgresql.js';
import { PYTHON_COMMANDS } from './python.js';
import { getcap, setcap } from './setcap.js';
import { changeShells, updateShells } from './shells.js';
import { sshd } from './sshd.js';
import { runuser, su } from './su.js';
import { systemctl } from './systemctl.js';
import { systemdSysusers } from './systemd-sysusers.js';
import { systemdTmpfiles } from './systemd-tmpfiles.js';
import { ucf, ucfr } from './ucf.js';
import { updateAlternatives } from './update-alternatives.js';
import { updateCaCertificates } from './update-ca-certificates.js';
import { updateRcD } from './update-rc-d.js';
import { chage, chfn, chsh, passwd, useradd, userdel, usermod } from './user-commands.js';

/** The commands of Debian's own that maintainer scripts call, by name. */
export const DEBIAN_COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...LEFT_OUT_COMMANDS,
  ...PYTHON_COMMANDS,
  ...['a2disconf', 'a2dismod', 'a2dissite', 'a2enconf', 'a2enmod', 'a2ensite'].map((name) => [name, a2enmod] as const),
  ...CACHE_COMMANDS,
  ['add-shell', changeShells],
  ['addgroup', adduser],
  ['adduser', adduser],
  ['chage', chage],
  ['chfn', chfn],
  ['chsh', chsh],
  ['deb-systemd-helper', debSystemdHelper],
  ['debconf-communicate', debconfCommunicate],
  ['debconf-escape', debconfEscape],
  ['debconf-set-selections', debconfSetSelections],
  ['dpkg', dpkg],
  ['dpkg-divert', dpkgDivert],
  ['dpkg-maintscript-helper', dpkgMaintscriptHelper],
  ['dpkg-query', dpkgQuery],
  ['dpkg-realpath', dpkgRealpath],
  ['dpkg-statoverride', dpkgStatoverride],
  ['dpkg-trigger', dpkgTrigger],
  ['getcap', getcap],
  ['getent', getent],
  ['gpasswd', gpasswd],
  ['groupadd', groupadd],
  ['groupdel', groupdel],
  ['groupmod', groupmod],
  ['grpck', checkTables],
  ['grpconv', grpconv],
  ['journalctl', journalctl],
  ['ldconfig', ldconfig],
  ['locale-gen', localeGen],
  ['pam-auth-update', pamAuthUpdate],
  ['passwd', passwd],
  ['perl', perl],
  ['pg_lsclusters', pgLsClusters],
  ['pg_updatedicts', pgUpdateDicts],
  ['pwck', checkTables],
  ['pwconv', pwconv],
  ['remove-shell', changeShells],
  ['runuser', runuser],
  ['setcap', setcap],
  ['shadowconfig', shadowconfig],
  ['sshd', sshd],
  ['su', su],
  ['systemctl', systemctl],
  ['systemd-sysusers', systemdSysusers],
  ['systemd-tmpfiles', systemdTmpfiles],
  ['ucf', ucf],
  ['ucfr', ucfr],
  ['update-alternatives', updateAlternatives],
  ['update-ca-certificates', updateCaCertificates],
  ['update-locale', updateLocale],
  ['update-passwd', updatePasswd],
  ['update-rc.d', updateRcD],
  ['update-shells', updateShells],
  ['useradd', useradd],
  ['userdel', userdel],
  ['usermod', usermod],
]);
