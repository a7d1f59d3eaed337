import * as fs from '../../shell/filesystem.js';
import { openBytes, openSink } from '../../shell/open-file.js';
import { PosixError } from '../../shell/posix-error.js';
import type { Bytes, OpenFile } from '../../shell/types.js';
import { type Call, CommandFailure } from '../kit/call.js';
import { RecordReader } from './record.js';

type Writer =
  | { readonly type: 'file'; readonly file: OpenFile }
  /** A pipe: its command runs when all that it reads is there. */
  | { readonly type: 'command'; readonly parts: Bytes[] };

function readInput(call: Call, name: Bytes): Bytes {
  return name === '-' ? call.readStdin() : fs.readFile(call.process, name);
}

/** @throws CommandFailure where the file cannot be read, which ends awk. */
export function readOrFail(call: Call, name: Bytes): Bytes {
  try {
    return readInput(call, name);
  } catch (error) {
    if (error instanceof PosixError) throw new CommandFailure(`cannot open ${name} (${error.message})`, 2);
    throw error;
  }
}

/** The files and pipes that a program opened by name; each stays open until it is closed. */
export class Streams {
  readonly #call: Call;
  readonly #readers = new Map<Bytes, { readonly reader: RecordReader; readonly status: number }>();
  readonly #writers = new Map<Bytes, Writer>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** What `getline` reads from; undefined where the file cannot be read. */
  reader(type: 'file' | 'command', name: Bytes): RecordReader | undefined {
    const key = `${type} ${name}`;
    const open = this.#readers.get(key);
    if (open !== undefined) return open.reader;
    let text: Bytes;
    let status = 0;
    if (type === 'command') {
      const sink = openSink(this.#call.system);
      status = this.run(name, { 1: sink });
      text = sink.bytes();
    } else {
      try {
        text = readInput(this.#call, name);
      } catch (error) {
        if (error instanceof PosixError) return undefined;
        throw error;
      }
    }
    const reader = new RecordReader(text);
    this.#readers.set(key, { reader, status });
    return reader;
  }

  /** Writes to a file, which is emptied when it is opened with `>`, or to a command's input. */
  write(type: '>' | '>>' | '|', name: Bytes, text: Bytes): void {
    let writer = this.#writers.get(name);
    if (writer === undefined) {
      writer = type === '|' ? { type: 'command', parts: [] } : { type: 'file', file: this.#create(type, name) };
      this.#writers.set(name, writer);
    }
    if (writer.type === 'file') writer.file.write(text);
    else {
      this.#call.grow(text.length);
      writer.parts.push(text);
    }
  }

  #create(type: '>' | '>>', name: Bytes): OpenFile {
    this.#call.flush();
    const standard = { '-': 1, '/dev/stdout': 1, '/dev/stderr': 2 }[name];
    const open = standard === undefined ? undefined : this.#call.process.descriptors.get(standard);
    if (open !== undefined) return open;
    const flags = { write: true, create: true, truncate: type === '>', append: type === '>>' };
    return fs.open(this.#call.process, name, flags);
  }

  /** Closes what has this name, and gives the status of its command; -1 where nothing is open. */
  close(name: Bytes): number {
    let status = -1;
    for (const key of [`file ${name}`, `command ${name}`]) {
      const reader = this.#readers.get(key);
      if (reader === undefined) continue;
      status = reader.status;
      this.#readers.delete(key);
    }
    const writer = this.#writers.get(name);
    if (writer === undefined) return status;
    this.#writers.delete(name);
    return writer.type === 'file' ? 0 : this.run(name, { 0: openBytes(writer.parts.join('')) });
  }

  closeAll(): void {
    for (const name of [...this.#writers.keys()]) this.close(name);
  }

  /** Runs a command line, as system(3) does. */
  run(line: Bytes, files: Readonly<Record<number, OpenFile>> = {}): number {
    const descriptors = new Map(this.#call.process.descriptors);
    for (const [number, file] of Object.entries(files)) descriptors.set(Number(number), file);
    return this.#call.spawn(['sh', '-c', line], { descriptors });
  }
}
