import type { ByteSource } from '../formats/elf/bytes.js';
import { dynamicOf, versionsDefined, versionsNeeded } from '../formats/elf/dynamic.js';
import { ET_DYN, ET_EXEC, interpreterOf, readElf } from '../formats/elf/file.js';
import { notesOf } from '../formats/elf/notes.js';
import { contentSize } from '../rootfs/content.js';
import type { ContentReader } from '../rootfs/content-reader.js';
import type { Tree } from '../rootfs/tree.js';
import type { FileNode, TreeNode } from '../rootfs/types.js';
import type { ElfObject, Scan, Script } from './types.js';

/** The kernel reads no more of a first line (BINPRM_BUF_SIZE). */
const MAX_LINE = 256;
const ANY_EXECUTE = 0o111;
const ELF_MAGIC = 0x7f454c46;
const SHEBANG = 0x2321;
/** Symbols without code: their dynamic sections describe what is elsewhere. */
const DEBUG = '/usr/lib/debug/';

/** Looks at how each file begins, and into the headers of ELF files; a file with several names is looked at once. */
export function scanTree(tree: Tree, reader: ContentReader): Scan {
  const objects: ElfObject[] = [];
  const scripts: Script[] = [];
  const links: Scan['links'][number][] = [];
  const seen = new Set<TreeNode>();
  let files = 0;
  for (const [path, node] of tree.walk()) {
    if (node.type === 'symlink') links.push({ path, target: node.target });
    if (node.type !== 'file' || seen.has(node)) continue;
    seen.add(node);
    files += 1;
    if (contentSize(node.content) < 4) continue;
    const source = reader.source(node.content);
    const head = source.read(0, 4);
    if (head.readUInt32BE(0) === ELF_MAGIC) {
      const object = path.startsWith(DEBUG) ? undefined : readObject(path, node, source);
      if (object !== undefined) objects.push(object);
    } else if (head.readUInt16BE(0) === SHEBANG && (node.mode & ANY_EXECUTE) !== 0) {
      scripts.push({ path, node, line: firstLine(source) });
    }
  }
  return { files, objects, scripts, links };
}

function firstLine(source: ByteSource): string {
  const text = source.read(0, MAX_LINE).toString('latin1');
  return (text.split('\n', 1)[0] ?? '').slice(2).trim();
}

/** Relocatable objects, kernel modules and cores are nobody's programs: undefined. */
function readObject(path: string, node: FileNode, source: ByteSource): ElfObject | undefined {
  const file = readElf(source);
  if (file === undefined || (file.type !== ET_EXEC && file.type !== ET_DYN)) return undefined;
  const dynamic = dynamicOf(source, file);
  const { bits, bigEndian, machine, flags } = file;
  return {
    path,
    node,
    abi: { bits, bigEndian, machine, flags },
    interpreter: interpreterOf(source, file),
    dynamic,
    versions: dynamic === undefined ? new Set() : versionsDefined(source, file, dynamic),
    versionNeeds: dynamic === undefined ? [] : versionsNeeded(source, file, dynamic),
    ...notesOf(source, file),
  };
}
