/** An answer to a question of debconf, given before it is asked. */
export interface DebconfAnswer {
  readonly question: string;
  readonly value: string;
}

/** OWNER QUESTION TYPE VALUE, parted by blanks; a value may be empty, and begins behind one blank. */
const LINE = /^\s*\S+[ \t]+(?<question>\S+)[ \t]+(?<type>\S+)(?:[ \t](?<value>.*))?$/;
const TYPES = ['boolean', 'error', 'multiselect', 'note', 'password', 'select', 'seen', 'string', 'text', 'title'];

/**
 * Reads answers in the format of debconf-set-selections(1): a line each, `#` begins a comment, a backslash at its end joins
 * a line to the next. Lines of the type `seen` say nothing here, where no question is shown.
 *
 * @returns undefined where a line is none of these.
 */
export function parseDebconf(text: string): DebconfAnswer[] | undefined {
  const answers: DebconfAnswer[] = [];
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const { question, type, value = '' } = LINE.exec(line)?.groups ?? {};
    if (question === undefined || type === undefined || !TYPES.includes(type)) return undefined;
    if (type !== 'seen') answers.push({ question, value: value.trim() });
  }
  return answers;
}
