import type { Problem, ProfileDocument, ValuePath } from './document.js';
import { PERMISSIONS_MESSAGE } from './schema.js';
import type { Profile } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

/** Ids that Debian gives out once for all systems (Policy 9.2.2), so that a base-passwd in the set may define them. */
const isGlobalId = (id: number): boolean => id < 100 || id === 65534;

/**
 * What no schema can say: things that must agree with each other, or with the profile that is extended. Reads any value, so
 * that these problems show together with those of the schema.
 *
 * @param parent the profile that is extended; undefined where there is none
 */
export function crossProblems(document: ProfileDocument, parent: Profile | undefined): Problem[] {
  const profile = fieldsOf(document.value);
  return [
    ...completeness(profile, parent),
    ...stageProblems(profile, parent),
    ...architectureProblems(profile),
    ...archiveProblems(profile),
    ...pinProblems(profile),
    ...accountProblems(fieldsOf(profile['accounts']), parent),
    ...pathProblems(profile),
    ...imageProblems(profile),
    ...permissionProblems(document),
  ];
}

function completeness(profile: Fields, parent: Profile | undefined): Problem[] {
  if (parent !== undefined) return [];
  const needed = ['suite', 'archives', 'stages'].filter((field) => profile[field] === undefined);
  return needed.map((field) => ({ path: [field], message: 'is missing; a profile that extends none needs it' }));
}

function stageProblems(profile: Fields, parent: Profile | undefined): Problem[] {
  const stages = items(profile['stages'], ['stages']);
  const inherited = new Map((parent?.stages ?? []).map(({ name }) => [name, `a stage of the profile ${parent?.name}`]));
  const empty = stages.filter(({ fields }) => {
    const lists = [fields['packages'], fields['priorities']];
    return (fields['essential'] ?? false) === false && lists.every((list) => list === undefined || isEmptyList(list));
  });
  return [
    ...duplicates(stages, 'name', 'stage', inherited),
    ...empty.map(({ path }) => ({ path, message: 'asks for no package: give packages, priorities or essential' })),
  ];
}

function architectureProblems(profile: Fields): Problem[] {
  return ['archs', 'foreign-architectures'].flatMap((field) => {
    const names = profile[field];
    if (!Array.isArray(names)) return [];
    return names.flatMap((name, at) => {
      const isRepeated = names.indexOf(name) < at;
      return isRepeated ? [{ path: [field, at], message: `repeats ${JSON.stringify(name)}` }] : [];
    });
  });
}

function archiveProblems(profile: Fields): Problem[] {
  const archives = items(profile['archives'], ['archives']);
  return archives.flatMap(({ fields, path }) => {
    const { keyring, 'signed-by': signedBy, trusted, suite, components } = fields;
    const problems: Problem[] = [];
    const given = keyring === undefined ? signedBy : keyring;
    if (keyring !== undefined && signedBy !== undefined) {
      problems.push({ path: [...path, 'signed-by'], message: 'means the same as keyring: give one of both' });
    }
    if (trusted === true && given !== undefined) {
      problems.push({
        path: [...path, 'trusted'],
        message: 'leaves nothing to check with a keyring: give one of both',
      });
    }
    if (isOther(fields) && given === undefined && trusted !== true) {
      problems.push({ path, message: "needs a keyring, since it is not one of Debian's own archives" });
    }
    if (typeof suite === 'string' && suite.endsWith('/') && components !== undefined) {
      problems.push({ path: [...path, 'components'], message: 'has no meaning for a flat archive' });
    }
    return problems;
  });
}

const RELEASE_CONDITIONS = [
  'suite',
  'archive',
  'codename',
  'origin',
  'label',
  'component',
  'release',
  'architecture',
  'site',
];

function pinProblems(profile: Fields): Problem[] {
  return items(profile['pins'], ['pins']).flatMap(({ fields, path }) => {
    const hasRelease = RELEASE_CONDITIONS.some((name) => fields[name] !== undefined);
    if (fields['version'] === undefined) {
      return hasRelease
        ? []
        : [{ path, message: `needs a condition: ${[...RELEASE_CONDITIONS, 'version'].join(', ')}` }];
    }
    if (hasRelease) return [{ path: [...path, 'version'], message: 'must be the only condition' }];
    const isGeneral = [fields['package']].flat().join() === '*';
    return isGeneral ? [{ path: [...path, 'version'], message: 'needs a package: "*" alone speaks of archives' }] : [];
  });
}

function isOther({ kind, uris }: Fields): boolean {
  return kind === undefined ? uris !== undefined && !isEmptyList(uris) : kind === 'other';
}

