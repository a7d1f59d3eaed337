import { nameOf } from '../formats/path.js';
import { readText } from '../rootfs/content.js';
import type { Tree } from '../rootfs/tree.js';
import type { Findings } from './findings.js';
import { destinationOf } from './lookup.js';
import { OPENINGS, type Opening } from './opening-table.js';
import type { LibrarySearch } from './search.js';
import type { ElfObject, Need, Scan } from './types.js';

export interface OpeningContext {
  readonly tree: Tree;
  readonly scan: Scan;
  readonly search: LibrarySearch;
  readonly findings: Findings;
  readonly environment: Readonly<Record<string, string>>;
  readonly needOf: (path: string, how: string) => Need;
}

/** What programs open while they run, where a file of the tree links what opens it. */
export function checkOpenings(context: OpeningContext): void {
  const linking = needersByLibrary(context.scan);
  for (const opening of OPENINGS) checkOpening(context, opening, linking);
  checkIcu(context, linking);
  checkPython(context);
  checkNameServices(context, linking);
  checkModulesOfPam(context, linking);
  checkLocale(context, linking);
  checkTimeZone(context, linking);
}

type Linking = ReadonlyMap<string, readonly ElfObject[]>;

function needersByLibrary({ objects }: Scan): Linking {
  const linking = new Map<string, ElfObject[]>();
  for (const object of objects) {
    for (const name of object.dynamic?.needed ?? []) {
      const known = linking.get(name);
      if (known === undefined) linking.set(name, [object]);
      else known.push(object);
    }
  }
  return linking;
}

function isThere(tree: Tree, path: string): boolean {
  return destinationOf(tree, path).type === 'found';
}

function checkOpening(
  { tree, findings, environment, needOf }: OpeningContext,
  opening: Opening,
  linking: Linking,
): void {
  const { paths, variables, sonames, severity, missing, detail, packages } = opening;
  if (paths.some((path) => isThere(tree, path))) return;
  const named = variables.flatMap((name) => (environment[name] ?? '').split(':')).filter((path) => path !== '');
  if (named.some((path) => isThere(tree, path))) return;
  for (const [library, objects] of linking) {
    if (!sonames.test(library)) continue;
    for (const { path } of objects) {
      findings.add(
        { type: 'data', severity, missing, detail, wanted: { paths: paths.slice(0, 1), packages } },
        needOf(path, `links ${library}`),
      );
    }
  }
}

/** The library of ICU's data is linked; Debian's has all of it, a stub has nothing. */
const ICU_STUB = 256 * 1024;

function checkIcu({ tree, search, findings, needOf }: OpeningContext, linking: Linking): void {
  for (const [library, objects] of linking) {
    if (!/^libicudata\.so\./.test(library)) continue;
    for (const object of objects) {
      const hit = search.find(library, object);
      if (hit === 'kernel' || hit.type === 'absent') continue;
      const { content } = hit.object.node;
      const size = content.type === 'slice' ? content.size : content.bytes.byteLength;
      const version = library.replace('libicudata.so.', '');
      const files = ['l', 'b'].map((order) => `/usr/share/icu/icudt${version}${order}.dat`);
      if (size > ICU_STUB || files.some((path) => isThere(tree, path))) continue;
      findings.add(
        {
          type: 'data',
          severity: 'error',
          missing: `the data of ICU ${version}`,
          detail: `${hit.object.path} has none`,
        },
        needOf(object.path, `links ${library}`),
      );
    }
  }
}

/** Python's start imports `encodings` (docs.python.org, "Initialization, Finalization, and Threads"). */
function checkPython({ tree, scan, findings, needOf }: OpeningContext): void {
  for (const { path, dynamic, interpreter } of scan.objects) {
    const linked = dynamic?.needed
      .map((name) => /^libpython(3\.[0-9]+)\.so/.exec(name)?.[1])
      .find((one) => one !== undefined);
    const named = interpreter === undefined ? undefined : /^python(3\.[0-9]+)$/.exec(nameOf(path))?.[1];
    const version = named ?? (interpreter === undefined ? undefined : linked);
    if (version === undefined) continue;
    const library = `/usr/lib/python${version}`;
    const places = [`${library}/encodings/__init__.py`, `/usr/lib/python${version.replace('.', '')}.zip`];
    // What is built from source has its library beside it.
    const own = path.replace(/\/bin\/[^/]*$/, `/lib/python${version}/encodings/__init__.py`);
    if ([...places, own].some((place) => isThere(tree, place))) continue;
    findings.add(
      {
        type: 'data',
        severity: 'error',
        missing: places[0] ?? library,
        detail: 'Python does not start without its standard library',
        wanted: { paths: places.slice(0, 1), packages: [`libpython${version}-minimal`] },
      },
      needOf(path, `is Python ${version}`),
    );
  }
}

/** In libc itself; `files` and `dns` since glibc 2.34. */
const NSS_LATE = new Set(['files', 'dns']);

