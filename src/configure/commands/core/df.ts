import type { Bytes } from '../../shell/types.js';
import { command } from '../kit/call.js';

/** What scripts are told of the space for the image: 1 TiB, all of it free, so that none refuses to go on. */
const KIBIBYTES = 1024 ** 3;
const NAME = 'overlay';

const FIELDS: Readonly<Record<string, (path: Bytes) => Bytes>> = {
  source: () => NAME,
  fstype: () => NAME,
  size: () => String(KIBIBYTES),
  used: () => '0',
  avail: () => String(KIBIBYTES),
  pcent: () => '0%',
  target: () => '/',
  file: (path) => path,
};
const HEADINGS: Readonly<Record<string, string>> = {
  source: 'Filesystem',
  fstype: 'Type',
  size: '1K-blocks',
  used: 'Used',
  avail: 'Avail',
  pcent: 'Use%',
  target: 'Mounted on',
  file: 'File',
};
const USUAL = 'source,size,used,avail,pcent,target';

/** df(1): the tree is on no disk; each path is on one file system that is large and empty. Blocks are of 1 KiB. */
export const df = command(['-a --all', '-k', '-l --local', '-P --portability', '--output='], (call) => {
  const fields = (call.options.value('output') ?? USUAL).split(',');
  const unknown = fields.find((field) => FIELDS[field] === undefined);
  if (unknown !== undefined) call.unsupported(`--output=${unknown}`);
  call.write(`${fields.map((field) => HEADINGS[field]).join(' ')}\n`);
  const paths = call.operands.length === 0 ? ['-'] : call.operands;
  for (const path of paths) call.write(`${fields.map((field) => FIELDS[field]?.(path)).join(' ')}\n`);
  return undefined;
});
