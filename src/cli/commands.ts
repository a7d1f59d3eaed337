import type { AuditArguments } from './audit.js';
import type { BuildArguments } from './build.js';
import type { CacheArguments } from './cache.js';
import type { CheckArguments } from './check.js';
import type { ChoiceArguments, LockedArguments, PackagesArguments } from './choice.js';
import type { DiffArguments } from './diff.js';
import type { FetchArguments } from './fetch.js';
import type { LockArguments } from './lock.js';
import type { LoginArguments } from './login.js';
import {
  AUDIT_OPTIONS,
  BUILD_OPTIONS,
  CACHE_OPTIONS,
  CHECK_OPTIONS,
  DIFF_OPTIONS,
  FETCH_OPTIONS,
  LOCK_OPTIONS,
  LOGIN_OPTIONS,
  LOGOUT_OPTIONS,
  PLAN_OPTIONS,
  PROFILES_OPTIONS,
  PUBLISH_OPTIONS,
  SHOW_CONFIG_OPTIONS,
  SIGN_OPTIONS,
  UPDATE_OPTIONS,
  VERIFY_OPTIONS,
  WHY_OPTIONS,
} from './options.js';
import type { PlanArguments } from './plan.js';
import type { TalkArguments } from './progress.js';
import type { PublishArguments } from './publish.js';
import type { ShowConfigArguments } from './show-config.js';
import type { SignArguments } from './sign.js';
import type { UpdateArguments } from './update.js';
import type { VerifyArguments } from './verify.js';
import type { WhyArguments } from './why.js';

/** What the command line asks to be run. */
export type CommandRequest =
  | { readonly type: 'profiles'; readonly json: boolean }
  | { readonly type: 'cache'; readonly given: CacheArguments }
  | { readonly type: 'show-config'; readonly given: ShowConfigArguments }
  | { readonly type: 'plan'; readonly given: PlanArguments }
  | { readonly type: 'why'; readonly given: WhyArguments }
  | { readonly type: 'audit'; readonly given: AuditArguments }
  | { readonly type: 'lock'; readonly given: LockArguments }
  | { readonly type: 'update'; readonly given: UpdateArguments }
  | { readonly type: 'diff'; readonly given: DiffArguments }
  | { readonly type: 'fetch'; readonly given: FetchArguments }
  | { readonly type: 'publish'; readonly given: PublishArguments }
  | { readonly type: 'login'; readonly given: LoginArguments }
  | { readonly type: 'logout'; readonly registry: string }
  | { readonly type: 'sign'; readonly given: SignArguments }
  | { readonly type: 'verify'; readonly given: VerifyArguments }
  | { readonly type: 'check'; readonly given: CheckArguments }
  | { readonly type: 'build'; readonly given: BuildArguments };

/** Options and positional arguments by their names: text, a list of texts for those that can be repeated, or true. */
type Values = Readonly<Record<string, unknown>>;

export interface Command {
  readonly options: Readonly<Record<string, OptionShape>>;
  /** Whether its positional arguments may be left out. */
  readonly optional?: boolean;
  /** The names of its positional arguments; all of them are needed unless they are optional; one that ends in `...` takes all that follow. */
  readonly positionals: readonly string[];
  request(values: Values): CommandRequest;
}

interface OptionShape {
  readonly type: 'string' | 'boolean';
  readonly alias?: string;
  readonly array?: boolean;
}

