import * as z from 'zod';
import { isRelativePath } from '../../archive/relative-path.js';
import { jsonText } from '../../formats/json-text.js';
import { isVersion } from '../../formats/version.js';
import type { Lock } from './types.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');
const count = z.int().min(0);
const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be a package name');
const architecture = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of an architecture');
const version = z.string().refine(isVersion, 'must be a version');
const index = count.describe('From 0, an entry of archives');

const reason = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('asked'), relation: z.string() }),
    z.strictObject({ type: z.literal('essential') }),
    z.strictObject({ type: z.literal('priority'), priority: z.string() }),
    z.strictObject({
      type: z.enum(['depends', 'pre-depends', 'recommends']),
      by: z.string().describe('The package that asks'),
      relation: z.string(),
    }),
  ])
  .describe('Why the package is there');

const lockedPackage = z.strictObject({
  name: packageName,
  version,
  architecture: architecture.describe('Of the .deb: all, or an architecture'),
  source: z.strictObject({ name: packageName, version }).describe('The source package'),
  archive: index,
  path: z
    .string()
    .refine(isRelativePath, 'must be a relative path')
    .describe("Where the .deb is, below the archive's base URL"),
  size: count.describe('Of the .deb in bytes'),
  sha256: sha256.describe('Of the .deb'),
  installedSize: count.describe('In KiB, as the archive estimates it'),
  reason,
});

const lockedArchive = z.strictObject({
  position: count.describe("Which of the profile's archives, or of those in --sources, this is, from 0"),
  suite: z.string(),
  codename: z.string().describe('As the Release file has it'),
  kind: z.enum(['debian', 'debian-security', 'other']).describe("Which of Debian's archives this is"),
  date: z.iso.datetime().describe("The Release file's Date"),
  sha256: sha256.describe('Of InRelease, or of Release where its signature is apart'),
  signedBy: z.array(z.string().regex(/^[0-9A-F]+$/)).describe('Fingerprints of the primary keys whose signatures held'),
});

const config = z.strictObject({
  profile: z.string().describe("The profile's name"),
  from: z.string().describe('A built-in name, or a file relative to the lock'),
  suite: z.string(),
  updates: z.boolean().describe('Whether --updates was given'),
  snapshot: z.string().optional().describe('The time that --snapshot gave'),
  include: z.array(z.string()).describe('What --include added to the last stage'),
  checksum: sha256.describe('Over all of the profile and the options that decides on packages and tree'),
  parts: z.record(z.string(), z.string()).describe('The start of the SHA-256 of each part of that'),
});

/** The file that holds a `Lock`, field for field. */
export const lockSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1).describe('Of this format'),
    digest: sha256.describe('Over the other fields, as JSON without blanks, keys sorted; a lock is not edited by hand'),
    config: config.describe('What the packages were chosen by'),
    archives: z.array(lockedArchive).describe('The Release files that packages were verified by'),
    architectures: z
      .record(
        architecture,
        z.strictObject({
          archives: z.array(index).describe('Which were read; the newest dates the files of a build'),
          stages: z.array(
            z.strictObject({
              name: z.string(),
              packages: z.array(lockedPackage).describe('In the order in which dpkg would configure them'),
            }),
          ),
        }),
      )
      .describe('What is installed, by Debian architecture'),
  })
  .describe(
    'A lock of koala-bootstrap: the exact packages of a profile, for each architecture',
  ) satisfies z.ZodType<Lock>;

/** The JSON Schema of a lock, made from the schema that validates. */
export function lockJsonSchemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(lockSchema, { target: 'draft-7', io: 'input' });
  return jsonText({ $schema, title: 'koala-bootstrap lock', ...rest });
}
