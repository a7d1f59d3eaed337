/**
 * A second opinion on an answer of the solver: whether these packages can be installed together. It is written from Policy
 * chapter 7, deb-version(7) and the multi-arch specification, reads the text of Packages itself, and shares no code with src/.
 */

/** The stanzas of Packages files: `name version architecture` to a stanza's text. */
export function readStanzas(texts) {
  const stanzas = new Map();
  for (const stanza of texts.flatMap((text) => text.split(/\n\n+/))) {
    const one = (name) => fieldOf(stanza, name);
    if (one('Package') !== '') stanzas.set(`${one('Package')} ${one('Version')} ${one('Architecture')}`, stanza);
  }
  return stanzas;
}

/**
 * Why the packages are no installation, or not the one that was asked for; empty where all is well.
 *
 * @param texts their stanzas
 * @param wishes what was asked for: `name`, or `name:architecture`
 * @param native the architecture that `all` counts as
 */
export function complaints(texts, wishes, native) {
  const installed = texts.map((text) => readPackage(text, native));
  const found = [];
  for (const wish of wishes) {
    const [name, architecture = native] = wish.split(':');
    const wanted = { name, qualifier: architecture };
    if (!installed.some((one) => meets(one, wanted, architecture, native))) found.push(`${wish} is not there`);
  }
  for (const one of installed) {
    for (const alternatives of one.needs) {
      const isMet = alternatives.some((wanted) =>
        installed.some((other) => meets(other, wanted, one.architecture, native)),
      );
      if (!isMet) found.push(`${one.title} lacks ${alternatives.map(({ text }) => text).join(' | ')}`);
    }
    for (const refused of one.refuses) {
      // Policy 7.6.2: never itself. Without a qualifier, those of every architecture are meant.
      const bad = installed.find(
        (other) => other.name !== one.name && meets(other, refused, other.architecture, native),
      );
      if (bad !== undefined) found.push(`${one.title} and ${bad.title} cannot be there together: ${refused.text}`);
    }
    for (const twin of installed) {
      if (twin === one || twin.name !== one.name) continue;
      const mayBe = twin.architecture !== one.architecture && one.multiArch === 'same' && twin.multiArch === 'same';
      if (!mayBe || twin.version !== one.version) found.push(`${one.title} and ${twin.title} cannot be there together`);
    }
  }
  return found;
}

function fieldOf(stanza, name) {
  return new RegExp(`^${name}:[ \t]*(.*(?:\n[ \t].*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
}

function readPackage(text, native) {
  const one = (name) => fieldOf(text, name);
  const groups = (name) =>
    one(name)
      .split(',')
      .filter((group) => group.trim() !== '')
      .map((group) => group.split('|').map(readRelation));
  const architecture = one('Architecture') === 'all' ? native : one('Architecture');
  return {
    name: one('Package'),
    version: one('Version'),
    architecture,
    title: `${one('Package')} ${one('Version')} ${architecture}`,
    multiArch: one('Multi-Arch') || 'no',
    needs: [...groups('Pre-Depends'), ...groups('Depends')],
    refuses: [...groups('Conflicts'), ...groups('Breaks')].flat(),
    provides: groups('Provides').flat(),
  };
}

function readRelation(text) {
  const [, name, qualifier, operator, version] =
    /^\s*([^\s:(]+)(?::(\S+))?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\))?\s*$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`no relation: ${text}`);
  return { text: text.trim(), name, qualifier, operator, version };
}

/** @param asker the architecture that a relation without a qualifier speaks of */
function meets(one, wanted, asker, native) {
  const isOfArchitecture = (qualifier) => {
    if (qualifier === 'any') return one.multiArch === 'allowed';
    if (qualifier === undefined) return one.multiArch === 'foreign' || one.architecture === asker;
    return one.architecture === (qualifier === 'native' ? native : qualifier);
  };
  if (one.name === wanted.name && isOfArchitecture(wanted.qualifier) && isInRange(one.version, wanted)) return true;
  return one.provides.some((provided) => {
    if (provided.name !== wanted.name || !isInRange(provided.version, wanted)) return false;
    const isForOthers = provided.qualifier !== undefined && provided.qualifier !== one.architecture;
    return isForOthers ? provided.qualifier === (wanted.qualifier ?? asker) : isOfArchitecture(wanted.qualifier);
  });
}

/** A provided name without a version is in no range (Policy 7.5). */
function isInRange(version, { operator, version: bound }) {
  if (operator === undefined) return true;
  if (version === undefined) return false;
  const order = orderOf(version, bound);
  const inRange = { '<<': order < 0, '<=': order <= 0, '=': order === 0, '>=': order >= 0, '>>': order > 0 };
  return inRange[operator];
}

/** deb-version(7): epochs, then upstream versions, then revisions; each in turns of text and number. */
function orderOf(a, b) {
  const parts = (version) => {
    const [, epoch = '0', upstream, revision = '0'] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version);
    return [epoch, upstream, revision];
  };
  const others = parts(b);
  for (const [at, part] of parts(a).entries()) {
    const order = compareLists(keyOf(part), keyOf(others[at]));
    if (order !== 0) return order;
  }
  return 0;
}

/** `1.10~b` as a list to compare: for each turn the weights of its characters, the end's weight, and its number. */
function keyOf(text) {
  const end = 0n;
  const weightOf = (character) => {
    if (character === '~') return -1n;
    return BigInt(character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256));
  };
  const turns = [...text.matchAll(/(\D*)(\d*)/g)].filter(([turn]) => turn !== '');
  return [...turns.flatMap(([, letters, digits]) => [...[...letters].map(weightOf), end, BigInt(digits || 0)]), end];
}

function compareLists(a, b) {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at] ?? 0n, b[at] ?? 0n];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
