import * as z from 'zod';
import { ARCHITECTURES } from '../formats/architecture.js';
import { expressionMatcher } from '../formats/expression.js';
import { parsePackageRequests } from '../formats/request.js';
import { parseDebconf } from './debconf.js';
import { imageFields } from './image-schema.js';
import { absolutePath, checkedText, localFile, nonEmptyList, pattern } from './schema-texts.js';

/** The largest user and group id; the one above it means "none" to chown(2). */
const MAX_ID = 0xffff_fffe;
const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'] as const;
const CONFIGURE_MODES = ['full', 'container', 'none'] as const;

function relationError(text: string): string | undefined {
  try {
    const requests = parsePackageRequests(text, 'it');
    return requests.length === 1 ? undefined : 'must be one relation; write each in a line of its own';
  } catch {
    return `must be a relation such as "zlib1g (>= 1:1.2)" or "awk | mawk", "jq=1.7.1-6" or "jq/trixie-backports", not ${JSON.stringify(text)}`;
  }
}

function expressionError(text: string): string | undefined {
  try {
    expressionMatcher(text);
    return undefined;
  } catch {
    return `is no regular expression: ${text}`;
  }
}

function uriError(text: string): string | undefined {
  const scheme = URL.canParse(text) ? new URL(text).protocol : '';
  return ['http:', 'https:', 'file:'].includes(scheme) ? undefined : 'must be a URL with http, https or file';
}