/** nsswitch.conf(5): a module that is not there counts as unavailable, and the next one is asked. */
function checkNameServices({ tree, search, findings, needOf }: OpeningContext, linking: Linking): void {
  const text = readText(tree, '/etc/nsswitch.conf');
  const [user] = linking.get('libc.so.6') ?? [];
  if (text === undefined || user === undefined) return;
  const libc = search.find('libc.so.6', user);
  const late = libc === 'kernel' || libc.type === 'absent' || libc.object.versions.has('GLIBC_2.34');
  for (const line of text.split('\n')) {
    const [, database = '', services = ''] = /^\s*([a-z_]+)\s*:([^#]*)/.exec(line) ?? [];
    const modules = services
      .replace(/\[[^\]]*\]/g, ' ')
      .split(/\s+/)
      .filter((name) => /^[a-z0-9_]+$/.test(name));
    const isThere = (name: string): boolean => {
      const hit = late && NSS_LATE.has(name) ? 'kernel' : search.find(`libnss_${name}.so.2`, user);
      return hit === 'kernel' || hit.type === 'found';
    };
    const answered = modules.some(isThere);
    for (const name of modules.filter((one) => !isThere(one))) {
      const library = `libnss_${name}.so.2`;
      findings.add(
        {
          type: 'data',
          severity: answered ? 'information' : 'warning',
          missing: library,
          detail: `the name service module ${name}`,
          wanted: { libraries: [library] },
        },
        needOf('/etc/nsswitch.conf', database),
      );
    }
  }
}

/** pam.d(5): modules that files of /etc/pam.d name, and files that they include. */
function checkModulesOfPam({ tree, scan, findings, needOf }: OpeningContext, linking: Linking): void {
  const directory = tree.resolve('/etc/pam.d');
  if (directory?.type !== 'directory' || !linking.has('libpam.so.0')) return;
  const names = new Set(scan.objects.filter(({ path }) => path.includes('/security/')).map(({ path }) => nameOf(path)));
  for (const file of directory.children.keys()) {
    const path = `/etc/pam.d/${file}`;
    for (const line of (readText(tree, path) ?? '').split('\n')) {
      const included = /^\s*(?:@include\s+|[a-z]+\s+(?:include|substack)\s+)(\S+)/.exec(line)?.[1];
      const module = /^\s*(?:auth|account|password|session)\s+(?:\[[^\]]*\]|\S+)\s+(\S+\.so)\b/.exec(line)?.[1];
      const isMissing =
        included !== undefined
          ? !isThere(tree, included.startsWith('/') ? included : `/etc/pam.d/${included}`)
          : module !== undefined && (module.startsWith('/') ? !isThere(tree, module) : !names.has(module));
      const missing = included ?? module;
      if (!isMissing || missing === undefined) continue;
      findings.add(
        {
          type: 'data',
          severity: 'warning',
          missing,
          detail: included === undefined ? 'a module of PAM' : 'a file of /etc/pam.d',
          wanted: { libraries: included === undefined ? [missing] : [] },
        },
        needOf(path, line.trim()),
      );
    }
  }
}

/** locale(7): what the environment or /etc/default/locale asks for; C.UTF-8 is in libc since 2.35. */
function checkLocale({ tree, findings, environment, needOf }: OpeningContext, linking: Linking): void {
  if (!linking.has('libc.so.6') || isThere(tree, '/usr/lib/locale/locale-archive')) return;
  const file = ['/etc/default/locale', '/etc/locale.conf'].map((path) => [path, readText(tree, path) ?? ''] as const);
  const settings = file.flatMap(([path, text]) =>
    [...text.matchAll(/^\s*(LANG|LC_[A-Z]+)="?([A-Za-z0-9_.@-]+)/gm)].map(([, name = '', value = '']) => ({
      path,
      name,
      value,
    })),
  );
  const given = Object.entries(environment)
    .filter(([name]) => /^(?:LANG|LC_[A-Z]+)$/.test(name))
    .map(([name, value]) => ({ path: 'environment of the profile', name, value }));
  for (const { path, name, value } of [...settings, ...given]) {
    if (/^(?:C|POSIX|C\.UTF-?8)?$/i.test(value)) continue;
    const names = [value, value.replace(/UTF-8$/, 'utf8')];
    if (names.some((one) => isThere(tree, `/usr/lib/locale/${one}`))) continue;
    findings.add(
      {
        type: 'data',
        severity: 'warning',
        missing: `the locale ${value}`,
        detail: 'programs use C in its place',
        wanted: { packages: ['locales'] },
      },
      needOf(path, `${name}=${value}`),
    );
  }
}

/** tzset(3): a zone that is not there is UTC without a word. */
function checkTimeZone({ tree, findings, environment, needOf }: OpeningContext, linking: Linking): void {
  if (!linking.has('libc.so.6')) return;
  const file = readText(tree, '/etc/timezone')?.trim();
  const zones = [
    { path: '/etc/timezone', zone: file },
    { path: 'environment of the profile', zone: environment['TZ'] },
  ];
  for (const { path, zone } of zones) {
    if (zone === undefined || !/^:?[A-Z][A-Za-z_]*\/[A-Za-z0-9_+/-]+$/.test(zone)) continue;
    const missing = `/usr/share/zoneinfo/${zone.replace(':', '')}`;
    if (isThere(tree, missing)) continue;
    findings.add(
      {
        type: 'data',
        severity: 'warning',
        missing,
        detail: 'programs use UTC in its place',
        wanted: { paths: [missing], packages: ['tzdata'] },
      },
      needOf(path, zone),
    );
  }
}