function accountProblems(accounts: Fields, parent: Profile | undefined): Problem[] {
  const users = items(accounts['users'], ['accounts', 'users']);
  const groups = items(accounts['groups'], ['accounts', 'groups']);
  const ownUsers = new Set(users.map(({ fields }) => fields['username']));
  const ownGroups = new Set(groups.map(({ fields }) => fields['groupname']));
  const inheritedUsers = (parent?.accounts.users ?? []).filter(({ username }) => !ownUsers.has(username));
  const inheritedGroups = (parent?.accounts.groups ?? []).filter(({ groupname }) => !ownGroups.has(groupname));

  const gids = new Set([...groups.map(({ fields }) => fields['gid']), ...inheritedGroups.map(({ gid }) => gid)]);
  const names = new Set([...ownUsers, ...inheritedUsers.map(({ username }) => username)]);
  const uids = new Set([...users.map(({ fields }) => fields['uid']), ...inheritedUsers.map(({ uid }) => uid)]);
  return [
    ...duplicates(users, 'username', 'user'),
    ...duplicates(users, 'uid', 'uid', new Map(inheritedUsers.map((user) => [user.uid, `that of ${user.username}`]))),
    ...duplicates(groups, 'groupname', 'group'),
    ...duplicates(
      groups,
      'gid',
      'gid',
      new Map(inheritedGroups.map(({ gid, groupname }) => [gid, `that of ${groupname}`])),
    ),
    ...users.flatMap(({ fields, path }) => {
      const field = fields['gid'] === undefined ? 'uid' : 'gid';
      const gid = fields[field];
      if (typeof gid !== 'number' || gids.has(gid) || isGlobalId(gid)) return [];
      return [{ path: [...path, field], message: `names the group ${gid}, which the profile does not define` }];
    }),
    ...runAsProblems(accounts['run-as'], names, uids),
  ];
}

function runAsProblems(runAs: unknown, names: ReadonlySet<unknown>, uids: ReadonlySet<unknown>): Problem[] {
  if (typeof runAs !== 'string' || names.has(runAs) || runAs === 'root') return [];
  if (/^[0-9]+$/.test(runAs) && (uids.has(Number(runAs)) || isGlobalId(Number(runAs)))) return [];
  return [{ path: ['accounts', 'run-as'], message: `names ${JSON.stringify(runAs)}, which is none of the users` }];
}

function pathProblems(profile: Fields): Problem[] {
  const paths = items(profile['paths'], ['paths']);
  const files = paths.filter(({ fields }) => fields['type'] === 'file');
  return [...files.flatMap(contentProblems), ...unchanged(paths)];
}

/** What is written down or in a local file: one of both. */
function contentProblems({ fields, path }: Item): Problem[] {
  const { content, source, encoding } = fields;
  if (content === undefined && source === undefined) return [{ path, message: 'needs content or source' }];
  if (content !== undefined && source !== undefined) {
    return [{ path: [...path, 'source'], message: 'means the same as content: give one of both' }];
  }
  if (encoding === undefined) return [];
  if (content === undefined) return [{ path: [...path, 'encoding'], message: 'has a meaning with content only' }];
  const isBase64 = typeof content === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(content.replace(/\s/g, ''));
  return isBase64 ? [] : [{ path: [...path, 'content'], message: 'must be base64' }];
}

function imageProblems(profile: Fields): Problem[] {
  const { entrypoint, layering, certificates } = profile;
  const problems: Problem[] = [];
  const { command, 'shell-fragment': fragment } = fieldsOf(entrypoint);
  if (command !== undefined && fragment !== undefined) {
    problems.push({ path: ['entrypoint', 'shell-fragment'], message: 'is another command: give one of both' });
  } else if (entrypoint !== undefined && command === undefined && fragment === undefined) {
    problems.push({ path: ['entrypoint'], message: 'needs a command or a shell-fragment' });
  }
  const { strategy, budget } = fieldsOf(layering);
  if (budget !== undefined && strategy !== 'origin') {
    problems.push({ path: ['layering', 'budget'], message: 'has a meaning with the strategy origin only' });
  }
  const additional = items(fieldsOf(certificates)['additional'], ['certificates', 'additional']);
  return [...problems, ...additional.flatMap(contentProblems), ...duplicates(additional, 'name', 'certificate')];
}

function unchanged(paths: readonly Item[]): Problem[] {
  return paths
    .filter(({ fields }) => fields['type'] === 'permissions')
    .filter(({ fields }) => ['permissions', 'uid', 'gid'].every((field) => fields[field] === undefined))
    .map(({ path }) => ({ path, message: 'changes nothing: give permissions, uid or gid' }));
}

/** `0755` is a decimal number in YAML 1.2 and an octal one in YAML 1.1; a plain `755` is just as easily misread. */
function permissionProblems(document: ProfileDocument): Problem[] {
  const misleading = document.scalars((path, source) => {
    return path[0] === 'paths' && path.at(-1) === 'permissions' && /^[0-9]/.test(source) && !source.startsWith('0o');
  });
  return misleading.map((path) => ({ path, message: PERMISSIONS_MESSAGE }));
}

interface Item {
  readonly fields: Fields;
  readonly path: ValuePath;
}

/** One problem for each item whose field has the value of an item before it, or of one in `taken`. */
function duplicates(
  list: readonly Item[],
  field: string,
  noun: string,
  taken: ReadonlyMap<unknown, string> = new Map(),
): Problem[] {
  const seen = new Map(taken);
  return list.flatMap(({ fields, path }) => {
    const value = fields[field];
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const other = seen.get(value);
    if (other === undefined) seen.set(value, `one above`);
    return other === undefined ? [] : [{ path: [...path, field], message: `repeats the ${noun} ${value}, ${other}` }];
  });
}

function items(list: unknown, path: ValuePath): Item[] {
  if (!Array.isArray(list)) return [];
  return list.map((item, index) => ({ fields: fieldsOf(item), path: [...path, index] }));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