const packageName = pattern(/^[a-z0-9][a-z0-9+.-]+$/, 'must be a package name');
const relation = checkedText(relationError);
const pathGlob = pattern(/^[/*]/, 'must begin with / or *, or it would match no path');
const suiteName = pattern(
  /^(?!.*\.\.)(?:\$\{suite\}|[A-Za-z0-9])(?:\$\{suite\}|[A-Za-z0-9+./_-])*$/,
  `must be the name of a suite, in which only \${suite} may stand for something else`,
);
/** A flat archive is named by a path that ends in a slash (sources.list(5)). */
const archiveSuite = pattern(
  /^(?:\/|\.\/|(?!.*\.\.)(?:\.\/)?(?:\$\{suite\}|[A-Za-z0-9])(?:\$\{suite\}|[A-Za-z0-9+./_-])*)$/,
  `must be the name of a suite, or the path of a flat archive with a / at its end; only \${suite} may stand for something else`,
);
const PRIORITY_MESSAGE = 'must be a whole number from -32768 to 32767, and not 0';
/** apt keeps it in 16 bits, and takes 0 for a mistake. */
const pinPriority = z
  .int({ error: PRIORITY_MESSAGE })
  .min(-32_768, PRIORITY_MESSAGE)
  .max(32_767, PRIORITY_MESSAGE)
  .refine((value) => value !== 0, PRIORITY_MESSAGE);
const version = z.string().min(1, 'must not be empty');
const expression = version.check(({ value, issues }) => {
  const message = expressionError(value);
  if (message !== undefined) issues.push({ code: 'custom', message, input: value });
});
const packageExpression = checkedText((text) => {
  const name = text.replace(/^src:/, '');
  if (/^\/.*\/$/.test(name)) return expressionError(name);
  return /^[a-z0-9*?[][\]a-z0-9+.*?[!^-]*$/.test(name)
    ? undefined
    : 'must be the name of a package, a glob, or a regular expression between slashes; src: before it means a source package';
});
const keyring = z.string().min(1, 'must not be empty');
const keyrings = z.union([keyring, nonEmptyList(keyring)], { error: 'must be text or a list of texts' });
const ID_MESSAGE = `must be a whole number from 0 to ${MAX_ID}`;
const id = z.int({ error: ID_MESSAGE }).min(0, ID_MESSAGE).max(MAX_ID, ID_MESSAGE);
const accountName = pattern(
  /^[a-z_][a-z0-9_-]{0,31}$/,
  'must be an account name: a letter or _, then up to 31 of a-z, 0-9, _ and -',
);
/** A field of passwd(5). */
const accountField = pattern(/^[^:\n]*$/, 'must not hold a colon or a line break');

export const PERMISSIONS_MESSAGE = 'must be octal permission bits, such as 0o755 or "0755"';
const permissions = z
  .union(
    [
      z.int().min(0, PERMISSIONS_MESSAGE).max(0o7777, PERMISSIONS_MESSAGE),
      z.string().regex(/^0?[0-7]{3,4}$/, PERMISSIONS_MESSAGE),
    ],
    { error: PERMISSIONS_MESSAGE },
  )
  .describe('Permission bits in octal: 0o755, or "0755" with quotes (0755 without would be a decimal number)');

const archive = z.strictObject({
  suite: archiveSuite.describe(
    `The suite; \${suite} stands for the base suite: \${suite}-updates; ./ or a path with / at its end is a flat archive`,
  ),
  components: nonEmptyList(pattern(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9+./_-]*$/, 'must be the name of a component'))
    .optional()
    .describe('Components; main if left out; a flat archive has none'),
  keyring: keyrings
    .optional()
    .describe(
      'Who may sign: a bundled keyring by name (debian-archive), a file with OpenPGP certificates, relative to this file, or an armoured key block itself; or several of these',
    ),
  'signed-by': keyrings.optional().describe('The same as keyring, by the name that apt has for it'),
  trusted: z.boolean().optional().describe('true: read it without a signature, even without a Release file'),
  architectures: nonEmptyList(pattern(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of an architecture'))
    .optional()
    .describe('Read it for these architectures only'),
  priority: pinPriority
    .optional()
    .describe('Its priority, as in apt_preferences(5); if left out 500, 100 or 1, as its Release file says'),
  uris: z
    .array(checkedText(uriError))
    .optional()
    .describe("Base URLs; if left out, the machine's apt sources for the suite, else Debian's official names"),
  kind: z
    .enum(['debian', 'debian-security', 'other'])
    .optional()
    .describe("Which of Debian's archives this is; debian if left out, other if there are uris"),
  'not-for': z.array(suiteName).optional().describe('Base suites for which this archive does not exist'),
  updates: z
    .boolean()
    .optional()
    .describe('true: this archive has updates of the main one, and is read with --updates only'),
  'check-valid-until': z
    .boolean()
    .optional()
    .describe('false accepts an expired Release file, as those of snapshot.debian.org are'),
});

const pin = z
  .strictObject({
    package: z
      .union([packageExpression, nonEmptyList(packageExpression)], {
        error: 'must be the name of a package, a glob, a /regular expression/, or a list of these',
      })
      .describe('Names, globs or /regular expressions/; "*" alone speaks of all that comes from an archive'),
    suite: expression.optional().describe(`Suite or codename of the archive; \${suite} stands for the base suite`),
    archive: expression.optional().describe("Suite alone, as its Release file says it; apt's a="),
    codename: expression.optional().describe("Codename of the archive; apt's n="),
    origin: expression.optional().describe("Origin of the archive, as its Release file says it; apt's o="),
    label: expression.optional().describe("Label of the archive; apt's l="),
    component: expression.optional().describe("Component of the archive; apt's c="),
    release: expression.optional().describe("Version that its Release file says, such as 13.*; apt's v="),
    architecture: expression.optional().describe("Architecture of its index; apt's b="),
    site: checkedText(expressionError)
      .optional()
      .describe('Host of the archive\'s URL, as in apt\'s origin "ftp.debian.org"; empty for a local one'),
    version: version.optional().describe('Version of the package; then with no other condition'),
    priority: pinPriority.describe('Highest wins; below 0 is never taken; 500 is what archives have'),
    reason: z.string().min(1, 'must not be empty').optional().describe('Why'),
  })
  .describe('What of several versions is chosen, as in apt_preferences(5)');

const drop = z.strictObject({
  package: packageName.describe('The dependency to leave out, a real or a virtual package'),
  from: packageName.optional().describe('Only where this package asks for it; if left out, whoever asks'),
  reason: z.string().min(1, 'must not be empty').describe('Why the set works without it'),
});

const stage = z.strictObject({
  name: pattern(/^[a-z0-9][a-z0-9-]*$/, 'must be made of a-z, 0-9 and -').describe('Names the stage; unique'),
  packages: z.array(relation).optional().describe('Relations as in Depends, each of which must be satisfied'),
  essential: z.boolean().optional().describe('Take every package with Essential: yes'),
  priorities: z.array(z.enum(PRIORITIES)).optional().describe('Take every package of these priorities'),
  recommends: z.boolean().optional().describe("Follow Recommends of this stage's packages"),
  prefer: z.array(packageName).optional().describe('Packages to prefer where a dependency leaves a choice'),
  drop: z.array(drop).optional().describe('Dependencies that are left out on purpose'),
});

const user = z.strictObject({
  username: accountName,
  uid: id,
  gid: id.optional().describe('The primary group; the uid if left out'),
  gecos: accountField.optional().describe('The full name; the username if left out'),
  homedir: absolutePath
    .refine((text) => !/[:\n]/.test(text), 'must not hold a colon or a line break')
    .optional()
    .describe('/home/USERNAME if left out'),
  shell: accountField.optional().describe('/usr/sbin/nologin if left out'),
});

const group = z.strictObject({
  groupname: accountName,
  gid: id,
  members: z.array(accountName).optional(),
});

const accounts = z.strictObject({
  users: z.array(user).optional().describe('Added to /etc/passwd'),
  groups: z.array(group).optional().describe('Added to /etc/group'),
  'run-as': z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('The user that programs run as: a name or a uid'),
});

const owned = { uid: id.optional(), gid: id.optional(), permissions: permissions.optional() };
const pathField = absolutePath.describe('Where, as an absolute path');

const path = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.enum(['directory', 'permissions']),
      path: pathField,
      ...owned,
      recursive: z.boolean().optional().describe('Also for all that is below'),
    })
    .describe('directory: makes one, or changes the one that is there; permissions: changes what is there'),
  z.strictObject({ type: z.literal('empty-file'), path: pathField, ...owned }).describe('A file of no bytes'),
  z
    .strictObject({
      type: z.literal('file'),
      path: pathField,
      ...owned,
      content: z.string().optional().describe('Its text'),
      encoding: z.literal('base64').optional().describe('base64: the content is that of bytes that are no text'),
      source: localFile
        .optional()
        .describe('A file whose bytes it gets, relative to this profile; in place of content'),
    })
    .describe('A file with the given text, or with the bytes of a local file'),
  z
    .strictObject({
      type: z.literal('symlink'),
      path: pathField,
      source: z
        .string()
        .min(1, 'must not be empty')
        .refine((text) => !text.includes('\0'), 'must not hold a NUL byte')
        .describe('What the link points to, relative or absolute'),
    })
    .describe('A symbolic link'),
  z
    .strictObject({
      type: z.literal('hardlink'),
      path: pathField,
      source: absolutePath.describe('The file that gets a second name'),
    })
    .describe('A hard link'),
  z
    .strictObject({
      type: z.literal('busybox-applets'),
      path: pathField,
      source: absolutePath.describe('Where busybox is'),
    })
    .describe('Links in the directory, one for each applet of busybox that the tree lacks'),
]);