export const COMMANDS = {
  build: {
    options: BUILD_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'build',
      given: { ...buildOf(values), format: text(values, 'format'), tag: text(values, 'tag') },
    }),
  },
  plan: {
    options: PLAN_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'plan',
      given: {
        ...choiceOf(values),
        ...packagesOf(values),
        ...talkOf(values),
        format: text(values, 'format'),
        tree: flag(values, 'tree'),
        json: flag(values, 'json'),
        dot: flag(values, 'dot'),
      },
    }),
  },
  why: {
    options: WHY_OPTIONS,
    positionals: ['package'],
    request: (values) => ({
      type: 'why',
      given: {
        ...choiceOf(values),
        ...packagesOf(values),
        ...lockedOf(values),
        ...talkOf(values),
        package: text(values, 'package') ?? '',
        all: flag(values, 'all'),
        json: flag(values, 'json'),
        jobs: text(values, 'jobs'),
      },
    }),
  },
  audit: {
    options: AUDIT_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'audit',
      given: {
        ...choiceOf(values),
        ...packagesOf(values),
        ...talkOf(values),
        json: flag(values, 'json'),
        strict: flag(values, 'strict'),
        jobs: text(values, 'jobs'),
      },
    }),
  },
  lock: {
    options: LOCK_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'lock',
      given: {
        ...choiceOf(values),
        ...talkOf(values),
        arch: list(values, 'arch'),
        allowDifferences: flag(values, 'allow-differences'),
        output: text(values, 'output'),
      },
    }),
  },
  update: {
    options: UPDATE_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'update',
      given: {
        ...choiceOf(values),
        ...lockedOf(values),
        ...talkOf(values),
        arch: list(values, 'arch'),
        allowDifferences: flag(values, 'allow-differences'),
        check: flag(values, 'check'),
        securityOnly: flag(values, 'security-only'),
        package: list(values, 'package'),
        json: flag(values, 'json'),
      },
    }),
  },
  diff: {
    options: DIFF_OPTIONS,
    positionals: ['before', 'after'],
    request: (values) => ({
      type: 'diff',
      given: {
        ...choiceOf(values),
        ...talkOf(values),
        before: text(values, 'before') ?? '',
        after: text(values, 'after') ?? '',
        arch: list(values, 'arch'),
        times: flag(values, 'times'),
        check: flag(values, 'check'),
        json: flag(values, 'json'),
      },
    }),
  },
  fetch: {
    options: FETCH_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'fetch',
      given: {
        ...choiceOf(values),
        ...lockedOf(values),
        ...talkOf(values),
        arch: list(values, 'arch'),
        json: flag(values, 'json'),
      },
    }),
  },
  check: {
    options: CHECK_OPTIONS,
    positionals: ['path'],
    optional: true,
    request: (values) => ({
      type: 'check',
      given: {
        ...choiceOf(values),
        ...packagesOf(values),
        ...talkOf(values),
        path: text(values, 'path'),
        excludePath: list(values, 'exclude-path'),
        json: flag(values, 'json'),
        fix: flag(values, 'fix'),
        noSuggest: flag(values, 'no-suggest'),
        jobs: text(values, 'jobs'),
      },
    }),
  },
  cache: {
    options: CACHE_OPTIONS,
    positionals: ['action'],
    request: (values) => ({
      type: 'cache',
      given: {
        ...cacheOf(values),
        ...talkOf(values),
        action: text(values, 'action') ?? '',
        kind: list(values, 'kind'),
        sort: text(values, 'sort'),
        maxSize: text(values, 'max-size'),
        olderThan: text(values, 'older-than'),
        all: flag(values, 'all'),
        dryRun: flag(values, 'dry-run'),
        json: flag(values, 'json'),
        jobs: text(values, 'jobs'),
      },
    }),
  },
  'show-config': {
    options: SHOW_CONFIG_OPTIONS,
    positionals: [],
    request: (values) => ({
      type: 'show-config',
      given: { profile: text(values, 'profile'), json: flag(values, 'json') },
    }),
  },
  publish: {
    options: PUBLISH_OPTIONS,
    positionals: ['references...'],
    request: (values) => ({
      type: 'publish',
      given: {
        ...buildOf(values),
        references: list(values, 'references'),
        image: text(values, 'image'),
        imageRefs: text(values, 'image-refs'),
        insecure: flag(values, 'insecure'),
      },
    }),
  },
  login: {
    options: LOGIN_OPTIONS,
    positionals: ['registry'],
    request: (values) => ({
      type: 'login',
      given: {
        registry: text(values, 'registry') ?? '',
        username: text(values, 'username'),
        passwordStdin: flag(values, 'password-stdin'),
        insecure: flag(values, 'insecure'),
      },
    }),
  },
  logout: {
    options: LOGOUT_OPTIONS,
    positionals: ['registry'],
    request: (values) => ({ type: 'logout', registry: text(values, 'registry') ?? '' }),
  },
  sign: {
    options: SIGN_OPTIONS,
    positionals: ['artifact'],
    request: (values) => ({
      type: 'sign',
      given: {
        ...talkOf(values),
        artifact: text(values, 'artifact') ?? '',
        key: text(values, 'key'),
        attest: list(values, 'attest'),
        scheme: list(values, 'scheme'),
        insecure: flag(values, 'insecure'),
        json: flag(values, 'json'),
      },
    }),
  },
  verify: {
    options: VERIFY_OPTIONS,
    positionals: ['artifact'],
    request: (values) => ({
      type: 'verify',
      given: {
        ...buildOf(values),
        tag: undefined,
        artifact: text(values, 'artifact') ?? '',
        key: text(values, 'key'),
        require: list(values, 'require'),
        reproduce: flag(values, 'reproduce'),
        insecure: flag(values, 'insecure'),
      },
    }),
  },
  profiles: {
    options: PROFILES_OPTIONS,
    positionals: [],
    request: (values) => ({ type: 'profiles', json: flag(values, 'json') }),
  },
} as const satisfies Readonly<Record<string, Command>>;

