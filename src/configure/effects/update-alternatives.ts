import { parentOf } from '../../formats/path.js';
import { compareStrings } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import {
  type Alternative,
  bestChoice,
  type Choice,
  formatAlternative,
  loadAlternative,
  slaveFile,
} from './alternative.js';
import { checkInstall } from './alternatives-check.js';
import { describeForPeople, describeForPrograms } from './alternatives-display.js';
import { parseRequest, type Request } from './alternatives-request.js';
import { complain, Failure, say, unsupported, withFailures } from './console.js';
import { Files } from './files.js';

const PREFIX = 'update-alternatives: ';

/**
 * update-alternatives(1), as utils/update-alternatives.c of dpkg 1.21 and 1.22 does it: the state in
 * `/var/lib/dpkg/alternatives`, the links in `/etc/alternatives` and where the groups say. It writes no log.
 */
export const updateAlternatives: Command = (process) =>
  withFailures(process, `${PREFIX}error: `, () => {
    const request = parseRequest(process.args.slice(1));
    return request === undefined ? usage(process) : new Run(process, request).run();
  });

function usage(process: Process): number {
  unsupported(process, process.args.slice(1).join(' '));
  complain(process, `${PREFIX}error: unsupported arguments`);
  return 2;
}

/** One call: the group that it is about, and what the link in `altdir` said when it began. */
class Run {
  readonly #process: Process;
  readonly #request: Request;
  readonly #files: Files;
  readonly #name: Bytes;
  readonly #current: Bytes | undefined;
  #group: Alternative | undefined;
  /** Slaves whose link changes with this call, so that a difference is no damage. */
  readonly #updated = new Set<Bytes>();

  constructor(process: Process, request: Request) {
    this.#process = process;
    this.#request = request;
    this.#files = new Files(process);
    this.#name = (request.action === '--install' ? request.operands[1] : request.operands[0]) ?? '';
    this.#current = this.#files.readlink(`${request.altdir}/${this.#name}`);
  }

