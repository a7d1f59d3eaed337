import { nameOf } from '../../formats/path.js';
import { upstreamVersion } from '../../formats/version.js';
import type { Bytes, Command } from '../shell/types.js';
import { commandName, unsupported } from './console.js';
import { Files } from './files.js';
import { INPUT_METHODS } from './module-tables.js';
import { findPackage } from './state.js';

/** GNU's names of the architectures, which GTK 2 has in the path that it looks for modules along. */
const HOSTS: Readonly<Record<string, string>> = {
  'x86_64-linux-gnu': 'x86_64-pc-linux-gnu',
  'i386-linux-gnu': 'i686-pc-linux-gnu',
  'arm-linux-gnueabihf': 'arm-unknown-linux-gnueabihf',
};

/**
 * gtk-query-immodules-2.0 and -3.0: what GTK's input methods say of themselves. They would load each; what Debian ships is known
 * instead, and others are reported.
 */
export const gtkQueryImmodules: Command = (process) => {
  const files = new Files(process);
  const isOld = commandName(process).endsWith('2.0');
  const [program = '', ...operands] = process.args;
  // /usr/lib/<triplet>/<package>/<program>
  const libraries = program.split('/').slice(0, -2).join('/');
  const packageName = program.split('/').at(-2) ?? '';
  const name = isOld ? 'gtk-2.0' : 'gtk-3.0';
  const home = `${libraries}/${name}/${isOld ? '2.10.0' : '3.0.0'}`;
  const directory = `${home}/immodules`;
  const given = operands.filter((operand) => !operand.startsWith('-'));
  const listed = files.list(directory).filter((each) => each.endsWith('.so'));
  const version = upstreamVersion(findPackage(process, packageName)?.version ?? '').replace(/[+~].*$/, '');
  const lines = [
    '# GTK+ Input Method Modules file',
    '# Automatically generated file, do not edit',
    `# Created by ${program} from gtk+-${version}`,
    '#',
  ];
  if (given.length === 0) lines.push(`# ModulesPath = ${modulesPath(libraries, packageName).join(':')}`, '#');
  for (const path of given.length > 0 ? given : listed.map((each) => `${directory}/${each}`)) {
    const file = nameOf(path);
    const text = INPUT_METHODS[`${name}/${file}`] ?? INPUT_METHODS[file];
    if (text === undefined) unsupported(process, `what the input method ${path} is for`);
    else lines.push(`"${path}" `, text.replace(/$/gm, ' ').replaceAll('gtk@', isOld ? 'gtk20' : 'gtk30'), '');
  }
  const text = `${lines.join('\n')}\n`;
  if (operands.includes('--update-cache')) files.replace(`${home}/immodules.cache`, text);
  else process.descriptors.get(1)?.write(text);
  return 0;
};

/** Where GTK looks for modules, by its version and by its host's name. */
function modulesPath(libraries: Bytes, packageName: Bytes): Bytes[] {
  const triplet = nameOf(libraries);
  const along = (base: Bytes, host: Bytes): Bytes[] =>
    [`${base}/${host}`, base].flatMap((path) => [`${path}/immodules`]);
  if (!packageName.startsWith('libgtk2')) {
    const base = `${libraries}/gtk-3.0`;
    return [...along(`${base}/3.0.0`, 'linux'), ...along(base, 'linux')];
  }
  const host = HOSTS[triplet] ?? triplet.replace(/^([^-]*)-/, '$1-unknown-');
  // Until bookworm, where the package had no t64 in its name, the place before multiarch was one more.
  const old = packageName === 'libgtk2.0-0' ? ['/usr/lib/gtk-2.0'] : [];
  const bases = ['/root/.gtk-2.0', `${libraries}/gtk-2.0`, ...old];
  return bases.flatMap((base) => [...along(`${base}/2.10.0`, host), ...along(base, host)]);
}
