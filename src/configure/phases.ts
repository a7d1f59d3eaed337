import type { SetMember } from './installed.js';

/**
 * The set in two: Essential with all that it depends on, and the rest, each in the given order. Every bootstrap configures the
 * first before it unpacks anything of the second, which may rely on it in its preinst (Policy 3.8).
 */
export function phasesOf(
  members: readonly SetMember[],
): readonly [essential: readonly SetMember[], others: readonly SetMember[]] {
  const byName = providers(members);
  const first = new Set<SetMember>();
  const todo = members.filter(({ input }) => input.record.essential);
  for (let member = todo.pop(); member !== undefined; member = todo.pop()) {
    if (first.has(member)) continue;
    first.add(member);
    const { depends, preDepends } = member.input.record;
    for (const { name } of [...depends, ...preDepends].flat()) todo.push(...(byName.get(name) ?? []));
  }
  return [members.filter((member) => first.has(member)), members.filter((member) => !first.has(member))];
}

/** Those of the members that pre-depend on another of them: dpkg unpacks them only after that one is configured (Policy 7.2). */
export function preDependents(members: readonly SetMember[]): ReadonlySet<SetMember> {
  const byName = providers(members);
  return new Set(
    members.filter((member) =>
      member.input.record.preDepends.flat().some(({ name }) => byName.get(name)?.some((other) => other !== member)),
    ),
  );
}

/** The members by each name that they have or provide. */
function providers(members: readonly SetMember[]): ReadonlyMap<string, readonly SetMember[]> {
  const byName = new Map<string, SetMember[]>();
  for (const member of members) {
    const { record } = member.input;
    for (const name of [record.name, ...record.provides.flat().map((one) => one.name)]) {
      byName.set(name, [...(byName.get(name) ?? []), member]);
    }
  }
  return byName;
}
