import { performance } from 'node:perf_hooks';
import { KoalaError, reasonOf } from '../formats/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../formats/limits.js';
import type { Tree } from '../rootfs/tree.js';
import { lastLine, type ScriptAudit, type ScriptName, ScriptRecorder } from './audit.js';
import { CONFMODULE_PATHS, sourceConfmodule } from './effects/debconf.js';
import { nativeEffect } from './effects/native.js';
import { binaryName, type DebianState, type InstalledPackage } from './effects/state.js';
import { OutOfBudget } from './shell/budget.js';
import { runScript } from './shell/script.js';
import type { Budget, Bytes, Command } from './shell/types.js';

/** What the scripts of a build share. */
export interface ScriptWorld {
  readonly tree: Tree;
  readonly epoch: number;
  /** Debian's name of the architecture that is built for. */
  readonly architecture: string;
  readonly commands: ReadonlyMap<string, Command>;
  /** Commands that are there without a file; undefined: none. */
  readonly alwaysThere: ((name: string) => boolean) | undefined;
  readonly debian: DebianState;
  /** What one script may use. */
  readonly limits?: Limits;
}

interface MaintainerScript {
  readonly owner: InstalledPackage;
  readonly name: ScriptName;
  readonly text: Bytes;
  readonly args: readonly Bytes[];
}

const INTERPRETERS = /^#![ \t]*(?:\/usr)?\/bin\/(?:env[ \t]+)?(?:sh|dash|bash)(?:[ \t\n]|$)/;
const SOURCES = new Map(CONFMODULE_PATHS.map((path) => [path, sourceConfmodule]));

/**
 * Interprets a maintainer script as dpkg would run it. A script that fails is reported; what it did until then stays.
 *
 * @throws KoalaError where it uses up its budget.
 */
export function runMaintainerScript(world: ScriptWorld, script: MaintainerScript): ScriptAudit {
  const { tree, epoch, architecture, commands, alwaysThere, debian } = world;
  const { owner, name, text, args } = script;
  const recorder = new ScriptRecorder(tree);
  const finish = (): ScriptAudit => recorder.finish(owner.name, name);
  const interpreter = /^#![ \t]*(\S+)/.exec(text)?.[1];
  if (!INTERPRETERS.test(text)) {
    if (nativeEffect(text)?.(tree) === true) return { ...finish(), outcome: 'native-effect' };
    const why = interpreter === undefined ? 'it is a program, and none is started' : `it is not a script for a shell`;
    recorder.misunderstand({ line: 1, command: interpreter ?? name, why });
    return finish();
  }
  const system = {
    tree,
    epoch,
    architecture,
    commands,
    debian,
    owner: { type: 'effect', name: fileName(name), package: owner.name },
    packageName: owner.name,
    budget: budgetFor(world.limits ?? DEFAULT_LIMITS),
    report: (event) => recorder.report(event),
    changed: (path) => recorder.changed(path),
    ...(alwaysThere === undefined ? {} : { alwaysThere }),
  } satisfies Parameters<typeof runScript>[0];
  try {
    const { status, stderr, error, line } = runScript(system, {
      script: text,
      name: pathOfScript(script),
      args,
      environment: environmentOf(world, script),
      sources: SOURCES,
    });
    if (status !== 0) {
      const said = lastLine(error ?? stderr);
      recorder.misunderstand({
        line,
        command: name,
        why: `it ended with status ${status}${said === '' ? '' : `: ${said}`}`,
      });
    }
  } catch (error) {
    if (error instanceof OutOfBudget) throw refused(script, error);
    if (!(error instanceof KoalaError)) throw error;
    recorder.misunderstand({ line: 0, command: name, why: reasonOf(error) });
  }
  return finish();
}

/** The time is the last resort, against commands that take few steps for much work. */
function budgetFor({ scriptSteps, scriptOutputBytes, scriptMemoryBytes, scriptSeconds }: Limits): Budget {
  const deadline = performance.now() + scriptSeconds * 1000;
  return { steps: scriptSteps, outputBytes: scriptOutputBytes, memoryBytes: scriptMemoryBytes, deadline };
}

/** A script that asks for more than any real one may be hostile, and what it did until then is not to be trusted. */
function refused({ owner, name }: MaintainerScript, error: OutOfBudget): KoalaError {
  const { what, line } = error;
  const text = `its ${fileName(name)} used up its budget of ${what} at line ${line}`;
  return new KoalaError('configure', `cannot configure ${owner.name}: ${text}`, {
    hint: 'no sound package needs that much; a profile with `configure: none` runs no script',
    cause: error,
  });
}

/** Triggers are processed by postinst. */
function fileName(name: ScriptName): string {
  return name === 'triggered' ? 'postinst' : name;
}

/** Where dpkg has the script when it runs it: a preinst is not in the database yet. */
function pathOfScript({ owner, name }: MaintainerScript): Bytes {
  if (name === 'preinst') return '/var/lib/dpkg/tmp.ci/preinst';
  return `/var/lib/dpkg/info/${binaryName(owner)}.${fileName(name)}`;
}

/** As dpkg (lib/dpkg/… maintscript_set_exec_context and main) and a frontend without a terminal set it. */
function environmentOf({ epoch, debian }: ScriptWorld, { owner, name }: MaintainerScript): Map<Bytes, Bytes> {
  const dpkg = debian.packages.find((item) => item.name === 'dpkg');
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    SHELL: '/bin/sh',
    LC_ALL: 'C.UTF-8',
    TERM: 'dumb',
    SOURCE_DATE_EPOCH: String(epoch),
    DEBIAN_FRONTEND: 'noninteractive',
    DEBCONF_NONINTERACTIVE_SEEN: 'true',
    DPKG_ADMINDIR: '/var/lib/dpkg',
    DPKG_ROOT: '',
    DPKG_MAINTSCRIPT_PACKAGE: owner.name,
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: '1',
    DPKG_MAINTSCRIPT_ARCH: owner.architecture,
    DPKG_MAINTSCRIPT_NAME: fileName(name),
    DPKG_MAINTSCRIPT_DEBUG: '0',
    ...(dpkg === undefined ? {} : { DPKG_RUNNING_VERSION: dpkg.version }),
  };
  return new Map(Object.entries(environment));
}
