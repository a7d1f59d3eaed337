import type { Bytes } from '../shell/types.js';

/** A template of debconf-devel(7): its fields by their names in lower case, languages other than C left out. */
type Template = ReadonlyMap<Bytes, Bytes>;

interface Question {
  readonly name: Bytes;
  template: Template;
  value: Bytes | undefined;
  readonly flags: Map<Bytes, Bytes>;
  readonly variables: Map<Bytes, Bytes>;
}

/** A reply of the protocol (debconf-devel(7)): 0 for success, 10 and more for errors, and a text. */
interface Reply {
  readonly code: number;
  readonly text: Bytes;
}

/** What a database knows. Templates and questions are the same objects wherever they stand, and change. */
export interface DebconfState {
  readonly templates: Map<Bytes, Template>;
  readonly questions: Map<Bytes, Question>;
  /** Packages that brought their templates when they first asked. */
  readonly loaded: Set<Bytes>;
  /** Of the session: what it has to ask, and whether it escapes newlines. */
  readonly busy: Question[];
  readonly escape: boolean;
}

const SUCCESS = 0;
const BAD_PARAMETERS = 10;
const SYNTAX_ERROR = 20;
const INVISIBLE = 30;
const PRIORITIES = ['low', 'medium', 'high', 'critical'];

/**
 * The questions of debconf and their answers, which no frontend asks: the answers of the profile, the defaults of the
 * templates and what scripts set.
 */
export class DebconfDatabase {
  readonly #templates: Map<Bytes, Template>;
  readonly #questions: Map<Bytes, Question>;
  readonly #loaded: Set<Bytes>;
  readonly #preseed: ReadonlyMap<Bytes, Bytes>;
  #busy: Question[];
  #escape: boolean;

  /**
   * @param preseed answers by the names of their questions.
   * @param before of another database, which this one goes on for; it is changed.
   */
  constructor(preseed: ReadonlyMap<Bytes, Bytes> = new Map(), before = nothingKnown()) {
    this.#preseed = preseed;
    this.#templates = before.templates;
    this.#questions = before.questions;
    this.#loaded = before.loaded;
    this.#busy = before.busy;
    this.#escape = before.escape;
  }

  /** As it is now, and as it changes. */
  get state(): DebconfState {
    return {
      templates: this.#templates,
      questions: this.#questions,
      loaded: this.#loaded,
      busy: this.#busy,
      escape: this.#escape,
    };
  }

  /** Takes up a package's templates when it asks for the first time. */
  loadOnce(packageName: Bytes, read: () => Bytes | undefined): void {
    if (this.#loaded.has(packageName)) return;
    this.#loaded.add(packageName);
    const text = read();
    if (text !== undefined) this.load(text);
  }

  /** Takes up the templates of a package's `templates` file, each with a question of its name. */
  load(text: Bytes): void {
    for (const paragraph of text.split(/\n{2,}/)) {
      const template = parseTemplate(paragraph);
      const name = template.get('template');
      if (name === undefined) continue;
      this.#templates.set(name, template);
      const question = this.#questions.get(name);
      if (question === undefined) this.#add(name, template);
      else question.template = template;
    }
  }

  /** Answers a question in advance, as debconf-set-selections(1) does. */
  preseed(name: Bytes, type: Bytes, value: Bytes): void {
    const template =
      this.#templates.get(name) ??
      new Map([
        ['template', name],
        ['type', type],
      ]);
    const question = this.#questions.get(name) ?? this.#add(name, template);
    question.value = value;
    question.flags.set('seen', 'true');
  }

  /** A new session starts: capabilities are a script's own. */
  begin(): void {
    this.#escape = false;
    this.#busy = [];
  }

  /** Carries out one line of the protocol. */
  command(line: Bytes): Reply {
    const words = this.#escape ? splitEscaped(line) : line.split(/\s+/).filter((word) => word !== '');
    const [name = '', ...args] = words;
    const [first = '', second = ''] = args;
    const rest = args.slice(1).join(' ');
    switch (name.toLowerCase()) {
      case 'version':
        return Number.parseInt(first, 10) > 2 ? reply(30, `Version too high (${first})`) : reply(SUCCESS, '2.0');
      case 'capb':
        this.#escape = args.includes('escape');
        return reply(SUCCESS, 'multiselect escape');
      case 'input':
        return PRIORITIES.includes(first)
          ? this.#input(second)
          : reply(SYNTAX_ERROR, `"${first}" is not a valid priority`);
      case 'go':
        for (const question of this.#busy) question.value = settledValue(question);
        this.#busy = [];
        return reply(SUCCESS, 'ok');
      case 'get':
        return this.#with(first, (question) => this.#data(answerOf(question)));
      case 'set':
        return this.#with(first, (question) => {
          question.value = rest;
          return reply(SUCCESS, 'value set');
        });
      case 'reset':
        return this.#with(first, (question) => {
          question.value = expand(question, question.template.get('default') ?? '');
          question.flags.set('seen', 'false');
          return reply(SUCCESS);
        });
      case 'subst':
        return this.#with(first, (question) => {
          question.variables.set(second, args.slice(2).join(' '));
          return reply(SUCCESS);
        });
      case 'fget':
        return this.#with(first, ({ flags }) => reply(SUCCESS, flags.get(second) ?? 'false'));
      case 'fset':
        return this.#with(first, (question) => {
          question.flags.set(second, args[2] ?? '');
          return reply(SUCCESS, args[2] ?? '');
        });
      case 'metaget':
        return this.#with(first, (question) => this.#metaget(question, second.toLowerCase()));
      case 'register':
        return this.#register(first, second);
      case 'unregister':
        return this.#questions.delete(first) ? reply(SUCCESS) : reply(BAD_PARAMETERS, `${first} doesn't exist`);
      case 'purge':
        // Questions go with their package, which is never removed here.
        return reply(SUCCESS);
      case 'settitle':
        return this.#with(first, () => reply(SUCCESS));
      case 'clear':
        this.#busy = [];
        return reply(SUCCESS);
      case 'progress':
        return reply(SUCCESS, 'OK');
      case 'title':
      case 'beginblock':
      case 'endblock':
      case 'info':
      case 'data':
      case 'previous_module':
      case 'stop':
        return reply(SUCCESS);
      default:
        return reply(
          SYNTAX_ERROR,
          `Unsupported command "${name.toLowerCase()}" (full line was "${line}") received from confmodule.`,
        );
    }
  }

  #add(name: Bytes, template: Template): Question {
    const answer = this.#preseed.get(name);
    const flags = new Map([['seen', answer === undefined ? 'false' : 'true']]);
    const question: Question = { name, template, value: answer, flags, variables: new Map() };
    this.#questions.set(name, question);
    return question;
  }

  #with(name: Bytes, act: (question: Question) => Reply): Reply {
    const question = this.#questions.get(name);
    return question === undefined ? reply(BAD_PARAMETERS, `${name} doesn't exist`) : act(question);
  }

  #input(name: Bytes): Reply {
    const question = this.#questions.get(name);
    if (question === undefined) return reply(BAD_PARAMETERS, `"${name}" doesn't exist`);
    this.#busy.push(question);
    return reply(INVISIBLE, 'question skipped');
  }

  #register(template: Bytes, name: Bytes): Reply {
    const found = this.#templates.get(template);
    if (found === undefined) return reply(BAD_PARAMETERS, `No such template, "${template}"`);
    if (!this.#questions.has(name)) this.#add(name, found);
    return reply(SUCCESS);
  }

  #metaget(question: Question, field: Bytes): Reply {
    const { template } = question;
    if (field === 'value') return this.#data(answerOf(question));
    const text = field === 'choices-c' ? untranslatedChoices(template) : template.get(field);
    return this.#data(expand(question, text ?? ''));
  }

  /** A value of several lines is cut to the first, but where the script asked for escapes. */
  #data(value: Bytes): Reply {
    return reply(SUCCESS, this.#escape ? value : (value.split('\n')[0] ?? ''));
  }
}

