import { nameOf } from '../../formats/path.js';
import { upstreamVersion } from '../../formats/version.js';
import type { Command } from '../shell/types.js';
import { say, unsupported } from './console.js';
import { Files } from './files.js';
import { PIXBUF_LOADERS } from './module-tables.js';
import { findPackage } from './state.js';

/**
 * gdk-pixbuf-query-loaders(1): what image loaders say of themselves. It would load each; what Debian ships is known instead,
 * and others are reported.
 */
export const gdkPixbufQueryLoaders: Command = (process) => {
  const files = new Files(process);
  // The program stands beside the directory of what it lists, which each architecture has its own of.
  const [program = '', ...operands] = process.args;
  const home = `${program.replace(/\/[^/]*$/, '')}/2.10.0`;
  const paths = operands.filter((operand) => !operand.startsWith('-'));
  const loaders = `${home}/loaders`;
  const listed = files.list(loaders).filter((name) => name.endsWith('.so'));
  const version = upstreamVersion(findPackage(process, 'libgdk-pixbuf-2.0-0')?.version ?? '2.42').replace(/\+.*$/, '');
  const lines = [
    '# GdkPixbuf Image Loader Modules file',
    '# Automatically generated file, do not edit',
    `# Created by gdk-pixbuf-query-loaders from gdk-pixbuf-${version}`,
    '#',
    ...(paths.length === 0 ? [`# LoaderDir = ${loaders}`, '#'] : []),
  ];
  for (const path of paths.length === 0 ? listed.map((name) => `${loaders}/${name}`) : paths) {
    const text = PIXBUF_LOADERS[nameOf(path)];
    if (text === undefined) unsupported(process, `what the image loader ${path} is for`);
    else lines.push(`"${path}"`, text, '');
  }
  const text = `${lines.join('\n')}\n`;
  if (operands.includes('--update-cache')) files.replace(`${home}/loaders.cache`, text);
  else say(process, text);
  return 0;
};
