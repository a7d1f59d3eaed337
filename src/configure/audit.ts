import type { Tree } from '../rootfs/tree.js';
import type { Bytes, Report } from './shell/types.js';

/** The scripts that a fresh install runs (Debian Policy 6.5), in their order; `triggered` is postinst once more. */
export type ScriptName = 'preinst' | 'config' | 'postinst' | 'triggered';

/** What became of one maintainer script. */
export interface ScriptAudit {
  readonly package: string;
  readonly script: ScriptName;
  /**
   * `interpreted`: to its end, all of it. `no-effect`: likewise, and nothing was changed. `native-effect`: it is no script
   * for a shell, and code of ours does what this text does. `not-understood`: it failed, or wanted what is not there; `notUnderstood` says what, and what it did before that stays done. `not-run`: the profile says
   * `configure: none`.
   */
  readonly outcome: 'interpreted' | 'no-effect' | 'native-effect' | 'not-understood' | 'not-run';
  /** Canonical paths that it made, changed or took away, sorted. */
  readonly changed: readonly string[];
  /** Commands that it called and that are left out on purpose. */
  readonly leftOut: readonly LeftOut[];
  readonly notUnderstood: readonly Misunderstanding[];
}

interface LeftOut {
  /** 1 for the first line of the script. */
  readonly line: number;
  readonly command: string;
  readonly why: string;
}

export interface Misunderstanding {
  /** 0 where it is about the script as a whole. */
  readonly line: number;
  readonly command: string;
  readonly why: string;
}

/** Writes down what a script does while it runs. */
export class ScriptRecorder {
  readonly #tree: Tree;
  /** Whether each path was there before the script. */
  readonly #changed = new Map<string, boolean>();
  readonly #leftOut = new Map<string, LeftOut>();
  readonly #notUnderstood = new Map<string, Misunderstanding>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** To be called before the change. */
  changed(path: string): void {
    if (!this.#changed.has(path)) this.#changed.set(path, this.#tree.get(path) !== undefined);
  }

  report(event: Report): void {
    const { command, line } = event;
    switch (event.type) {
      case 'left-out':
        remember(this.#leftOut, { line, command, why: event.why });
        break;
      case 'unsupported':
        this.misunderstand({ line, command, why: `${event.what} is not implemented` });
        break;
      case 'unknown-command':
        // Scripts ask for commands of packages that need not be there; a shell would not have found them either.
        if (event.inTree) this.misunderstand({ line, command, why: 'it is a program, and none is started' });
    }
  }

  misunderstand(entry: Misunderstanding): void {
    remember(this.#notUnderstood, entry);
  }

  finish(packageName: string, script: ScriptName): ScriptAudit {
    // Files that come and go are nobody's business.
    const lasting = [...this.#changed].filter(([path, wasThere]) => wasThere || this.#tree.get(path) !== undefined);
    const changed = lasting.map(([path]) => path).sort();
    const leftOut = [...this.#leftOut.values()];
    const notUnderstood = [...this.#notUnderstood.values()];
    const done = changed.length + leftOut.length === 0 ? 'no-effect' : 'interpreted';
    const outcome = notUnderstood.length > 0 ? 'not-understood' : done;
    return { package: packageName, script, outcome, changed, leftOut, notUnderstood };
  }
}

function remember<Entry extends LeftOut>(entries: Map<string, Entry>, entry: Entry): void {
  const key = `${entry.line} ${entry.command} ${entry.why}`;
  if (!entries.has(key)) entries.set(key, entry);
}

/** A script that the profile keeps from being run. */
export function notRun(packageName: string, script: ScriptName): ScriptAudit {
  return { package: packageName, script, outcome: 'not-run', changed: [], leftOut: [], notUnderstood: [] };
}

/** Packages with scripts that were not carried out to their end, with these scripts' names, in the order of the audit. */
export function notConfigured(
  audit: readonly ScriptAudit[],
): { readonly package: string; readonly scripts: readonly string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { package: name, script, outcome } of audit) {
    if (outcome !== 'not-understood' && outcome !== 'not-run') continue;
    const scripts = found.get(name) ?? new Set();
    found.set(name, scripts.add(script === 'triggered' ? 'postinst' : script));
  }
  return [...found].map(([name, scripts]) => ({ package: name, scripts: [...scripts] }));
}

/** The last line that a script wrote, as a reason for its failure. */
export function lastLine(output: Bytes): string {
  return output.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