const acceptedGap = z.strictObject({
  missing: z.string().min(1, 'must not be empty').describe('What is missing, by the name that check shows; a glob'),
  path: pathGlob.optional().describe('Only where these files need it; a glob; if left out, whoever needs it'),
  reason: z.string().min(1, 'must not be empty').describe('Why the image works without it'),
});

const slice = z.strictObject({
  package: z.string().min(1, 'must not be empty').describe('The package: libc6, or libc6:i386 where that is foreign'),
  keep: z.array(pathGlob).min(1, 'must name at least one path').describe('Globs of the paths that are kept of it'),
});

const environmentName = pattern(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not a name for an environment variable');

const answers = z
  .string()
  .refine((text) => parseDebconf(text) !== undefined, 'must be lines of OWNER QUESTION TYPE VALUE');
const debconf = z.union([answers, z.array(answers)], { error: 'must be a text or a list of texts' });

/** The YAML of a profile, field for field; `Profile` in types.ts is what the program makes of it. */
export const profileSchema = z
  .strictObject({
    name: pattern(/^[a-z0-9][a-z0-9._-]*$/, 'must be made of a-z, 0-9, ., _ and -').describe('Names the output'),
    description: z.string().min(1, 'must not be empty').describe('One line that says what it is for'),
    extends: z
      .string()
      .min(1, 'must not be empty')
      .optional()
      .describe(
        'The profile that this one adds to: a built-in name, or a file (with / or .yaml) relative to this file',
      ),
    suite: suiteName
      .refine((text) => !text.includes('$'), `must be a plain name: it is what \${suite} stands for`)
      .optional()
      .describe('The suite unless --suite says otherwise'),
    archs: nonEmptyList(z.enum(ARCHITECTURES.map(({ name }) => name)))
      .optional()
      .describe('Architectures that it is made for; a lock holds all of them'),
    'foreign-architectures': z
      .array(z.enum(ARCHITECTURES.map(({ name }) => name)))
      .optional()
      .describe('Architectures whose packages may be installed beside the native ones: write them libc6:i386'),
    archives: nonEmptyList(archive)
      .optional()
      .describe("Where packages come from, the main archive first; they replace those of the profile that's extended"),
    pins: z
      .array(pin)
      .optional()
      .describe("Which of several versions is chosen; they come before those of the profile that's extended"),
    stages: z.array(stage).optional().describe('Steps, each resolved on top of those before it'),
    configure: z
      .enum(CONFIGURE_MODES, { error: `must be one of ${CONFIGURE_MODES.join(', ')}` })
      .optional()
      .describe(
        'What is done of the maintainer scripts: full (the default where dpkg is in the set), container (the default otherwise: ' +
          'no units, no runlevel links), or none',
      ),
    debconf: debconf
      .optional()
      .describe(
        'Answers to the questions of packages, as debconf-set-selections(1) reads them: OWNER QUESTION TYPE VALUE',
      ),
    accounts: accounts.optional().describe('Users and groups'),
    paths: z.array(path).optional().describe('Changes to the tree, in order, after all packages'),
    environment: z.record(environmentName, z.string()).optional().describe('The environment of programs'),
    ...imageFields,
    'exclude-paths': z
      .array(pathGlob)
      .optional()
      .describe("Globs of paths to leave out, as dpkg's path-exclude: * also matches /"),
    slices: z.array(slice).optional().describe('Packages of which only some paths are kept, and their copyright files'),
    accept: z
      .array(acceptedGap)
      .optional()
      .describe("What files need and may miss, with reasons; they follow those of the profile that's extended"),
    'include-paths': z.array(pathGlob).optional().describe('Globs of paths that exclude-paths shall not leave out'),
    forbid: z
      .array(z.enum(['setuid', 'setgid', 'devices', 'capabilities']))
      .optional()
      .describe('What no entry of the tree may be: a build that would have one fails, and names them'),
  })
  .describe('A profile of koala-bootstrap: which packages make a root filesystem, and what is added to them');

export type RawProfile = z.infer<typeof profileSchema>;
export type RawArchive = z.infer<typeof archive>;
export type RawPin = z.infer<typeof pin>;
export type RawStage = z.infer<typeof stage>;
export type RawUser = z.infer<typeof user>;
export type RawPath = z.infer<typeof path>;
