import { ARCHITECTURES } from '../formats/architecture.js';
import { parentOf } from '../formats/path.js';
import { abiText, architectureOf, mayRun, tripletsOf } from './abi.js';
import type { Findings } from './findings.js';
import type { Hit, LibrarySearch } from './search.js';
import type { ElfObject, Finding, Need, Scan } from './types.js';

export interface LibraryContext {
  readonly scan: Scan;
  readonly search: LibrarySearch;
  readonly findings: Findings;
  /** Debian's names of what programs of the tree may be for; the first is the tree's own. */
  readonly architectures: readonly string[];
  readonly needOf: (path: string, how: string) => Need;
}

/** What ELF files need: their interpreters, libraries, versions of symbols, and the machine. */
export function checkObjects(context: LibraryContext): void {
  const { scan, architectures } = context;
  const runs = (object: ElfObject): boolean => {
    const name = architectureOf(object.abi);
    return architectures.some((native) => mayRun(name, native));
  };
  for (const object of scan.objects) {
    if (!runs(object)) {
      foreignObject(context, object);
      continue;
    }
    misplacedObject(context, object);
    checkInterpreter(context, object);
    for (const name of object.dynamic?.needed ?? []) checkNeeded(context, object, name);
    checkVersions(context, object);
    checkNotes(context, object);
  }
  for (const object of scan.objects) {
    if (object.interpreter !== undefined && runs(object)) checkStart(context, object);
  }
}

const PROGRAMS = /^\/(?:usr\/)?(?:local\/)?s?bin\/|^\/usr\/(?:games|libexec)\//;

/** A file for another machine is data where it lies with data, and a mistake among programs and libraries. */
function foreignObject({ findings, architectures, needOf }: LibraryContext, { path, abi }: ElfObject): void {
  const [native = ''] = architectures;
  const name = abiText(abi);
  const among = PROGRAMS.test(path) || isLibraryDirectory(path, native);
  findings.add(
    {
      type: 'architecture',
      severity: among ? 'error' : 'information',
      missing: native,
      detail: `files for ${name} are in a tree for ${native}`,
    },
    needOf(path, `is for ${name}`),
  );
}

/** i386 may run on amd64, but none of its libraries lie in a directory of amd64. */
function misplacedObject({ findings, architectures, needOf }: LibraryContext, { path, abi }: ElfObject): void {
  const name = architectureOf(abi);
  const owner = architectures.find((native) => path.startsWith(`/usr/lib/${tripletOf(native)}/`));
  if (owner === undefined || name === owner || name === undefined || !isLibraryDirectory(path, owner)) return;
  if (tripletsOf(abi).includes(tripletOf(owner) ?? '')) return;
  findings.add(
    {
      type: 'architecture',
      severity: 'error',
      missing: owner,
      detail: `files for ${name} are among the libraries of ${owner}`,
    },
    needOf(path, `is for ${name}`),
  );
}

function isLibraryDirectory(path: string, native: string): boolean {
  const rest = /^\/(?:usr\/)?lib(?:64)?\/(.*)$/.exec(path)?.[1];
  if (rest === undefined) return false;
  const triplet = tripletOf(native);
  const below = triplet !== undefined && rest.startsWith(`${triplet}/`) ? rest.slice(triplet.length + 1) : rest;
  return !below.includes('/') && below.includes('.so');
}

const TRIPLETS = new Map<string, string | undefined>();

function tripletOf(name: string): string | undefined {
  if (!TRIPLETS.has(name)) {
    TRIPLETS.set(name, ARCHITECTURES.find((one) => one.name === name)?.triplet);
  }
  return TRIPLETS.get(name);
}

function checkInterpreter({ search, findings, needOf }: LibraryContext, object: ElfObject): void {
  const { interpreter, path, abi } = object;
  if (interpreter === undefined) return;
  const found = search.at(interpreter);
  if (found !== undefined && abiText(found.abi) === abiText(abi)) return;
  const wanted = { paths: [interpreter] };
  const detail = found === undefined ? {} : { detail: `${interpreter} is for ${abiText(found.abi)}` };
  findings.add(
    { type: 'interpreter', severity: 'error', missing: interpreter, ...detail, wanted },
    needOf(path, 'PT_INTERP'),
  );
}

function checkNeeded({ search, findings, needOf }: LibraryContext, object: ElfObject, name: string): void {
  const hit = search.find(name, object);
  if (hit === 'kernel') return;
  if (hit.type === 'found') {
    if (hit.hwcaps !== undefined) cpuNeeded(findings, hit.hwcaps, needOf(object.path, `DT_NEEDED ${name}`));
    return;
  }
  // Who starts such a file says whether its libraries are loaded before it: `checkStart`.
  if (hit.elsewhere.length > 0) return;
  findings.add({ ...missingLibrary(name, hit), severity: 'error' }, needOf(object.path, 'DT_NEEDED'));
}

function missingLibrary(name: string, { elsewhere, other }: Extract<Hit, { type: 'absent' }>) {
  const [first] = elsewhere;
  const detail =
    first !== undefined
      ? { detail: `it is in ${first.path}, where the dynamic linker does not look` }
      : other !== undefined
        ? { detail: `${other.path} is for ${abiText(other.abi)}` }
        : {};
  return {
    type: 'library',
    missing: name,
    ...detail,
    wanted: { libraries: first === undefined ? [name] : [] },
  } as const;
}

