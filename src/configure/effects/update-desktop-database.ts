import { compareStrings } from '../shell/bytes.js';
import type { Bytes, Command, Process } from '../shell/types.js';
import { complain } from './console.js';
import { Files } from './files.js';
import { parseKeyFile } from './key-file.js';
import { parseOptions } from './options.js';

const FILE = 'mimeinfo.cache';
const MEDIA_TYPES =
  /^(?:inode|x-content|x-scheme-handler|chemical|x-directory|application|audio|font|image|model|text|video|message|multipart|[xX]-.*)$/;
const SUBTYPE = /^[^\x00-\x20\x7f()<>@,;:\\"/[\]?=]+$/;

/** update-desktop-database(1): which applications open which MIME types. */
export const updateDesktopDatabase: Command = (process) => {
  const { operands } = parseOptions(process.args.slice(1), 'q,quiet v,verbose');
  const dataDirectories = process.environment.get('XDG_DATA_DIRS') ?? '/usr/local/share/:/usr/share/';
  const standard = dataDirectories.split(':').map((path) => `${path.replace(/\/+$/, '')}/applications`);
  const files = new Files(process);
  const directories = operands.length > 0 ? operands : standard;
  const found = directories.filter((directory) => files.isDirectory(directory));
  if (found.length === 0) {
    complain(process, `The databases in [${directories.join(', ')}] could not be updated.`);
    return 1;
  }
  for (const directory of found) {
    const types = new Map<Bytes, Set<Bytes>>();
    collect(process, files, directory, '', types);
    const lines = [...types].map(([type, names]) => {
      return `${type}=${[...names]
        .sort(compareStrings)
        .map((name) => `${name};`)
        .join('')}\n`;
    });
    // By the types themselves, of which one may be the beginning of another.
    const sorted = lines.sort((a, b) => compareStrings(a.slice(0, a.indexOf('=')), b.slice(0, b.indexOf('='))));
    files.replace(`${directory}/${FILE}`, `[MIME Cache]\n${sorted.join('')}`);
  }
  return 0;
};

/** Files in directories below have the directories' names before theirs. */
function collect(process: Process, files: Files, directory: Bytes, prefix: Bytes, types: Map<Bytes, Set<Bytes>>): void {
  for (const name of files.list(directory)) {
    const path = `${directory}/${name}`;
    if (files.isDirectory(path)) collect(process, files, path, `${prefix}${name}-`, types);
    if (!name.endsWith('.desktop') || !files.isFile(path)) continue;
    const entry = parseKeyFile(files.read(path) ?? '').get('Desktop Entry');
    if (entry?.get('Hidden')?.trim() === 'true') continue;
    for (const item of entry?.get('MimeType')?.split(';') ?? []) {
      const type = item.trim();
      if (type === '') continue;
      const [, media = '', subtype = ''] = /^([^/]*)\/(.*)$/.exec(type) ?? [];
      if ((!MEDIA_TYPES.test(media) && type !== 'misc/ultravox') || !SUBTYPE.test(subtype)) {
        complain(process, `Error in file "${path}": "${type}" is an invalid MIME type`);
        continue;
      }
      const names = types.get(type) ?? new Set();
      types.set(type, names.add(`${prefix}${name}`));
    }
  }
}
