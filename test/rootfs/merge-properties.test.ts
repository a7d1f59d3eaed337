import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KoalaError } from '../../src/formats/errors.js';
import { createMerger, type MergeInput, mergePackages } from '../../src/rootfs/merge.js';
import type { Tree } from '../../src/rootfs/tree.js';
import { mergeInput } from './inputs.js';
import { listTree } from './listing.js';
import { type ModelPackage, modelOfMerge } from './merge-model.js';

const EPOCH = 5000;
const NAMES = ['p', 'q', 'r', 's'];

/** Few names, so that packages meet; some through the links of merged /usr. */
const path = fc
  .tuple(
    fc.constantFrom('', '', '/bin', '/usr/bin', '/usr', '/lib/a'),
    fc.array(fc.constantFrom('a', 'b', 'a-'), { minLength: 1, maxLength: 3 }),
  )
  .map(([place, names]) => `${place}/${names.join('/')}`);
const entry = fc
  .tuple(
    path,
    fc.constantFrom('file 0644', 'file 4755', 'directory 0755', 'directory 1777', 'symlink -> a', 'fifo 0600'),
  )
  .map(([at, what]) => `${at} ${what}`);
/** Packages of which most collide. */
const packages = fc
  .tuple(
    fc.shuffledSubarray(NAMES, { minLength: 1 }),
    fc.array(fc.tuple(fc.array(entry, { maxLength: 5 }), fc.subarray(NAMES)), { minLength: 4, maxLength: 4 }),
  )
  .map(([names, all]) =>
    names.map((name, at): ModelPackage => {
      const [lines = [], replaces = []] = all[at] ?? [];
      return { name, lines, replaces };
    }),
  );

const inputOf = ({ name, lines, replaces }: ModelPackage): MergeInput =>
  mergeInput(name, lines, { replaces: replaces.join(', ') });

/** A tree's lines, or the message of the error where the packages collide. */
function outcomeOf(merge: () => Tree): readonly string[] | string {
  try {
    return listTree(merge());
  } catch (error) {
    if (error instanceof KoalaError) return error.message;
    throw error;
  }
}

describe('packages laid over each other', () => {
  it('are what a plain table of paths says', () => {
    let refused = 0;
    let merged = 0;
    fc.assert(
      fc.property(packages, (all) => {
        const outcome = outcomeOf(() => mergePackages(all.map(inputOf), 'amd64', EPOCH));
        const model = modelOfMerge(all);
        if ('collision' in model) {
          refused++;
          expect(String(outcome).startsWith(`${model.collision} `)).toBe(true);
        } else {
          merged++;
          expect(outcome).toEqual(model);
        }
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(refused, merged)).toBeGreaterThan(300);
  });

  it('are the same at once, in stages, and over the tree of the first of them', () => {
    fc.assert(
      fc.property(packages, fc.array(fc.nat({ max: 4 }), { maxLength: 3 }), (all, cuts) => {
        const inputs = all.map(inputOf);
        const atOnce = outcomeOf(() => mergePackages(inputs, 'amd64', EPOCH));
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, inputs.length)).sort(), inputs.length];
        const inStages = outcomeOf(() => {
          const merger = createMerger('amd64', EPOCH);
          bounds.slice(1).forEach((end, at) => {
            merger.add(inputs.slice(bounds[at], end));
          });
          return merger.tree;
        });
        expect(inStages).toEqual(atOnce);
        const cut = Math.min(cuts[0] ?? 0, inputs.length);
        const over = outcomeOf(() => {
          const below = {
            tree: mergePackages(inputs.slice(0, cut), 'amd64', EPOCH).clone(),
            packages: inputs.slice(0, cut),
          };
          return mergePackages(inputs.slice(cut), 'amd64', EPOCH, [], () => [], below);
        });
        expect(over).toEqual(atOnce);
      }),
      { numRuns: 1500 },
    );
  });

  /** Packages that share directories alone, each of which is the same in all of them. */
  const peaceful = fc
    .dictionary(path, fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('file 0644', 'symlink -> a', 'fifo 0600')), {
      maxKeys: 12,
    })
    .map((files) => {
      const at = Object.keys(files).map((one) => one.replace(/^\/(bin|lib)\//, '/usr/$1/'));
      const isBelow = (one: string): boolean => at.some((other) => one !== other && other.startsWith(`${one}/`));
      return NAMES.map((name): ModelPackage => {
        const own = Object.entries(files).filter(
          ([place, [owner]], index) =>
            owner === name && !isBelow(at[index] ?? '') && at.indexOf(at[index] ?? '') === index && place !== '/',
        );
        const lines = own.flatMap(([place, [, what]]) => {
          const parents = place.split('/').slice(1, -1);
          const directories = parents.map((_, depth) => `/${parents.slice(0, depth + 1).join('/')}`);
          const mode = (one: string): string => (/a$/.test(one) ? '1777' : '0750');
          return [...directories.map((one) => `${one} directory ${mode(one)}`), `${place} ${what}`];
        });
        return { name, lines, replaces: [] };
      });
    });

  it('that share nothing but equal directories are the same in any order, but for who owns those', () => {
    const lines = (tree: Tree): string[] => listTree(tree).map((line) => line.replace(/( directory .*) \[.*/, '$1'));
    fc.assert(
      fc.property(peaceful, fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), (all, order) => {
        const inputs = all.map(inputOf);
        const other = order.flatMap((name) => inputs.filter(({ record }) => record.name === name));
        expect(lines(mergePackages(other, 'amd64', EPOCH))).toEqual(lines(mergePackages(inputs, 'amd64', EPOCH)));
      }),
      { numRuns: 1500 },
    );
  });
});
