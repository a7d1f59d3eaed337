import type { Command } from '../shell/types.js';
import { commandName } from './console.js';

const NO_SERVICE = 'no service is started in an image (policy-rc.d: 101)';
const NO_BYTE_CODE = 'Python byte code is not the same from one build to the next; it is made when it is needed';
const NO_KERNEL = 'it is about the running kernel or its devices';
const NO_DATA =
  'a server writes its system tables itself, with ids of its own; the directory stays empty until it is run where the image runs';
const NO_INDEX = 'an index for people, which the tool makes again on its first run';

/** Commands that are left out on purpose, each with its reason; they succeed. */
const REASONS: Readonly<Record<string, string>> = {
  'invoke-rc.d': NO_SERVICE,
  service: NO_SERVICE,
  'deb-systemd-invoke': NO_SERVICE,
  'start-stop-daemon': NO_SERVICE,
  initctl: NO_SERVICE,
  telinit: NO_SERVICE,
  'dbus-send': NO_SERVICE,
  loginctl: NO_SERVICE,
  busctl: NO_SERVICE,
  py3compile: NO_BYTE_CODE,
  py3clean: NO_BYTE_CODE,
  pycompile: NO_BYTE_CODE,
  pyclean: NO_BYTE_CODE,
  pypy3compile: NO_BYTE_CODE,
  pypy3clean: NO_BYTE_CODE,
  logger: 'there is no log to write to',
  mandb: NO_INDEX,
  'update-info-dir': NO_INDEX,
  'install-info': NO_INDEX,
  'update-menus': NO_INDEX,
  'install-menu': NO_INDEX,
  'install-docs': NO_INDEX,
  'update-dlocatedb': NO_INDEX,
  updatedb: NO_INDEX,
  helpztags: NO_INDEX,
  appstreamcli: NO_INDEX,
  'dpkg-reconfigure': 'a package of the set is configured once',
  udevadm: NO_KERNEL,
  modprobe: NO_KERNEL,
  depmod: NO_KERNEL,
  sysctl: NO_KERNEL,
  'update-initramfs': NO_KERNEL,
  'update-grub': NO_KERNEL,
  'update-binfmts': NO_KERNEL,
  'grub-install': NO_KERNEL,
  swapon: NO_KERNEL,
  restorecon: 'SELinux labels are made where the image runs',
  apparmor_parser: NO_KERNEL,
  'aa-status': NO_KERNEL,
  'systemd-machine-id-setup': 'each machine that runs the image gets an id of its own',
  'dbus-uuidgen': 'each machine that runs the image gets an id of its own',
  'ssh-keygen': 'a key in an image would be known to all who have the image; `ssh-keygen -A` makes them where it runs',
  pg_checksystem: NO_KERNEL,
  'make-ssl-cert': 'a key in an image would be known to all who have the image',
  'mariadb-install-db': NO_DATA,
  mysql_install_db: NO_DATA,
  'systemd-hwdb': 'the hardware database is made where the image runs',
  sync: 'the tree is in memory',
};

/** Each such command reports itself and its reason for the audit. */
export const LEFT_OUT_COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries(REASONS).map(([name, why]) => [name, leftOut(why)]),
);

function leftOut(why: string): Command {
  return (process) => {
    process.system.report({ type: 'left-out', command: commandName(process), why, line: process.line });
    return 0;
  };
}
