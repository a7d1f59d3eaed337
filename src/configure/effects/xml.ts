import { Failure } from './console.js';

/** An element of an XML document; text is a byte string (UTF-8). */
export interface XmlElement {
  readonly type: 'element';
  /** With its prefix, as written. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
}

type XmlNode =
  | XmlElement
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'comment'; readonly text: string };

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TOKEN =
  /<!--([\s\S]*?)-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE(?:[^[>]|\[[\s\S]*?\]\s*(?=>))*>|<(\/?)([^\s/>]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/y;
const ATTRIBUTE = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const MAX_DEPTH = 1000;

/**
 * Parses the XML that packages ship: elements, text, CDATA sections as text, comments. Document types are passed over, and only
 * XML's own entities are known.
 *
 * @throws Failure where it is not well-formed.
 */
export function parseXml(source: string): XmlElement {
  const root: { name: string; children: XmlNode[] } = { name: '', children: [] };
  const open: { name: string; children: XmlNode[] }[] = [root];
  let at = source.startsWith('\xef\xbb\xbf') ? 3 : 0;
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (match === null) throw malformed(source, at);
    const [all, comment, cdata, closing, name, attributes = '', empty, text] = match;
    const parent = open.at(-1) ?? root;
    if (comment !== undefined) parent.children.push({ type: 'comment', text: comment });
    else if (cdata !== undefined) parent.children.push({ type: 'text', text: cdata });
    else if (text !== undefined) parent.children.push({ type: 'text', text: withoutEntities(text) });
    else if (closing === '/') {
      if (open.length === 1 || parent.name !== name) throw malformed(source, at);
      open.pop();
    } else if (name !== undefined) {
      const children: XmlNode[] = [];
      const element: XmlElement = { type: 'element', name, attributes: attributesOf(attributes, source, at), children };
      parent.children.push(element);
      if (empty !== '/') open.push({ name, children });
      if (open.length > MAX_DEPTH) throw malformed(source, at);
    }
    at += all.length;
  }
  const element = root.children.find((node) => node.type === 'element');
  if (open.length !== 1 || element === undefined) throw malformed(source, at);
  return element;
}

function attributesOf(text: string, source: string, at: number): Map<string, string> {
  const found = new Map<string, string>();
  let index = 0;
  while (text.slice(index).trim() !== '') {
    ATTRIBUTE.lastIndex = index;
    const match = ATTRIBUTE.exec(text);
    if (match === null) throw malformed(source, at);
    found.set(match[1] ?? '', withoutEntities((match[2] ?? match[3] ?? '').replace(/[\t\n\r]/g, ' ')));
    index += match[0].length;
  }
  return found;
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));/g, (all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0x10ffff ? all : Buffer.from(String.fromCodePoint(code)).toString('latin1');
  });
}

function malformed(source: string, at: number): Failure {
  const line = source.slice(0, at).split('\n').length;
  return new Failure(`line ${line}: the XML is not well-formed`);
}

/** The elements in an element, of one name where it is given. */
export function elementsOf(element: XmlElement, name?: string): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement => child.type === 'element' && (name === undefined || child.name === name),
  );
}

/** All text in an element itself. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (child.type === 'text' ? child.text : '')).join('');
}

/** A document as libxml2 writes it with `format`: indented where an element has no text. */
export function formatXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${formatNode(root, 0, true)}\n`;
}

function formatNode(node: XmlNode, depth: number, indented: boolean): string {
  if (node.type === 'comment') return `<!--${node.text}-->`;
  if (node.type === 'text') return escaped(node.text, /[&<>\r]/g);
  const attributes = [...node.attributes].map(([name, value]) => ` ${name}="${escaped(value, /[&<>"\t\n\r]/g)}"`);
  const open = `<${node.name}${attributes.join('')}`;
  if (node.children.length === 0) return `${open}/>`;
  const splits = indented && node.children.every(({ type }) => type !== 'text');
  const before = splits ? `\n${'  '.repeat(depth + 1)}` : '';
  const inner = node.children.map((child) => before + formatNode(child, depth + 1, splits)).join('');
  return `${open}>${inner}${splits ? `\n${'  '.repeat(depth)}` : ''}</${node.name}>`;
}

function escaped(text: string, special: RegExp): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(special, (character) => names[character] ?? `&#${character.charCodeAt(0)};`);
}
