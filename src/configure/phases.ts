import type { SetMember } from './installed.js';

/**
 * The set in two: Essential with all that it depends on, and the rest, each in the given order. Every bootstrap configures the
 * first before it unpacks anything of the second, which may rely on it in its preinst (Policy 3.8).
 */
export function phasesOf(members: readonly SetMember[]): readonly (readonly SetMember[])[] {
  const byName = new Map<string, SetMember[]>();
  for (const member of members) {
    const { record } = member.input;
    for (const name of [record.name, ...record.provides.flat().map((one) => one.name)]) {
      byName.set(name, [...(byName.get(name) ?? []), member]);
    }
  }
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
