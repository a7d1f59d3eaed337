import { nameOf } from '../formats/path.js';

/**
 * Which packages of Debian have the commands that scripts call and nobody declares, for nobody has to declare Essential; and a
 * few whose package has another name. A Contents index knows all of them, where there is one to be read.
 */
const PACKAGES: Readonly<Record<string, string>> = {
  dash: 'dash sh',
  bash: 'bash rbash',
  coreutils:
    '[ arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown cksum comm cp csplit cut date dd df dir dircolors ' +
    'dirname du echo env expand expr factor false fmt fold groups head hostid id install join link ln logname ls md5sum mkdir ' +
    'mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink realpath rm ' +
    'rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty sum sync ' +
    'tac tail tee test timeout touch tr true truncate tsort tty uname unexpand uniq unlink users vdir wc who whoami yes chroot',
  debianutils: 'add-shell ischroot installkernel remove-shell run-parts savelog tempfile update-shells which',
  diffutils: 'cmp diff diff3 sdiff',
  dpkg: 'dpkg dpkg-deb dpkg-divert dpkg-query dpkg-statoverride dpkg-trigger start-stop-daemon update-alternatives',
  findutils: 'find xargs',
  gpgv: 'gpgv',
  grep: 'egrep fgrep grep rgrep',
  gzip: 'gunzip gzip zcat zcmp zdiff zegrep zfgrep zforce zgrep zless zmore znew',
  hostname: 'dnsdomainname domainname hostname nisdomainname ypdomainname',
  'init-system-helpers': 'deb-systemd-helper deb-systemd-invoke invoke-rc.d service update-rc.d',
  'libc-bin': 'getconf getent iconv ldconfig ldd locale localedef tzselect zdump',
  mawk: 'awk mawk',
  gawk: 'awk gawk',
  mount: 'losetup mount swapoff swapon umount',
  'ncurses-bin': 'captoinfo clear infocmp infotocap reset tabs tic toe tput tset',
  passwd: 'chage chpasswd groupadd groupdel groupmod newusers nologin passwd useradd userdel usermod vipw',
  'perl-base': 'perl',
  perl: 'perl cpan pod2man pod2text pod2usage',
  procps: 'free kill pgrep pidof pkill pmap ps slabtop sysctl top uptime vmstat w watch',
  'python3-minimal': 'python3',
  python3: 'python3',
  sed: 'sed',
  'sysvinit-utils': 'fstab-decode killall5 pidof',
  tar: 'tar',
  'util-linux':
    'agetty blkid chrt dmesg fallocate findfs findmnt flock fsck fstrim getopt ionice lsblk lscpu lsns mcookie mkfs mkswap ' +
    'more mountpoint namei nsenter prlimit rename.ul rev runuser setarch setpriv setsid setterm su switch_root taskset ' +
    'unshare uuidgen wdctl whereis wipefs',
  bsdutils: 'logger renice script scriptreplay wall',
  iproute2: 'bridge ip ss tc',
  udev: 'udevadm',
  systemd: 'journalctl systemctl systemd-escape systemd-notify systemd-run systemd-tmpfiles',
};

const BY_COMMAND = new Map<string, string[]>();
for (const [name, commands] of Object.entries(PACKAGES)) {
  for (const command of commands.split(' ')) BY_COMMAND.set(command, [...(BY_COMMAND.get(command) ?? []), name]);
}

/** Packages that may bring a command, given by its name or path: those that are known to, else the one of the same name. */
export function packagesOfCommand(command: string): string[] {
  if (command.includes('/') && !/^(?:\/usr)?(?:\/local)?\/s?bin\/[^/]+$/.test(command)) return [];
  const name = command.includes('/') ? nameOf(command) : command;
  const version = /^python3\.[0-9]+$/.test(name) ? [`${name}-minimal`] : [];
  return [...(BY_COMMAND.get(name) ?? []), ...version, name].filter((one, at, all) => all.indexOf(one) === at);
}
