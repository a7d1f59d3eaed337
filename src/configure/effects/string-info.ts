import { Failure } from './console.js';
import { elementsOf, type XmlElement } from './xml.js';

const ITEM = 0xff;
const ALIAS = 0xfe;
/** In words of four bytes. */
const MAX_WORDS = 17;

/**
 * The strings that a key may have, with their numbers, and other names for them: GLib's "string info" (gio/strinfo.c). Each is
 * a number, then the string between marks in whole words.
 */
export class StringInfo {
  readonly #names = new Map<string, { readonly word: number; readonly alias: boolean }>();
  readonly #numbers = new Set<number>();
  #bytes = Buffer.alloc(0);

  /**
   * The members of an <enum> or <flags> element.
   *
   * @throws Failure where one is there twice, or none is.
   */
  static of(element: XmlElement, isFlags: boolean): StringInfo {
    const info = new StringInfo();
    for (const { name, attributes } of elementsOf(element)) {
      if (name !== 'value') throw new Failure(`Element <${name}> not allowed inside <${element.name}>`);
      const nick = attributes.get('nick');
      const text = attributes.get('value') ?? '';
      const value = Number(text);
      if (nick === undefined || nick.length < 2 || !/^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text)) {
        throw new Failure('Invalid numeric value');
      }
      if (info.has(nick)) throw new Failure(`<value nick='${nick}'/> already specified`);
      if (info.#numbers.has(value)) throw new Failure(`value='${text}' already specified`);
      // No flag at all is an empty list.
      if (isFlags && value === 0) continue;
      if (isFlags && (value & (value - 1)) !== 0) throw new Failure('flags values must have at most 1 bit set');
      info.add(nick, value);
    }
    if (info.#bytes.length === 0) throw new Failure(`<${element.name}> must contain at least one <value>`);
    return info;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  copy(): StringInfo {
    const info = new StringInfo();
    for (const [name, entry] of this.#names) info.#names.set(name, entry);
    info.#bytes = this.#bytes;
    return info;
  }

  /** Whether it is the name of an item or an alias. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Whether it is the name of an item. */
  isItem(name: string): boolean {
    return this.#names.get(name)?.alias === false;
  }

  add(name: string, value: number): void {
    this.#append(name, value, false);
    this.#numbers.add(value);
  }

  /** @throws Failure where the target is no item. */
  addAlias(name: string, target: string): void {
    const word = this.isItem(target) ? this.#names.get(target)?.word : undefined;
    if (word === undefined) throw new Failure(`alias target “${target}” is not in <choices>`);
    this.#append(name, word, true);
  }

  #append(name: string, value: number, alias: boolean): void {
    const words = Math.max(2, (name.length + 6) >> 2);
    if (words > MAX_WORDS) throw new Failure(`“${name}” is too long`);
    this.#names.set(name, { word: this.#bytes.length / 4, alias });
    const entry = Buffer.alloc(4 + words * 4);
    entry.writeInt32LE(value | 0, 0);
    entry[4] = alias ? ALIAS : ITEM;
    entry.write(name, 5, 'latin1');
    entry[entry.length - 1] = ITEM;
    this.#bytes = Buffer.concat([this.#bytes, entry]);
  }
}
