import { Failure } from './console.js';
import { GlibHashTable } from './glib-hash-table.js';
import { isVariantType, type Variant } from './gvariant.js';
import { parseVariant } from './gvariant-text.js';
import { StringInfo } from './string-info.js';
import { elementsOf, parseXml, textOf, type XmlElement } from './xml.js';

/** A key of a schema. */
export interface SchemaKey {
  readonly type: string;
  /** The text of the default, and what of it is translated. */
  readonly text: string;
  readonly l10n: 'm' | 't' | undefined;
  readonly context: string | undefined;
  /** Changed by overrides. */
  defaultValue: Variant;
  /** Defaults of single desktops, by their names. */
  desktops: GlibHashTable<Variant> | undefined;
  readonly choices: StringInfo;
  readonly kind: 'enum' | 'flags' | 'choices';
  readonly range: readonly [Variant, Variant] | undefined;
}

export interface Schema {
  readonly path: string | undefined;
  readonly extends: string | undefined;
  readonly listOf: string | undefined;
  readonly gettextDomain: string | undefined;
  /** Keys by their names, and the names of child schemas by theirs with a slash. */
  readonly keys: GlibHashTable<SchemaKey | string>;
}

export interface SchemaTable {
  readonly schemas: GlibHashTable<Schema>;
  readonly enums: Map<string, StringInfo>;
  readonly flags: Map<string, StringInfo>;
}

const RANGES: Readonly<Record<string, readonly [string, string]>> = {
  y: ['0', '255'],
  n: ['-32768', '32767'],
  q: ['0', '65535'],
  i: ['-2147483648', '2147483647'],
  u: ['0', '4294967295'],
  x: ['-9223372036854775808', '9223372036854775807'],
  t: ['0', '18446744073709551615'],
  d: ['-inf', 'inf'],
};

/**
 * Adds the schemas, enumerations and flags of one file (gschema.dtd) to a table.
 *
 * @throws Failure where the file has an error; nothing of it is added then.
 */
export function addSchemas(table: SchemaTable, source: string): void {
  const root = parseXml(source);
  if (root.name !== 'schemalist') throw new Failure(`Element <${root.name}> not allowed at the top level`);
  const enums = new Map(table.enums);
  const flags = new Map(table.flags);
  const schemas: [string, Schema][] = [];
  for (const element of elementsOf(root)) {
    if (element.name === 'enum') enums.set(newName(enums, element), StringInfo.of(element, false));
    else if (element.name === 'flags') flags.set(newName(flags, element), StringInfo.of(element, true));
    else if (element.name === 'schema') {
      const find = (id: string): Schema | undefined =>
        schemas.find(([other]) => other === id)?.[1] ?? table.schemas.get(id);
      const id = required(element, 'id');
      if (find(id) !== undefined) throw new Failure(`<schema id='${id}'> already specified`);
      schemas.push([id, readSchema(element, { find, enums, flags, domain: root.attributes.get('gettext-domain') })]);
    } else throw new Failure(`Element <${element.name}> not allowed inside <schemalist>`);
  }
  for (const [name, info] of enums) table.enums.set(name, info);
  for (const [name, info] of flags) table.flags.set(name, info);
  for (const [id, schema] of schemas) table.schemas.set(id, schema);
}

function required(element: XmlElement, name: string): string {
  const value = element.attributes.get(name);
  if (value === undefined) throw new Failure(`element “${element.name}” requires attribute “${name}”`);
  return value;
}

function newName(known: ReadonlyMap<string, StringInfo>, element: XmlElement): string {
  const id = required(element, 'id');
  if (known.has(id)) throw new Failure(`<${element.name} id='${id}'> already specified`);
  return id;
}

interface SchemaContext {
  readonly find: (id: string) => Schema | undefined;
  readonly enums: ReadonlyMap<string, StringInfo>;
  readonly flags: ReadonlyMap<string, StringInfo>;
  /** The gettext domain of the file. */
  readonly domain: string | undefined;
}

function readSchema(element: XmlElement, context: SchemaContext): Schema {
  const attribute = (name: string): string | undefined => element.attributes.get(name);
  const base = attribute('extends');
  const parent = base === undefined ? undefined : context.find(base);
  if (base !== undefined && parent === undefined) throw new Failure(`extends not yet existing schema “${base}”`);
  const path = attribute('path');
  if (path !== undefined && !/^\/(?:.*\/)?$/.test(path)) {
    throw new Failure('A path, if given, must begin and end with a slash');
  }
  const listOf = attribute('list-of') ?? parent?.listOf;
  if (listOf !== undefined && context.find(listOf) === undefined) {
    throw new Failure(`is list of not yet existing schema “${listOf}”`);
  }
  const gettextDomain = attribute('gettext-domain') ?? context.domain;
  const keys: Schema['keys'] = new GlibHashTable();
  for (const child of elementsOf(element)) {
    const name = required(child, 'name');
    const key = child.name === 'child' ? `${name}/` : name;
    if (keys.has(key)) throw new Failure(`<${child.name} name='${name}'> already specified`);
    if (child.name === 'child') keys.set(key, required(child, 'schema'));
    else if (child.name === 'key') keys.set(key, readKey(child, context, gettextDomain));
    else if (child.name === 'override') {
      const original = inherited(parent, name, context.find);
      if (original === undefined) throw new Failure(`No <key name='${name}'> to override`);
      keys.set(key, { ...original, ...readDefault(child, original.type, gettextDomain), desktops: undefined });
    } else throw new Failure(`Element <${child.name}> not allowed inside <schema>`);
  }
  return { path, extends: base, listOf, gettextDomain, keys };
}

