import { fetchDebFile } from './archive/debs.js';
import { packageName } from './archive/package-name.js';
import type { PackageRecord } from './archive/types.js';
import { recordOfControl, restoreLocked } from './build/locked.js';
import type { Updated, UpdateOptions } from './build-types.js';
import { KoalaError } from './formats/errors.js';
import { type Chooser, choiceFor, lockWith, withTools } from './lock.js';
import type { Tools } from './plan.js';
import { changesBetween, isSecuritySuite } from './solve/lock/changes.js';
import { changedParts } from './solve/lock/config.js';
import { clashingWithChanges, type Freeze, frozen, stillThere } from './solve/lock/freeze.js';
import type { Lock, LockedArchive } from './solve/lock/types.js';
import { nearNames } from './solve/near-names.js';
import { solve } from './solve/solve.js';
import type { Plan } from './solve/types.js';
import { readControlParagraph } from './unpack/deb.js';

/**
 * Chooses anew what a lock has, all of it or a part, and tells what is other than it was.
 *
 * @throws KoalaError as `lock`; `usage` for a part that the lock does not have
 */
export async function update(options: UpdateOptions): Promise<Updated> {
  const { previous, securityOnly, packages } = options;
  checkParts(options);
  const isPartial = securityOnly || packages.length > 0;
  const lock = await withTools(options, (tools) =>
    lockWith(isPartial ? keeper(options, tools) : { choose: solve }, options, tools),
  );
  return {
    lock,
    changes: changesBetween(previous.lock, lock),
    profile: changedParts(previous.lock.config, lock.config),
  };
}

function checkParts({ previous: { lock, origin }, securityOnly, packages }: UpdateOptions): void {
  if (securityOnly && !lock.archives.some(isSecuritySuite)) {
    throw new KoalaError('usage', `cannot update ${origin} for security only: it is of no archive with such updates`, {
      hint: 'write it with lock --updates',
    });
  }
  const names = namesOf(lock);
  const unknown = packages.find((name) => !names.has(name));
  if (unknown === undefined) return;
  const near = nearNames(unknown, names);
  throw new KoalaError('usage', `cannot update ${unknown}: the lock ${origin} does not have it`, {
    ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(' or ')}?` }),
  });
}

function namesOf({ architectures }: Lock): Set<string> {
  const stages = Object.values(architectures).flatMap((one) => one.stages);
  return new Set(stages.flatMap(({ packages }) => packages.map(({ name }) => name)));
}

/** Chooses what the lock has, but for what may change and what has to change with that. */
function keeper(options: UpdateOptions, tools: Tools): Chooser {
  const former = new Map<PackageRecord, LockedArchive>();
  return {
    formerArchive: (record) => former.get(record),
    async choose(request, universe) {
      const { architecture } = universe;
      const isLocked = Object.hasOwn(options.previous.lock.architectures, architecture);
      if (!isLocked) return solve(request, universe);
      const choice = choiceFor(options, architecture);
      const { plan, archiveOf } = await restoreLocked(choice, options.previous);
      const locked = await Promise.all(
        recordsOf(plan).map(async (record) => {
          const here = stillThere(universe, record) ?? (await recordOfDeb(record, tools));
          const archive = here.archive === record.archive ? archiveOf(record) : undefined;
          if (archive !== undefined) former.set(here, archive);
          return [packageName(here, architecture), here] as const;
        }),
      );
      const free = new Set(locked.filter(([, { name }]) => options.packages.includes(name)).map(([key]) => key));
      const freeze: Freeze = { locked: new Map(locked), free, security: options.securityOnly };
      for (;;) {
        const narrowed = frozen(universe, freeze);
        try {
          return solve(request, narrowed);
        } catch (error) {
          const more = clashingWithChanges(narrowed, freeze).filter((name) => !free.has(name));
          if (!(error instanceof KoalaError) || error.code !== 'solve' || more.length === 0) throw error;
          for (const name of more) free.add(name);
        }
      }
    },
  };
}

function recordsOf({ stages }: Plan): PackageRecord[] {
  return stages.flatMap(({ packages }) => packages.map(({ record }) => record));
}

/** A package that no index has any more says itself what it depends on. */
async function recordOfDeb(record: PackageRecord, { store, transport }: Tools): Promise<PackageRecord> {
  const { path } = await fetchDebFile(store, transport, record);
  return recordOfControl(record, await readControlParagraph(path, record), path);
}
