declare module 'spdx-expression-parse' {
  /** @throws Error where the text is no SPDX expression. */
  function parse(text: string): object;
  export = parse;
}
