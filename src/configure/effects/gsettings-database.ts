import { GlibHashTable } from './glib-hash-table.js';
import type { Schema, SchemaKey, SchemaTable } from './gsettings-schema.js';
import { arrayVariant, boxedVariant, byteVariant, stringVariant, tupleVariant, type Variant } from './gvariant.js';
import { encodeGvdb, type GvdbItem } from './gvdb.js';

const KIND_LETTERS = { enum: 'e', flags: 'f', choices: 'c' } as const;

/** The bytes of gschemas.compiled. */
export function schemaDatabase({ schemas }: SchemaTable): Buffer {
  const root = newTable();
  for (const [id, schema] of schemas.entries()) {
    root.set(id, { value: { type: 'table', table: tableOf(schema) }, parent: '' });
  }
  return encodeGvdb(root);
}

/** A table with the item below which all others are. */
function newTable(): GlibHashTable<GvdbItem> {
  const table = new GlibHashTable<GvdbItem>();
  table.set('', { value: { type: 'list' }, parent: undefined });
  return table;
}

function tableOf({ keys, path, extends: base, listOf, gettextDomain }: Schema): GlibHashTable<GvdbItem> {
  const table = newTable();
  const put = (key: string, variant: Variant, parent?: string): void => {
    table.set(key, { value: { type: 'value', bytes: boxedVariant(variant).bytes }, parent });
  };
  let isTranslated = false;
  for (const [name, key] of keys.entries()) {
    put(name, typeof key === 'string' ? stringVariant(key) : serialised(key), '');
    isTranslated ||= typeof key !== 'string' && key.l10n !== undefined;
  }
  if (path !== undefined) put('.path', stringVariant(path));
  if (base !== undefined) put('.extends', stringVariant(base));
  if (listOf !== undefined) put('.list-of', stringVariant(listOf));
  if (isTranslated && gettextDomain !== undefined) put('.gettext-domain', stringVariant(gettextDomain));
  return table;
}

/** The default, then what else there is to say of a key, each with a letter. */
function serialised(key: SchemaKey): Variant {
  const { defaultValue, l10n, text, context, choices, kind, range, desktops } = key;
  const members = [defaultValue];
  const add = (letter: string, variant: Variant): void => {
    members.push(tupleVariant([letterVariant(letter), variant]));
  };
  if (l10n !== undefined) {
    // What stands in the translators' files: trimmed, its context before it.
    const message = `${context === undefined ? '' : `${context}\x04`}${text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')}`;
    add('l', tupleVariant([letterVariant(l10n), stringVariant(message)]));
  }
  if (choices.bytes.length > 0) add(KIND_LETTERS[kind], { type: 'au', bytes: choices.bytes });
  if (range !== undefined) add('r', tupleVariant(range));
  if (desktops !== undefined) {
    const entries = desktops.entries().map(([name, value]) => {
      return tupleVariant([stringVariant(name), boxedVariant(value)], '{}');
    });
    add('d', arrayVariant('{sv}', entries));
  }
  return tupleVariant(members);
}

function letterVariant(letter: string): Variant {
  return byteVariant(letter.charCodeAt(0));
}
