/**
 * A second opinion on installations, written from Policy chapter 7 and sharing no code with the solver: packages are read
 * from the universe's text again. Versions are whole numbers here, so that comparing them needs no code either.
 */
export interface Installable {
  readonly name: string;
  readonly version: number;
  readonly needs: readonly Wanted[][];
  readonly strictNeeds: readonly Wanted[][];
  readonly refuses: readonly Wanted[];
  readonly provides: readonly { readonly name: string; readonly version: number | undefined }[];
}

interface Wanted {
  readonly name: string;
  readonly accepts: (version: number) => boolean;
  readonly versioned: boolean;
}

export function readInstallables(text: string): Installable[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [head = '', ...tail] = line.split(': ');
      const [name = '', version = ''] = head.trim().split(' ');
      const field = (wanted: string): string[] =>
        tail
          .join(': ')
          .split('; ')
          .filter((one) => one.startsWith(`${wanted} `))
          .flatMap((one) => one.slice(wanted.length + 1).split(', '));
      const groups = (wanted: string): Wanted[][] => field(wanted).map((one) => one.split(' | ').map(readWanted));
      return {
        name,
        version: Number(version),
        needs: [...groups('pre-depends'), ...groups('depends')],
        strictNeeds: groups('pre-depends'),
        refuses: [...groups('conflicts'), ...groups('breaks')].flat(),
        provides: field('provides').map((one) => {
          const [provided = '', bound] = one.split(' (= ');
          return { name: provided, version: bound === undefined ? undefined : Number(bound.replace(')', '')) };
        }),
      };
    });
}

/** Why the packages cannot be installed together; empty where they can. */
export function complaints(installed: readonly Installable[]): string[] {
  const found: string[] = [];
  for (const one of installed) {
    for (const needs of one.needs) {
      if (!installed.some((other) => needs.some((wanted) => meets(other, wanted))))
        found.push(`${one.name} lacks something`);
    }
    for (const refused of one.refuses) {
      const bad = installed.find((other) => other.name !== one.name && meets(other, refused));
      if (bad !== undefined) found.push(`${one.name} refuses ${bad.name}`);
    }
  }
  if (new Set(installed.map(({ name }) => name)).size < installed.length) found.push('a name is there twice');
  return found;
}

export function meets(installable: Installable, wanted: Wanted): boolean {
  if (installable.name === wanted.name && wanted.accepts(installable.version)) return true;
  return installable.provides.some(
    ({ name, version }) =>
      name === wanted.name && (version === undefined ? !wanted.versioned : wanted.accepts(version)),
  );
}

/** Whether any set of these packages, at most one of a name, has a package for every wish and no complaints. */
export function isSolvable(all: readonly Installable[], wishes: readonly string[]): boolean {
  for (let bits = 0; bits < 2 ** all.length; bits++) {
    const chosen = all.filter((_, at) => (bits >> at) % 2 === 1);
    const complete = wishes.every((wish) => chosen.some(({ name }) => name === wish));
    if (complete && complaints(chosen).length === 0) return true;
  }
  return false;
}

function readWanted(text: string): Wanted {
  const [, name = '', operator = '', version = ''] = /^(\S+)(?: \((\S+) (\d+)\))?$/.exec(text) ?? [];
  const bound = Number(version);
  const accept: Readonly<Record<string, (version: number) => boolean>> = {
    '<<': (one) => one < bound,
    '<=': (one) => one <= bound,
    '=': (one) => one === bound,
    '>=': (one) => one >= bound,
    '>>': (one) => one > bound,
  };
  return { name, accepts: accept[operator] ?? (() => true), versioned: operator !== '' };
}
