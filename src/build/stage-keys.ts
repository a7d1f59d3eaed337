import { createHash } from 'node:crypto';
import type { PackageRecord } from '../archive/types.js';
import type { ConfigureInput } from '../configure/configure.js';
import { DECIDING } from '../configure/configured.js';
import { limitsOf } from '../formats/limits.js';
import { programDigest } from '../formats/program.js';
import type { Stage } from './stages.js';

/**
 * For each stage a digest of all that the tree after it depends on: this program, the packages so far, and of the rest what
 * configuring looks at (`ConfigureInput`, `StageInput`). Only diversions are left to who takes what is kept: whether they matter
 * is known once packages are merged.
 */
export function stageKeys(
  input: Omit<ConfigureInput, 'installed' | 'before'>,
  stages: readonly Stage<{ readonly record: PackageRecord }>[],
): string[] {
  const { names, profile, architectures, archives, keys = new Map(), automatic, epoch, limits } = input;
  const { configure, debconf } = profile;
  const { native, foreign } = architectures;
  const deciding = DECIDING.filter((name) => names.has(name));
  const keyrings = [...keys].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  let key = digestOf([programDigest(), native, foreign, epoch, limitsOf(limits), configure, debconf, deciding]);
  let hasApt = false;
  return stages.map(({ packages, accountsOf, pathsOf }) => {
    hasApt ||= packages.some(({ record }) => record.name === 'apt');
    key = digestOf([
      key,
      packages.map(({ record }) => [factsOf(record), automatic.has(record)]),
      accountsOf.map(({ name, accounts: { users, groups } }) => [name, users, groups]),
      pathsOf.map(({ name, paths, certificates }) => [name, paths, certificates]),
      hasApt ? [archives, keyrings] : [],
    ]);
    return key;
  });
}

/** The .deb, and what merging and configuring read of the record, which an archive may have changed; relations as they are written. */
function factsOf(record: PackageRecord) {
  const { sha256, name, version, architecture, multiArch, essential } = record;
  const stanza = record.stanza();
  return [sha256, name, version, architecture, multiArch, essential, RELATIONS.map((field) => stanza.get(field))];
}

const RELATIONS = ['Depends', 'Pre-Depends', 'Provides', 'Replaces'];

/** @param value of lists, plain objects and what JSON has besides */
function digestOf(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