function nothingKnown(): DebconfState {
  return { templates: new Map(), questions: new Map(), loaded: new Set(), busy: [], escape: false };
}

function reply(code: number, text: Bytes = ''): Reply {
  return { code, text };
}

function answerOf(question: Question): Bytes {
  return question.value ?? question.template.get('default') ?? '';
}

/** A question that nobody is asked keeps its value; a selection that is none of the choices becomes the first of them. */
function settledValue(question: Question): Bytes | undefined {
  if (question.template.get('type') !== 'select') return question.value;
  const choices = splitChoices(expand(question, untranslatedChoices(question.template) ?? ''));
  return choices.includes(answerOf(question)) ? question.value : (choices[0] ?? '');
}

/** The values that a selection may have: `Choices-C` where what people read is something else (po-debconf(7)). */
function untranslatedChoices(template: Template): Bytes | undefined {
  return template.get('choices-c') ?? template.get('choices');
}

function splitChoices(text: Bytes): Bytes[] {
  const items = text.match(/(?:\\.|[^,\\])+/gs) ?? [];
  return items.map((item) => item.trim().replace(/\\([, ])/g, '$1')).filter((item) => item !== '');
}

function expand({ variables }: Question, text: Bytes): Bytes {
  return text.replace(/(\\?)\$\{([^{}]+)\}/g, (all, backslash: string, name: Bytes) => {
    return backslash === '' ? (variables.get(name) ?? '') : all.slice(1);
  });
}

function parseTemplate(text: Bytes): Template {
  const fields = new Map<Bytes, Bytes>();
  let current = '';
  for (const line of text.split('\n')) {
    const [, field, value = ''] = /^([-_.A-Za-z0-9@]+):[ \t]*(.*)$/.exec(line.trimEnd()) ?? [];
    if (field !== undefined) {
      const name = field.toLowerCase().replace(/^__?/, '');
      // A translation (Description-de.UTF-8) does not count, but for C, which is the original.
      const language = /^[a-z]+-(.+)$/.exec(name)?.[1];
      current = language === undefined || language === 'c' ? name : '';
      if (current !== '' && !fields.has(current)) fields.set(current, value);
    } else if (/^\s/.test(line) && current === 'description') {
      fields.set('extended_description', extended(fields.get('extended_description') ?? '', line.slice(1)));
    }
  }
  return fields;
}

/** Lines are joined to paragraphs but for those that are indented; a dot parts paragraphs. */
function extended(text: Bytes, line: Bytes): Bytes {
  const open = text !== '' && !/[\n ]$/.test(text);
  if (line === '.') return `${text}\n\n`;
  if (/^\s/.test(line)) return `${text}${open ? '\n' : ''}${line}\n`;
  return `${text}${open ? ' ' : ''}${line}`;
}

/** Words of a line in which `\n`, `\\` and an escaped blank stand for a newline, a backslash and a blank. */
function splitEscaped(line: Bytes): Bytes[] {
  const words: Bytes[] = [];
  let word = '';
  let open = false;
  for (const part of line.match(/\\.|\s+|[^\\\s]+|\\/gs) ?? []) {
    if (/^\s/.test(part)) {
      if (open) words.push(word);
      word = '';
      open = false;
    } else {
      word += part.startsWith('\\') ? (part[1] === 'n' ? '\n' : part.slice(1)) : part;
      open = true;
    }
  }
  if (open) words.push(word);
  return words;
}
