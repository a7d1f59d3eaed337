/** GLib's key files (desktop entries, overrides): the groups, each with its keys and their raw values. The last value counts. */
export function parseKeyFile(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const group = /^[ \t]*\[(.+)\][ \t]*$/.exec(line)?.[1];
    if (group !== undefined) {
      current = groups.get(group) ?? new Map();
      groups.set(group, current);
      continue;
    }
    const [, key, value = ''] = /^[ \t]*([^#=\s][^=]*?)[ \t]*=[ \t]*(.*)$/.exec(line) ?? [];
    if (key !== undefined) current?.set(key, value);
  }
  return groups;
}
