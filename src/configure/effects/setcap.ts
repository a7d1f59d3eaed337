import type { Command, Process } from '../shell/types.js';
import { Failure, say, unsupported, withFailures } from './console.js';
import { Files } from './files.js';

/** capabilities(7), by their numbers. */
const NAMES =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  );
const REVISION_2 = 0x02000000;
const EFFECTIVE = 1;

/** setcap(8): a file's capabilities as the extended attribute that the kernel reads (linux/capability.h, revision 2). */
export const setcap: Command = (process) =>
  withFailures(process, '', () => {
    const args = process.args.slice(1).filter((arg) => arg !== '-q');
    for (let at = 0; at < args.length; at += 2) apply(process, args[at] ?? '', args[at + 1] ?? '');
    return 0;
  });

function apply(process: Process, capabilities: string, path: string): void {
  const files = new Files(process);
  const node = files.stat(path);
  if (node?.type !== 'file')
    throw new Failure(`Failed to set capabilities on file '${path}': No such file or directory`);
  process.system.changed?.(files.realpath(path) ?? path);
  const xattrs = new Map(node.xattrs);
  if (capabilities === '-r') xattrs.delete('security.capability');
  else xattrs.set('security.capability', encode(process, capabilities));
  node.xattrs = xattrs;
  node.owner = process.system.owner;
}

/** Clauses such as `cap_net_raw+ep` (cap_text_formats(7)). */
function encode(process: Process, text: string): Uint8Array {
  const sets = { p: 0n, i: 0n };
  let effective = false;
  for (const clause of text.split(/\s+/).filter((part) => part !== '')) {
    const [, names = '', flags = ''] = /^([a-z_,]+)[+=]([eip]+)$/.exec(clause) ?? [];
    if (names === '') {
      unsupported(process, clause);
      throw new Failure(`fatal error: Invalid argument: ${clause}`);
    }
    for (const name of names.split(',')) {
      const number = NAMES.indexOf(name.replace(/^cap_/, ''));
      if (number < 0) throw new Failure(`fatal error: Invalid argument: ${name}`);
      const bit = 1n << BigInt(number);
      if (flags.includes('p')) sets.p |= bit;
      if (flags.includes('i')) sets.i |= bit;
    }
    effective ||= flags.includes('e');
  }
  const bytes = Buffer.alloc(20);
  const low = (value: bigint): number => Number(value & 0xffffffffn);
  bytes.writeUInt32LE(REVISION_2 | (effective ? EFFECTIVE : 0), 0);
  for (const [index, value] of [sets.p, sets.i, sets.p >> 32n, sets.i >> 32n].entries()) {
    bytes.writeUInt32LE(low(value), 4 + 4 * index);
  }
  return bytes;
}

/** getcap(8): the files that have capabilities, each with them. */
export const getcap: Command = (process) => {
  const files = new Files(process);
  for (const path of process.args.slice(1).filter((arg) => !arg.startsWith('-'))) {
    const value = files.stat(path)?.xattrs.get('security.capability');
    if (value !== undefined) say(process, `${path} ${decode(Buffer.from(value))}`);
  }
  return 0;
};

/** The text of an attribute in cap_to_text(3)'s form: names that share their flags together. */
function decode(bytes: Buffer): string {
  const flagged = (offset: number, bit: number): boolean =>
    ((bytes.readUInt32LE(offset + (bit < 32 ? 0 : 8)) >>> (bit % 32)) & 1) === 1;
  const effective = (bytes.readUInt32LE(0) & EFFECTIVE) !== 0 ? 'e' : '';
  const groups = new Map<string, string[]>();
  for (const [bit, name] of NAMES.entries()) {
    const permitted = flagged(4, bit);
    const inheritable = flagged(8, bit);
    if (!permitted && !inheritable) continue;
    const flags = `${effective}${inheritable ? 'i' : ''}${permitted ? 'p' : ''}`;
    groups.set(flags, [...(groups.get(flags) ?? []), `cap_${name}`]);
  }
  return [...groups].map(([flags, names]) => `${names.join(',')}=${flags}`).join(' ');
}
