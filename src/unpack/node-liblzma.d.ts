/**
 * What is used of node-liblzma, so that the project compiles where npm could not install it. The class's `lzma` is
 * protected there, but the way to it is the same in all of its versions (4.0 and 5.1).
 */
declare module 'node-liblzma' {
  export interface Handle {
    /** @returns lzma_ret, and how many bytes of the input and of the output are left. */
    codeSync(
      action: number,
      input: Buffer,
      offset: number,
      length: number,
      output: Buffer,
      outputOffset: number,
    ): [status: number, inputLeft: number, outputLeft: number];
    close(): void;
  }

  export function createXz(options: {
    readonly preset: number;
    /** lzma_check. */
    readonly check: number;
    readonly threads: number;
  }): { readonly lzma: Handle };

  export function createUnxz(): { readonly lzma: Handle };
}
