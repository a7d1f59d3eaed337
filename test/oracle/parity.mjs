import { readFileSync } from 'node:fs';
import { listTar, pathOfLine } from './tree-lines.mjs';

/**
 * Where a tree of ours need not be what dpkg leaves in a chroot, each with its reason. What is not listed here has to be the
 * same: paths, types, modes, owners, links and contents.
 */
const EXCEPTIONS = [
  [/^\/(?:dev|proc|sys|run)\//, 'made by mmdebstrap, or by what ran in the chroot'],
  [/^\/etc\/(?:fstab|hostname|resolv\.conf|machine-id)$/, "the machine's"],
  [/^\/etc\/dpkg\/dpkg\.cfg\.d\/99mmdebstrap$/, 'its options'],
  [/^\/etc\/apt\/(?:sources\.list|sources\.list\.d\/.*|apt\.conf\.d\/99mmdebstrap)$/, 'where it was installed from'],
  [/^\/var\/(?:cache\/apt|lib\/apt|cache\/debconf|cache\/ldconfig)\//, 'caches, which their programs make again'],
  [/^\/var\/lib\/dpkg\/(?:.*-old|lock.*|triggers\/Lock|available|cmethopt|arch)$/, "dpkg's locks, backups and marks"],
  [/^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid|shells)-$/, 'backups'],
  [/^\/var\/log\//, 'logs'],
  [/^\/var\/lib\/systemd\/catalog\/database$/, 'an index of messages, which systemd makes at the first boot'],
  [
    /^\/var\/lib\/mysql\/(?!debian-)/,
    'system tables that a server was started to write, with ids and times of its own',
  ],
  [
    /^\/etc\/ssl\/certs\/java\/cacerts$/,
    "each certificate with the time at which keytool read it; ours are the build's",
  ],
  [/\/__pycache__(?:\/|$)/, 'Python byte code, which holds times and is made where it is needed'],
  [/^\/etc\/ssh\/ssh_host_\w+_key(?:\.pub)?$/, 'random keys, which all who have an image would know'],
  [
    /^\/etc\/ssl\/(?:certs\/ssl-cert-snakeoil\.pem|private\/ssl-cert-snakeoil\.key)$/,
    'a random key and its certificate',
  ],
];

/** As above, of links by where they lead. */
const EXCEPTIONAL_LINKS = [
  [/^\/etc\/ssl\/certs\/[0-9a-f]{8}\.\d+: symlink .* -> ssl-cert-snakeoil\.pem$/, 'named after the machine'],
];

/**
 * Files whose lines are in the order in which packages were unpacked and configured: apt weighs what is Essential and what others
 * pre-depend on, ours is the order of dependencies, then of names. They are compared with their lines sorted, ids and all.
 */
const UNORDERED = /^\/(?:etc\/(?:passwd|group|shadow|gshadow)|var\/lib\/dpkg\/triggers\/File)$/;

/** What the tars of two trees have apart from the exceptions: lines of the one that the other has not. */
export function compareTars(ours, theirs) {
  const [mine, other] = [ours, theirs].map(
    (tar) => new Set(listTar(readFileSync(tar), { unordered: UNORDERED }).filter((line) => !isException(line))),
  );
  return {
    onlyOurs: [...mine].filter((line) => !other.has(line)),
    onlyTheirs: [...other].filter((line) => !mine.has(line)),
    same: [...mine].filter((line) => other.has(line)).length,
  };
}

/** Of two comparisons of one tree, the paths that are like neither of the others: as the second has them. */
export function differentInBoth(first, second) {
  const others = new Set([...first.onlyOurs, ...first.onlyTheirs].map(pathOfLine));
  const both = (line) => others.has(pathOfLine(line));
  return { ...second, onlyOurs: second.onlyOurs.filter(both), onlyTheirs: second.onlyTheirs.filter(both) };
}

function isException(line) {
  const path = pathOfLine(line);
  return (
    EXCEPTIONS.some(([expression]) => expression.test(path)) ||
    EXCEPTIONAL_LINKS.some(([expression]) => expression.test(line))
  );
}