export function isCommand(word: string | undefined): word is keyof typeof COMMANDS {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

function choiceOf(values: Values): ChoiceArguments {
  return {
    profile: text(values, 'profile'),
    suite: text(values, 'suite'),
    arch: text(values, 'arch'),
    include: list(values, 'include'),
    mirror: list(values, 'mirror'),
    updates: flag(values, 'updates'),
    sources: list(values, 'sources'),
    snapshot: text(values, 'snapshot'),
    keyring: list(values, 'keyring'),
    ...cacheOf(values),
    offline: flag(values, 'offline'),
    allowPath: list(values, 'allow-path'),
    limit: list(values, 'limit'),
  };
}

function cacheOf(values: Values) {
  return { cacheDir: text(values, 'cache-dir'), cacheLimit: text(values, 'cache-limit') };
}

function packagesOf(values: Values): PackagesArguments {
  return { packages: list(values, 'packages'), components: list(values, 'components') };
}

function lockedOf(values: Values): LockedArguments {
  return { lock: text(values, 'lock'), snapshotMirror: list(values, 'snapshot-mirror') };
}

/** What all that build have, but for the form of the output. */
function buildOf(values: Values) {
  return {
    ...choiceOf(values),
    ...lockedOf(values),
    ...talkOf(values),
    arch: list(values, 'arch'),
    base: text(values, 'base'),
    squash: flag(values, 'squash'),
    layerCompression: text(values, 'layer-compression'),
    excludePath: list(values, 'exclude-path'),
    output: text(values, 'output'),
    sbom: list(values, 'sbom'),
    sbomInImage: list(values, 'sbom-in-image'),
    provenance: flag(values, 'provenance'),
    builder: text(values, 'builder'),
    json: flag(values, 'json'),
    noCheck: flag(values, 'no-check'),
    strict: flag(values, 'strict'),
    rebuild: flag(values, 'rebuild'),
    jobs: text(values, 'jobs'),
  };
}

function talkOf(values: Values): TalkArguments {
  return { quiet: flag(values, 'quiet'), verbose: flag(values, 'verbose') };
}

function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function list(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value : [];
}

function flag(values: Values, name: string): boolean {
  return values[name] === true;
}
