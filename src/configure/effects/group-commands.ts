import {
  addGroup,
  addMember,
  checkName,
  command,
  freeId,
  listOf,
  removeMember,
  setMembers,
  settings,
} from './account-edits.js';
import { parseId } from './accounts-database.js';
import { Failure } from './console.js';
import { parseOptions } from './options.js';

/* The group commands of the shadow suite, as 4.13 and 4.17 leave the tables of a fresh system. */

const GROUPADD = 'f,force g,gid: K,key: o,non-unique p,password: r,system R,root: P,prefix: U,users:';

const GROUPMOD = 'g,gid: n,new-name: o,non-unique p,password: R,root: P,prefix: a,append U,users:';

/** groupadd(8) */
export const groupadd = command((process, database) => {
  const options = parseOptions(process.args.slice(1), GROUPADD, 2);
  const name = options.operands[0] ?? '';
  checkName(name, 'group');
  if (database.group(name) !== undefined) {
    if (options.has('force')) return 0;
    throw new Failure(`group '${name}' already exists`, 9);
  }
  const taken = (id: number) => database.groupById(id) !== undefined;
  const given = options.get('gid');
  const setting = settings(process, options);
  let gid = given === undefined ? freeId(options.has('system'), setting, 'GID', taken) : parseId(given, 'group ID');
  if (!options.has('non-unique') && taken(gid)) {
    if (!options.has('force')) throw new Failure(`GID '${gid}' already exists`, 4);
    gid = freeId(options.has('system'), setting, 'GID', taken);
  }
  // Without a gshadow table the line in group says x all the same.
  addGroup(database, name, gid, options.get('password') ?? (database.has('gshadow') ? '!' : 'x'));
  for (const member of listOf(options.get('users'))) addMember(database, name, member);
  return 0;
});

/** groupmod(8) */
export const groupmod = command((process, database) => {
  const options = parseOptions(process.args.slice(1), GROUPMOD, 2);
  const name = options.operands[0] ?? '';
  if (database.group(name) === undefined) throw new Failure(`group '${name}' does not exist`, 6);
  const gid = options.get('gid');
  const renamed = options.get('new-name') ?? name;
  if (renamed !== name && database.group(renamed) !== undefined)
    throw new Failure(`group '${renamed}' already exists`, 9);
  database.edit('group', name, ([, password = '', old = '', members = '']) => [renamed, password, gid ?? old, members]);
  database.edit('gshadow', name, ([, ...rest]) => [renamed, ...rest]);
  // A group of a new name goes to the end of the tables.
  if (renamed !== name) for (const table of ['group', 'gshadow'] as const) database.moveToEnd(table, renamed);
  if (gid !== undefined) database.touch('passwd');
  return 0;
});

/** groupdel(8) */
export const groupdel = command((process, database) => {
  const options = parseOptions(process.args.slice(1), 'f,force R,root: P,prefix:', 2);
  const name = options.operands[0] ?? '';
  if (database.group(name) === undefined) throw new Failure(`group '${name}' does not exist`, 6);
  for (const table of ['group', 'gshadow'] as const) database.removeLine(table, name);
  return 0;
});

/** gpasswd(1): members only. */
export const gpasswd = command((process, database) => {
  const options = parseOptions(
    process.args.slice(1),
    'a,add: d,delete: M,members: A,administrators: r,remove-password R,restrict Q,root:',
    2,
  );
  const group = options.operands[0] ?? '';
  if (database.group(group) === undefined) throw new Failure(`group '${group}' does not exist in /etc/group`, 3);
  const added = options.get('add');
  const removed = options.get('delete');
  const members = options.get('members');
  if (added !== undefined) addMember(database, group, added);
  if (removed !== undefined) removeMember(database, group, removed);
  if (members !== undefined) setMembers(database, group, listOf(members));
  return 0;
});