function cpuNeeded(findings: Findings, missing: string, need: Need): void {
  findings.add(
    { type: 'cpu', severity: 'warning', missing, detail: 'not every machine of the architecture has it' },
    need,
  );
}

function checkVersions({ search, findings, needOf }: LibraryContext, object: ElfObject): void {
  for (const { library, versions } of object.versionNeeds) {
    const hit = search.find(library, object);
    if (hit === 'kernel' || hit.type === 'absent') continue;
    const { path, versions: defined } = hit.object;
    // The dynamic linker warns of a library without versions, and takes its symbols.
    const has = defined.size > 0;
    for (const { name, weak } of versions) {
      if (weak || defined.has(name)) continue;
      findings.add(
        {
          type: 'symbol-version',
          severity: has ? 'error' : 'warning',
          missing: `${name} of ${library}`,
          detail: `${path} ${has ? 'does not have it' : 'has no versions'}`,
          wanted: { libraries: [library] },
        },
        needOf(object.path, 'DT_VERNEED'),
      );
    }
  }
}

const HWCAPS = /\/glibc-hwcaps\/([^/]+)\//;
const DLOPEN_SEVERITY = { required: 'error', recommended: 'warning', suggested: 'information' } as const;

function checkNotes({ search, findings, needOf }: LibraryContext, object: ElfObject): void {
  if (object.isaLevel > 0 && !HWCAPS.test(object.path)) {
    cpuNeeded(findings, `x86-64-v${object.isaLevel + 1}`, needOf(object.path, 'GNU_PROPERTY_X86_ISA_1_NEEDED'));
  }
  for (const { feature, description, priority, sonames } of object.dlopen) {
    const hits = sonames.map((name) => search.find(name, object));
    if (hits.some((hit) => hit === 'kernel' || hit.type === 'found')) continue;
    findings.add(
      {
        type: 'dlopen',
        severity: DLOPEN_SEVERITY[priority],
        missing: sonames.join(' or '),
        detail: description === '' ? feature : description,
        wanted: { libraries: sonames },
      },
      needOf(object.path, `.note.dlopen, ${priority}`),
    );
  }
}

/** Loads what a program needs as the dynamic linker would, breadth first; what is loaded already serves by its soname. */
function checkStart(context: LibraryContext, program: ElfObject): void {
  for (const { object, name, hit } of loadProgram(context.search, program).missing) {
    if (hit.elsewhere.length === 0) continue;
    context.findings.add(
      { ...missingLibrary(name, hit), severity: 'error' },
      context.needOf(program.path, object === program ? 'DT_NEEDED' : `DT_NEEDED of ${object.path}`),
    );
  }
}

interface Loaded {
  /** The program, and all that is loaded with it. */
  readonly objects: readonly ElfObject[];
  readonly missing: readonly {
    readonly object: ElfObject;
    readonly name: string;
    readonly hit: Extract<Hit, { type: 'absent' }>;
  }[];
}

function loadProgram(search: LibrarySearch, program: ElfObject): Loaded {
  const names = new Set<string>();
  const objects: ElfObject[] = [program];
  const inherited = new Map<ElfObject, readonly string[]>([[program, []]]);
  const missing: Loaded['missing'][number][] = [];
  const loader = program.interpreter === undefined ? undefined : search.at(program.interpreter);
  if (loader?.dynamic?.soname !== undefined) names.add(loader.dynamic.soname);
  // The list grows while it is walked.
  for (const object of objects) {
    const paths = inherited.get(object) ?? [];
    for (const name of object.dynamic?.needed ?? []) {
      if (names.has(name)) continue;
      names.add(name);
      const hit = search.find(name, object, paths);
      if (hit === 'kernel') continue;
      if (hit.type === 'absent') {
        missing.push({ object, name, hit });
        continue;
      }
      if (hit.object.dynamic?.soname !== undefined) names.add(hit.object.dynamic.soname);
      if (inherited.has(hit.object)) continue;
      const own = object.dynamic?.runpath.length === 0 ? object.dynamic.rpath : [];
      inherited.set(hit.object, [
        ...own.map((path) => path.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, parentOf(object.path))),
        ...paths,
      ]);
      objects.push(hit.object);
    }
  }
  return { objects, missing };
}

/** Programs that do not start, by what each finding of a library or version names. */
export function brokenPrograms<Found extends Finding>(
  { scan, search }: Pick<LibraryContext, 'scan' | 'search'>,
  findings: readonly Found[],
): ReadonlyMap<Found, readonly string[]> {
  const kinds = new Set(['library', 'symbol-version', 'interpreter']);
  const relevant = findings.filter(({ type, severity }) => kinds.has(type) && severity === 'error');
  const broken = new Map<Found, string[]>(relevant.map((finding) => [finding, []]));
  const byPath = new Map<string, Found[]>();
  for (const finding of relevant) {
    for (const { path } of finding.needs) byPath.set(path, [...(byPath.get(path) ?? []), finding]);
  }
  if (byPath.size === 0) return broken;
  for (const program of scan.objects) {
    if (program.interpreter === undefined || program.path.includes('.so')) continue;
    const own = new Set(loadProgram(search, program).objects.flatMap(({ path }) => byPath.get(path) ?? []));
    for (const finding of own) broken.get(finding)?.push(program.path);
  }
  return broken;
}