function inherited(from: Schema | undefined, name: string, find: SchemaContext['find']): SchemaKey | undefined {
  for (
    let schema = from;
    schema !== undefined;
    schema = schema.extends === undefined ? undefined : find(schema.extends)
  ) {
    const key = schema.keys.get(name);
    if (key !== undefined && typeof key !== 'string') return key;
  }
  return undefined;
}

function readKey(element: XmlElement, { enums, flags }: SchemaContext, domain: string | undefined): SchemaKey {
  const { attributes } = element;
  const enumName = attributes.get('enum');
  const flagsName = attributes.get('flags');
  const given = enumName === undefined ? undefined : enums.get(enumName);
  const bits = flagsName === undefined ? undefined : flags.get(flagsName);
  if (enumName !== undefined && given === undefined) throw new Failure(`<enum id='${enumName}'> not (yet) defined.`);
  if (flagsName !== undefined && bits === undefined) throw new Failure(`<flags id='${flagsName}'> not (yet) defined.`);
  const type = bits !== undefined ? 'as' : given !== undefined ? 's' : required(element, 'type');
  if (!isVariantType(type)) throw new Failure(`Invalid GVariant type string “${type}”`);
  const choices = (bits ?? given)?.copy() ?? new StringInfo();
  for (const list of elementsOf(element)) {
    for (const item of elementsOf(list)) {
      if (list.name === 'choices') choices.add(required(item, 'value'), 0);
      else if (list.name === 'aliases') choices.addAlias(required(item, 'value'), required(item, 'target'));
    }
  }
  const [range] = elementsOf(element, 'range');
  const [standard] = elementsOf(element, 'default');
  if (standard === undefined) throw new Failure('Element <default> is required in <key>');
  const kind = bits !== undefined ? 'flags' : given !== undefined ? 'enum' : 'choices';
  const key: SchemaKey = {
    type,
    ...readDefault(standard, type, domain),
    desktops: undefined,
    choices,
    kind,
    range: range === undefined ? undefined : readRange(range, type),
  };
  const problem = outOfBounds(key, key.defaultValue);
  if (problem !== undefined) throw new Failure(`<default> ${problem}`);
  return key;
}

type KeyDefault = Pick<SchemaKey, 'text' | 'l10n' | 'context' | 'defaultValue'>;

function readDefault(element: XmlElement, type: string, domain: string | undefined): KeyDefault {
  const category = element.attributes.get('l10n');
  if (category !== undefined && category !== 'messages' && category !== 'time') {
    throw new Failure(`unsupported l10n category: ${category}`);
  }
  if (category !== undefined && domain === undefined) throw new Failure('l10n requested, but no gettext domain given');
  const text = textOf(element);
  return {
    text,
    l10n: category === undefined ? undefined : category === 'time' ? 't' : 'm',
    context: element.attributes.get('context'),
    defaultValue: parseVariant(type, text),
  };
}

function readRange({ attributes }: XmlElement, type: string): readonly [Variant, Variant] {
  const limits = RANGES[type];
  if (limits === undefined) throw new Failure(`<range> not allowed for keys of type “${type}”`);
  return [
    parseVariant(type, attributes.get('min') ?? limits[0]),
    parseVariant(type, attributes.get('max') ?? limits[1]),
  ];
}

/** Why a key may not have a value; undefined where it may. */
export function outOfBounds({ range, choices }: SchemaKey, value: Variant): string | undefined {
  if (range !== undefined) {
    const [low, number, high] = [range[0], value, range[1]].map(numberOf);
    const isIn = low !== undefined && number !== undefined && high !== undefined && low <= number && number <= high;
    return isIn ? undefined : 'is not contained in the specified range';
  }
  if (choices.bytes.length === 0) return undefined;
  return stringsOf(value).every((each) => choices.isItem(each)) ? undefined : 'is not one of the choices';
}

function numberOf({ type, bytes }: Variant): number | bigint {
  if (type === 'd') return bytes.readDoubleLE();
  const wide = Buffer.alloc(8, 'nix'.includes(type) && ((bytes.at(-1) ?? 0) & 0x80) !== 0 ? 0xff : 0);
  bytes.copy(wide);
  return type === 't' ? wide.readBigUInt64LE() : wide.readBigInt64LE();
}

/** The strings in a value of type `s`, `as` or `ms`: those that may have choices. */
function stringsOf({ type, bytes }: Variant): string[] {
  if (type !== 'as') return bytes.length === 0 ? [] : [bytes.toString('latin1', 0, bytes.indexOf(0))];
  // Each string ends with a NUL; what follows the last one is the table of offsets, one each.
  const width = [1, 2, 4].find((each) => bytes.length < 256 ** each) ?? 8;
  if (bytes.length === 0) return [];
  const end = bytes.readUIntLE(bytes.length - width, Math.min(width, 6));
  return bytes.toString('latin1', 0, end).split('\0').slice(0, -1);
}
