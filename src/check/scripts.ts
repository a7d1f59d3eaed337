import type { Findings } from './findings.js';
import { packagesOfCommand } from './known.js';
import { commandPaths } from './lookup.js';
import type { Need, Scan } from './types.js';

/** Scripts that only certain programs start, and those; none: nobody starts them where they lie. */
const STARTERS: readonly (readonly [paths: RegExp, starters: readonly string[]])[] = [
  [/^\/usr\/share\/(?:doc|bug)\/|\/examples\//, []],
  [/^\/var\/lib\/dpkg\/info\//, ['dpkg']],
  [/^\/etc\/(?:init\.d|rc[0-9S]\.d)\//, ['init', 'service', 'invoke-rc.d']],
  [/^\/etc\/sv\//, ['runsv']],
  [/^\/etc\/cron\.[a-z]+\//, ['run-parts', 'cron', 'anacron']],
  [/^\/etc\/network\/if-[a-z-]+\.d\//, ['ifup']],
  [/^\/etc\/update-motd\.d\//, ['run-parts']],
  [/^\/etc\/kernel\/|^\/etc\/initramfs-tools\/|^\/usr\/share\/initramfs-tools\//, ['update-initramfs', 'mkinitramfs']],
  [/^\/usr\/lib\/systemd\/system-[a-z]+\//, ['/usr/lib/systemd/systemd']],
];

/** Whether nothing of the tree would start the script. */
export function isIdle(path: string, canExecute: (command: string) => boolean): boolean {
  const found = STARTERS.find(([paths]) => paths.test(path));
  return found !== undefined && !found[1].some(canExecute);
}

/** What executable scripts name in their first lines: the interpreter, and the program that `env` looks for. */
export function checkInterpreters(
  { scripts }: Scan,
  canExecute: (command: string) => boolean,
  findings: Findings,
  needOf: (path: string, how: string) => Need,
): void {
  for (const { path, line } of scripts) {
    for (const missing of interpretersOf(line).filter((name) => !canExecute(name))) {
      findings.add(
        {
          type: 'interpreter',
          severity: isIdle(path, canExecute) ? 'information' : 'error',
          missing,
          wanted: { paths: commandPaths(missing), packages: packagesOfCommand(missing) },
        },
        needOf(path, `#!${line}`),
      );
    }
  }
}

/** The programs that a first line names (execve(2), "Interpreter scripts"; env(1)). */
function interpretersOf(line: string): string[] {
  const [interpreter = '', ...words] = line.split(/[ \t]+/);
  if (interpreter === '') return [];
  if (!/\/env$/.test(interpreter)) return [interpreter];
  const program = words.find((word, at) => !/^-|=/.test(word) && !/^-(?:u|C)$/.test(words[at - 1] ?? ''));
  return program === undefined ? [interpreter] : [interpreter, program];
}
