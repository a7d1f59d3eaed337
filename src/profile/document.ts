import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { reasonOf } from '../formats/errors.js';

/** The way to a value in a document: `['stages', 0, 'name']`. */
export type ValuePath = readonly PropertyKey[];

/** What is wrong with a document, and where; the message follows the name of the field. */
export interface Problem {
  readonly path: ValuePath;
  readonly message: string;
}

/** A YAML file, read: its value as plain data, and where in the text each part of it stands. */
export interface ProfileDocument {
  readonly value: unknown;
  /** `file:line:column: message`, of the text itself; where there are any, `value` is not to be used. */
  readonly errors: readonly string[];
  /** A problem as `file:line:column: stages[0].name message`; what is missing is placed where its parent begins. */
  locate(problem: Problem): string;
  /** Whether there is a value at the path. */
  has(path: ValuePath): boolean;
  /** Paths of the scalars that a test of their text in the file holds for. */
  scalars(test: (path: ValuePath, source: string) => boolean): ValuePath[];
}

const MAX_ALIASES = 100;
/** One broken bracket can give hundreds of errors. */
const MAX_ERRORS = 20;
const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));

/** Reads a YAML 1.2 document with the core schema (yaml.org/spec/1.2.2, 10.3), and refuses what would be a guess. */
export function readDocument(text: string, file: string): ProfileDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', schema: 'core', prettyErrors: false, lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  // Of tags we speak ourselves, below.
  const warnings = document.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED');
  const refused: { offset: number; message: string }[] = [...document.errors, ...warnings].map((error) => ({
    offset: error.pos[0],
    message: error.message,
  }));
  refused.push(...refusedFeatures(document));
  let value: unknown;
  try {
    if (refused.length === 0) value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    refused.push({ offset: 0, message: `cannot expand the aliases: ${reasonOf(error)}` });
  }
  const errors = refused.slice(0, MAX_ERRORS).map(({ offset, message }) => `${at(offset)}: ${message}`);
  if (refused.length > MAX_ERRORS) errors.push(`${file}: and ${refused.length - MAX_ERRORS} more`);

  return {
    value,
    errors,
    locate: ({ path, message }) => {
      const name = pathName(path);
      return `${at(offsetOf(document, path))}: ${name === '' ? '' : `${name} `}${message}`;
    },
    has: (path) => nodeAt(document, path) !== undefined,
    scalars: (test) => {
      const found: ValuePath[] = [];
      visit(document, {
        Scalar(key, node, ancestors) {
          if (key === 'key' || typeof node.source !== 'string') return;
          const path = pathOf([...ancestors, node]);
          if (node.type === 'PLAIN' && test(path, node.source)) found.push(path);
        },
      });
      return found;
    },
  };
}

function refusedFeatures(document: Document): { offset: number; message: string }[] {
  const found: { offset: number; message: string }[] = [];
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    found.push({ offset: 0, message: 'a profile is YAML 1.2; remove the %YAML directive' });
  }
  visit(document, {
    Node(_key, node) {
      if (isAlias(node) || node.tag === undefined || TAGS.has(node.tag)) return;
      found.push({ offset: node.range?.[0] ?? 0, message: `the tag ${node.tag} has no meaning in a profile` });
    },
    Pair(_key, { key }) {
      if (!isScalar(key)) found.push({ offset: offsetOfNode(key), message: 'a key must be plain text' });
      else if (key.value === '<<')
        found.push({ offset: offsetOfNode(key), message: 'merge keys (<<) are not YAML 1.2' });
    },
  });
  return found;
}

/** `stages[0].packages[2]` */
function pathName(path: ValuePath): string {
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? String(step) : `${name}.${String(step)}`;
  }, '');
}

/** Where the value begins; a key that is there without a value, or the innermost parent that is there, if it has none. */
function offsetOf(document: Document, path: ValuePath): number {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(document, path.slice(0, length));
    if (found !== undefined) return offsetOfNode(length === path.length ? found.place : found.node);
  }
  return offsetOfNode(document.contents);
}

function offsetOfNode(node: unknown): number {
  const range = (node as { range?: [number, number, number] } | null)?.range;
  return range?.[0] ?? 0;
}

/**
 * The node at a path, aliases followed. `place` is the key for an entry of a mapping, since that is where a reader looks,
 * and the node itself for an item of a sequence.
 */
function nodeAt(document: Document, path: ValuePath): { node: unknown; place: unknown } | undefined {
  let node: unknown = document.contents;
  let place = node;
  for (const step of path) {
    const collection = isAlias(node) ? node.resolve(document) : node;
    if (isMap(collection)) {
      const pair = collection.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return undefined;
      node = pair.value;
      place = pair.key;
    } else if (isSeq(collection) && typeof step === 'number' && step < collection.items.length) {
      node = collection.items[step];
      place = node;
    } else {
      return undefined;
    }
  }
  return { node, place };
}

/** The path of the last of `nodes`, which are a document, and then nodes and pairs, each in the one before it. */
function pathOf(nodes: readonly unknown[]): ValuePath {
  const path: PropertyKey[] = [];
  nodes.forEach((node, index) => {
    const child = nodes[index + 1];
    if (!isCollection(node) || child === undefined) return;
    if (isSeq(node)) path.push(node.items.indexOf(child));
    else path.push(String((child as { key: { value: unknown } }).key.value));
  });
  return path;
}