  run(): number {
    const { action, operands } = this.#request;
    if (action === '--get-selections') return this.#getSelections();
    if (action === '--install') checkInstall(this.#files, this.#request, this.#groups());
    this.#group = loadAlternative(this.#files, this.#stateFile(this.#name), this.#name, (file) => {
      const where = `(part of link group ${this.#name})`;
      this.#warn(`alternative ${file} ${where} doesn't exist; removing from list of alternatives`);
    });
    if (this.#group === undefined && action !== '--install') {
      if (action === '--remove') return 0;
      throw new Failure(`no alternatives for ${this.#name}`, 2);
    }
    const group = this.#group;
    if (group !== undefined && ['--display', '--query', '--list'].includes(action)) return this.#show(group, action);
    if (group !== undefined) this.#selectMode(group);
    const target = operands[1] ?? '';
    switch (action) {
      case '--install':
        return this.#update(...this.#install());
      case '--set':
        if (group === undefined || !group.choices.some(({ file }) => file === target)) {
          throw new Failure(`alternative ${target} for ${this.#name} not registered; not setting`, 2);
        }
        this.#setStatus(group, 'manual');
        return this.#update(group, target);
      case '--remove':
        return group === undefined ? 0 : this.#update(group, this.#removeChoice(group, target));
      case '--remove-all':
        if (group !== undefined) group.choices = [];
        return group === undefined ? 0 : this.#update(group, undefined);
      case '--config':
        return group === undefined ? 0 : this.#update(group, undefined);
      default:
        if (group === undefined) return 0;
        this.#setStatus(group, 'auto');
        if (group.choices.length === 0) this.#info(`there is no program which provides ${group.name}`);
        return this.#update(group, bestChoice(group, this.#current)?.file);
    }
  }

  #stateFile(name: Bytes): Bytes {
    return `${this.#request.admindir}/${name}`;
  }

  #info(message: Bytes): void {
    if (!this.#request.quiet) say(this.#process, PREFIX + message);
  }

  #warn(message: Bytes): void {
    if (!this.#request.quiet) complain(this.#process, `${PREFIX}warning: ${message}`);
  }

  #setStatus(group: Alternative, status: Alternative['status']): void {
    if (group.status !== status) group.modified = true;
    group.status = status;
  }

  #groups(): Alternative[] {
    const names = this.#files.list(this.#request.admindir).filter((name) => !name.endsWith('.dpkg-tmp'));
    return names.flatMap((name) => loadAlternative(this.#files, this.#stateFile(name), name) ?? []);
  }

  #getSelections(): number {
    for (const group of this.#groups()) {
      const target = this.#files.readlink(`${this.#request.altdir}/${group.name}`) ?? '';
      say(this.#process, `${group.name.padEnd(30)} ${group.status.padEnd(8)} ${target}`);
    }
    return 0;
  }

  /** A link that someone else changed makes the group a manual one; a missing one makes it automatic. */
  #selectMode(group: Alternative): void {
    const current = this.#current;
    const link = `${this.#request.altdir}/${group.name}`;
    if (current === undefined) {
      this.#setStatus(group, 'auto');
    } else if (!group.choices.some(({ file }) => file === current)) {
      if (!this.#files.exists(current)) {
        this.#warn(`${link} is dangling; it will be updated with best choice`);
        this.#setStatus(group, 'auto');
      } else if (group.status !== 'manual') {
        this.#warn(`${link} has been changed (manually or by a script); switching to manual updates only`);
        this.#setStatus(group, 'manual');
      }
    }
  }

  #install(): [Alternative, Bytes | undefined] {
    const [link = '', name = '', file = '', priority = ''] = this.#request.operands;
    const slaves = new Map(this.#request.slaves.map((slave) => [slave.name, slave.file] as const));
    const choice: Choice = { file, priority: Number(priority), slaves };
    const links = new Map(this.#request.slaves.map((slave) => [slave.name, slave.link] as const));
    let group = this.#group;
    if (group === undefined) {
      group = { name, status: 'auto', link, slaves: links, choices: [], modified: true };
      this.#selectMode(group);
      // A link without a state is taken over in automatic mode, whatever it points at.
      group.status = 'auto';
    } else {
      this.#evolve(group, link, links, choice);
    }
    this.#addChoice(group, choice);
    return [group, group.status === 'auto' ? bestChoice(group, this.#current)?.file : undefined];
  }

  /** The new call may move the master's or a slave's link. */
  #evolve(group: Alternative, link: Bytes, links: ReadonlyMap<Bytes, Bytes>, choice: Choice): void {
    const files = this.#files;
    if (group.link !== link) {
      if (files.lstat(group.link)?.type === 'symlink') {
        this.#info(`renaming ${group.name} link from ${group.link} to ${link}`);
        files.rename(group.link, link);
      }
      group.link = link;
      group.modified = true;
    }
    for (const [name, slaveLink] of links) {
      const old = group.slaves.get(name);
      if (old === undefined) {
        this.#updated.add(name);
      } else if (old !== slaveLink && files.lstat(old)?.type === 'symlink') {
        const file =
          this.#current === choice.file ? slaveFile(choice, name) : files.readlink(`${this.#request.altdir}/${name}`);
        if (file !== undefined && files.exists(file)) {
          this.#info(`renaming ${name} slave link from ${old} to ${slaveLink}`);
          files.rename(old, slaveLink);
        } else {
          files.unlink(old);
        }
        this.#updated.add(name);
      }
      if (old !== slaveLink) group.modified = true;
      group.slaves.set(name, slaveLink);
    }
  }

  #addChoice(group: Alternative, choice: Choice): void {
    group.choices = [...group.choices.filter(({ file }) => file !== choice.file), choice];
    group.choices.sort((a, b) => compareStrings(a.file, b.file));
    group.modified = true;
  }

  #removeChoice(group: Alternative, target: Bytes): Bytes | undefined {
    const rest = group.choices.filter(({ file }) => file !== target);
    if (rest.length < group.choices.length) group.modified = true;
    group.choices = rest;
    if (this.#current !== target) return undefined;
    if (group.status === 'manual') {
      this.#info(`removing manually selected alternative - switching ${group.name} to auto mode`);
      this.#setStatus(group, 'auto');
    }
    return bestChoice(group, this.#current)?.file;
  }

  /** Brings links and state to what the group says (alternative_update). */
  #update(group: Alternative, wanted: Bytes | undefined): number {
    if (group.choices.length === 0) {
      this.#removeFiles(group);
      return 0;
    }
    if (wanted !== undefined && wanted !== this.#current) {
      this.#info(`using ${wanted} to provide ${group.link} (${group.name}) in ${group.status} mode`);
      this.#link(group, wanted);
    } else {
      const damage = this.#damage(group);
      if (damage !== undefined) this.#repair(group, damage);
    }
    if (group.modified) {
      this.#files.makeDirectories(this.#request.admindir);
      this.#files.replace(this.#stateFile(group.name), formatAlternative(group));
    }
    return 0;
  }

  #repair(group: Alternative, damage: 'broken' | 'slaves'): void {
    let target = this.#current;
    if (damage === 'slaves') {
      this.#info(`updating alternative ${target} because link group ${group.name} has changed slave links`);
    } else {
      const shown = target ?? '(null)';
      this.#warn(`forcing reinstallation of alternative ${shown} because link group ${group.name} is broken`);
    }
    if (target !== undefined && !group.choices.some(({ file }) => file === target)) {
      const best = bestChoice(group, target)?.file;
      this.#warn(`current alternative ${target} is unknown, switching to ${best} for link group ${group.name}`);
      target = best;
      this.#setStatus(group, 'auto');
    }
    if (target !== undefined) this.#link(group, target);
  }

  #damage(group: Alternative): 'broken' | 'slaves' | undefined {
    const files = this.#files;
    const { altdir } = this.#request;
    if (files.readlink(group.link) !== `${altdir}/${group.name}` || this.#current === undefined) return 'broken';
    const choice = group.choices.find(({ file }) => file === this.#current);
    if (choice === undefined) return undefined;
    let result: 'slaves' | undefined;
    for (const [name, link] of group.slaves) {
      const file = slaveFile(choice, name);
      const inAltdir = `${altdir}/${name}`;
      const sound = this.#canInstall(choice, name)
        ? files.readlink(link) === inAltdir && files.readlink(inAltdir) === file
        : files.lstat(link) === undefined && files.lstat(inAltdir) === undefined;
      if (sound) continue;
      if (!this.#updated.has(name)) return 'broken';
      result = 'slaves';
    }
    return result;
  }

  #canInstall(choice: Choice, slave: Bytes): boolean {
    const file = slaveFile(choice, slave);
    return file !== '' && this.#files.exists(file);
  }

  #link(group: Alternative, target: Bytes): void {
    const choice = group.choices.find(({ file }) => file === target);
    if (choice === undefined) throw new Failure(`cannot install unknown choice ${target}`, 2);
    this.#linkOne(group.name, group.link, target);
    for (const [name, link] of group.slaves) {
      if (this.#canInstall(choice, name)) {
        this.#linkOne(name, link, slaveFile(choice, name));
        continue;
      }
      if (slaveFile(choice, name) !== '') {
        const missing = `associated file ${slaveFile(choice, name)} (of link group ${group.name})`;
        this.#warn(`skip creation of ${link} because ${missing} doesn't exist`);
      }
      if (this.#mayRemove(link)) this.#files.unlink(link);
      else this.#warn(`not removing ${link} since it's not a symlink`);
      this.#files.unlink(`${this.#request.altdir}/${name}`);
    }
  }

  #linkOne(name: Bytes, link: Bytes, file: Bytes): void {
    const files = this.#files;
    const { altdir, force } = this.#request;
    const inAltdir = `${altdir}/${name}`;
    files.makeDirectories(altdir);
    files.replaceLink(file, inAltdir);
    const node = files.lstat(link);
    if (!force && node !== undefined && node.type !== 'symlink') {
      this.#warn(`not replacing ${link} with a link`);
    } else if (force || files.readlink(link) !== inAltdir) {
      if (!files.isDirectory(parentOf(link))) {
        const temporary = `${link}.dpkg-tmp`;
        throw new Failure(`error creating symbolic link '${temporary}': No such file or directory`, 2);
      }
      files.replaceLink(inAltdir, link);
    }
  }

  #mayRemove(link: Bytes): boolean {
    const node = this.#files.lstat(link);
    return this.#request.force || node === undefined || node.type === 'symlink';
  }

  #removeFiles(group: Alternative): void {
    for (const [name, link] of [[group.name, group.link] as const, ...group.slaves]) {
      if (this.#mayRemove(link)) this.#files.unlink(link);
      this.#files.unlink(`${this.#request.altdir}/${name}`);
    }
    this.#files.unlink(this.#stateFile(group.name));
  }

  #show(group: Alternative, action: string): number {
    const lines =
      action === '--list'
        ? group.choices.map(({ file }) => file)
        : action === '--query'
          ? describeForPrograms(group, this.#current)
          : describeForPeople(group, this.#current);
    for (const line of lines) say(this.#process, line);
    return 0;
  }
}
