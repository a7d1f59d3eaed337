import { readdirSync, readFileSync } from 'node:fs';

export interface Snippet {
  readonly title: string;
  /** As bytes. */
  readonly script: string;
}

const CORPUS = new URL('./corpus/', import.meta.url);

export const topics = readdirSync(CORPUS)
  .filter((name) => name.endsWith('.sh'))
  .sort();

/** The snippets of one file, each behind a line `### title`. */
export function readCorpus(topic: string): Snippet[] {
  const text = readFileSync(new URL(topic, CORPUS), 'latin1');
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { title: part.slice(0, end), script: part.slice(end + 1) };
    });
}
