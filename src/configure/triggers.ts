import { controlFile, type SetMember } from './installed.js';

/** What a package wants to hear of: a name, or a path with all below it (deb-triggers(5)). */
interface Interest {
  readonly holder: SetMember;
  readonly trigger: string;
}

/** The packages that wait for triggers, each with the triggers that it is told of. */
export class PendingTriggers {
  readonly #interests: readonly Interest[];
  readonly #pending = new Map<SetMember, Set<string>>();

  /**
   * All triggers that unpacking and configuring the last of the set activates: the names in `activate` directives, and paths in
   * which somebody is interested and that another package ships.
   *
   * @param members the whole set.
   * @param fresh those of it that were not there before.
   */
  constructor(members: readonly SetMember[], fresh: readonly SetMember[]) {
    const directives = members.map((member) => ({ member, lines: directivesOf(member) }));
    this.#interests = directives.flatMap(({ member, lines }) =>
      lines.filter(([word]) => word.startsWith('interest')).map(([, trigger]) => ({ holder: member, trigger })),
    );
    const isFresh = new Set(fresh);
    for (const { member, lines } of directives) {
      if (!isFresh.has(member)) continue;
      for (const [word, trigger] of lines) if (word.startsWith('activate')) this.activate(trigger);
    }
    const inPaths = this.#interests.filter(({ trigger }) => trigger.startsWith('/'));
    if (inPaths.length === 0) return;
    for (const member of fresh) {
      const others = inPaths.filter(({ holder }) => holder !== member);
      for (const { path } of member.input.unpacked.entries) {
        for (const interest of others) if (isAtOrBelow(path, interest.trigger)) this.#add(interest);
      }
    }
  }

  /** Activates a trigger by its name, or a path that has changed. */
  activate(name: string): void {
    for (const interest of this.#interests) {
      const { trigger } = interest;
      if (name === trigger || (trigger.startsWith('/') && isAtOrBelow(name, trigger))) this.#add(interest);
    }
  }

  /** Takes what is pending, in the order of `members`; who rebuilds the cache of libraries comes last, as that reads all. */
  take(members: readonly SetMember[]): { readonly member: SetMember; readonly names: readonly string[] }[] {
    const taken = members.flatMap((member) => {
      const names = this.#pending.get(member);
      return names === undefined ? [] : [{ member, names: [...names].sort() }];
    });
    this.#pending.clear();
    const isLast = ({ names }: { readonly names: readonly string[] }): boolean => names.includes('ldconfig');
    return [...taken.filter((entry) => !isLast(entry)), ...taken.filter(isLast)];
  }

  #add({ holder, trigger }: Interest): void {
    const names = this.#pending.get(holder) ?? new Set();
    this.#pending.set(holder, names.add(trigger));
  }
}

function isAtOrBelow(path: string, trigger: string): boolean {
  return path.startsWith(trigger) && (path.length === trigger.length || path[trigger.length] === '/');
}

/** The directives of a package's `triggers` file with their triggers. */
export function directivesOf({ input }: Pick<SetMember, 'input'>): (readonly [directive: string, trigger: string])[] {
  return (controlFile(input, 'triggers') ?? '').split('\n').flatMap((line) => {
    const [directive, trigger] = line.replace(/#.*/, '').trim().split(/\s+/);
    return directive === undefined || trigger === undefined ? [] : [[directive, trigger] as const];
  });
}
