import type { Bytes } from '../shell/types.js';
import type { Alternative } from './alternative.js';
import type { Request } from './alternatives-request.js';
import { Failure } from './console.js';
import type { Files } from './files.js';

/**
 * Checks the arguments of `--install` against the groups that there are (alternative_check_install_args).
 *
 * @throws Failure where a name or link is taken, or the file is missing.
 */
export function checkInstall(files: Files, { operands, slaves }: Request, others: readonly Alternative[]): void {
  const [link = '', name = '', file = '', priority = ''] = operands;
  if (link === file) throw new Failure(`<link> '${link}' is the same as <path>`, 2);
  if (!/^\s*[+-]?\d+$/.test(priority)) throw new Failure(`priority '${priority}' must be an integer`, 2);
  for (const { name: slave, link: slaveLink } of slaves) {
    if (slave === name) throw new Failure(`<name> '${slave}' is both primary and slave`, 2);
    if (slaveLink === link) throw new Failure(`<link> '${slaveLink}' is both primary and slave`, 2);
  }
  checkForm(name, link, file);
  const owner = (wanted: Bytes) => others.find((group) => group.name === wanted || group.slaves.has(wanted))?.name;
  const linkOwner = (wanted: Bytes) =>
    others.find((group) => group.link === wanted || [...group.slaves.values()].includes(wanted))?.name;
  const nameOwner = owner(name);
  if (nameOwner !== undefined && nameOwner !== name) {
    throw new Failure(`alternative ${name} cannot be master: it is a slave of ${nameOwner}`, 2);
  }
  const managed = linkOwner(link);
  if (managed !== undefined && managed !== name) {
    throw new Failure(`alternative link ${link} is already managed by ${managed}`, 2);
  }
  if (!files.exists(file)) throw new Failure(`alternative path ${file} doesn't exist`, 2);
  for (const slave of slaves) {
    checkForm(slave.name, slave.link, slave.file);
    const master = owner(slave.name);
    if (master !== undefined && master !== name) {
      const why = master === slave.name ? 'it is a master alternative' : `it is a slave of ${master}`;
      throw new Failure(`alternative ${slave.name} cannot be slave of ${name}: ${why}`, 2);
    }
    const managedBy = linkOwner(slave.link);
    if (managedBy !== undefined && managedBy !== name) {
      throw new Failure(`alternative link ${slave.link} is already managed by ${managedBy}`, 2);
    }
  }
}

function checkForm(name: Bytes, link: Bytes, file: Bytes): void {
  if (/[/ \t]/.test(name)) throw new Failure(`alternative name (${name}) must not contain '/' and spaces`, 2);
  if (!link.startsWith('/')) throw new Failure(`alternative link is not absolute as it should be: ${link}`, 2);
  if (!file.startsWith('/')) throw new Failure(`alternative path is not absolute as it should be: ${file}`, 2);
}
