import { findInContents } from './archive/contents.js';
import { openStore } from './archive/store.js';
import { openArtifact } from './artifact/open.js';
import { settingsOf } from './build/check-settings.js';
import { createScratch } from './build/scratch.js';
import { createStepClock } from './build/steps.js';
import type { CheckOptions, CheckReport } from './build-types.js';
import { checkTree, type TreeReport } from './check/check-tree.js';
import { packagesOfTree } from './check/packages.js';
import { namesToLookUp, suggest } from './check/suggest.js';
import { closingOf, slicedClosing } from './closing.js';
import { withConfiguredTree } from './configured-tree.js';
import { reasonOf } from './formats/errors.js';
import { openTransport, openUniverse } from './plan.js';
import { readText } from './rootfs/content.js';
import { filterPaths, pathRules } from './rootfs/filters.js';
import type { Tree } from './rootfs/tree.js';
import type { Plan } from './solve/types.js';

/**
 * Says what files of a tree need that is not in it: of an artifact, or of what a profile would give.
 *
 * @throws KoalaError with a message for the user; an open tree is no error here
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const { path } = options;
  if (path === undefined) {
    const { report, plan } = await withConfiguredTree(options, async ({ tree, plan, clock }) => {
      const gone = filterPaths(tree, pathRules(options.profile, options.excludePaths));
      return { report: await clock.run('check', () => checkTree(tree, settingsOf(options, plan, gone))), plan };
    });
    const completed = await complete(report, options, plan);
    const { closing, findings } = completed;
    return closing === undefined
      ? completed
      : { ...completed, closing: await slicedClosing(closing, findings, options, plan) };
  }
  const scratch = await createScratch(options.cacheDir, options);
  try {
    const tree = await openArtifact(path, { architecture: options.artifactArchitecture, scratch: scratch.directory });
    const { artifactArchitecture: own } = options;
    const architectures = own === undefined ? [] : [own, ...options.profile.foreignArchitectures];
    const packageOf = packagesOfTree(tree);
    const report = checkTree(tree, { ...settingsOf(options, undefined, new Map()), architectures, packageOf });
    const suite = options.suiteOfArtifact ? suiteOf(tree) : options.suite;
    if (suite === undefined) return unaided(report, options, undefined, NO_SUITE);
    return await complete(report, { ...options, suite }, undefined);
  } finally {
    await scratch.remove();
  }
}

/** The codename of Debian that a tree says it is (os-release(5)). */
function suiteOf(tree: Tree): string | undefined {
  const text = readText(tree, '/etc/os-release') ?? '';
  const field = (name: string): string | undefined => new RegExp(`^${name}="?([a-z0-9-]+)"?$`, 'm').exec(text)?.[1];
  return field('ID') === 'debian' ? field('VERSION_CODENAME') : undefined;
}

/** Adds what would close the tree, where something is missing and an archive can be asked. */
async function complete(report: TreeReport, options: CheckOptions, plan: Plan | undefined): Promise<CheckReport> {
  const open = report.findings.filter(({ severity, accepted }) => severity !== 'information' && accepted === undefined);
  if (open.length === 0 || !options.suggest) return unaided(report, options, plan, NOT_WANTED);
  try {
    const store = await openStore(options.cacheDir);
    const transport = openTransport(options);
    try {
      const tools = { store, transport, clock: createStepClock(() => {}) };
      const { universe, releases, request } = await openUniverse(options, tools);
      const architecture = report.architecture ?? options.architecture;
      const contents = await findInContents(releases, architecture, namesToLookUp(open), tools);
      // Packages stand on the profile's; an artifact does not say what it was made of.
      const { stages, include } = plan === undefined ? { stages: [], include: [] } : request;
      const context = { universe, plan, stages, include, contents };
      const suggestions = new Map(open.map((finding) => [finding, suggest(finding, context)]));
      const closing = options.close ? closingOf(report.findings, suggestions, undefined) : undefined;
      return { ...report, plan, suggestions, closing };
    } finally {
      await transport.close();
    }
  } catch (error) {
    options.onEvent({ type: 'warning', text: `nothing is proposed: ${reasonOf(error)}` });
    return unaided(report, options, plan, 'it could not be read');
  }
}

const NO_SUITE = 'the tree does not say of which suite of Debian it is: give --suite';
const NOT_WANTED = '--no-suggest';

/** A report that no archive had a part in, and why. */
function unaided(report: TreeReport, { close }: CheckOptions, plan: Plan | undefined, why: string): CheckReport {
  const suggestions = new Map();
  return { ...report, plan, suggestions, closing: close ? closingOf(report.findings, suggestions, why) : undefined };
}
