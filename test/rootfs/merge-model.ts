/** What a package ships, as `mergeInput` takes it. */
export interface ModelPackage {
  readonly name: string;
  readonly lines: readonly string[];
  /** Names of packages. */
  readonly replaces: readonly string[];
}

interface ModelNode {
  readonly what: string;
  readonly type: string;
  readonly owner: string;
}

const LAYOUT = 'merged-usr';
const ALIASES = ['bin', 'sbin', 'lib', 'lib64'];

/**
 * What packages laid over each other come to, said anew and as plainly as can be: a table of paths. For amd64; hard links,
 * diversions and other architectures are not of it.
 *
 * @returns lines as those of `listTree`, or where the packages collide
 */
export function modelOfMerge(packages: readonly ModelPackage[]): readonly string[] | { readonly collision: string } {
  const table = new Map<string, ModelNode>([
    ['/', { what: 'directory 0755 0:0', type: 'directory', owner: LAYOUT }],
    ['/usr', { what: 'directory 0755 0:0', type: 'directory', owner: LAYOUT }],
  ]);
  for (const name of ALIASES) {
    table.set(`/usr/${name}`, { what: 'directory 0755 0:0', type: 'directory', owner: LAYOUT });
    table.set(`/${name}`, { what: `symlink -> usr/${name} 0:0`, type: 'symlink', owner: LAYOUT });
  }
  const replaces = (one: string, other: string): boolean =>
    packages.some(({ name, replaces: names }) => name === one && names.includes(other));

  for (const { name, lines } of packages) {
    for (const line of lines) {
      const [, shipped = '', type = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/.exec(line) ?? [];
      const path = shipped.replace(/^\/(bin|sbin|lib|lib64)(?=\/|$)/, '/usr/$1');
      const what = type === 'symlink' ? `symlink ${rest} 0:0` : `${type} ${rest} 0:0`;
      const collision = { collision: `cannot unpack ${name}: ${path}` };
      const parts = path.split('/');
      for (let depth = 2; depth < parts.length; depth++) {
        const parent = parts.slice(0, depth).join('/');
        const there = table.get(parent);
        if (there === undefined) table.set(parent, { what: 'directory 0755 0:0', type: 'directory', owner: name });
        else if (there.type !== 'directory') return { collision: `cannot unpack ${name}: ${parent}` };
      }
      const there = table.get(path);
      if (there?.type === 'directory') {
        if (type !== 'directory') return collision;
        if (there.owner === LAYOUT) table.set(path, { what, type, owner: name });
        continue;
      }
      if (there?.owner === name) return collision;
      if (there === undefined || replaces(name, there.owner)) table.set(path, { what, type, owner: name });
      else if (!replaces(there.owner, name)) return collision;
    }
  }
  // By the order of a walk: names, not whole paths, are compared.
  const byNames = ([one]: [string, ModelNode], [other]: [string, ModelNode]): number =>
    one.replaceAll('/', '\0') < other.replaceAll('/', '\0') ? -1 : 1;
  return [...table].sort(byNames).map(([path, { what, owner }]) => `${path} ${what} [${owner}]`);
}
