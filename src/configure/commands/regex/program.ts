import { type Assertion, type ByteSet, type RegexNode, RegexSyntaxError } from './syntax.js';

/** One instruction of a matcher; where it does not say where to go on, it is the next one. */
export type Instruction =
  | { readonly op: 'set'; readonly set: ByteSet }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  /** Notes the position: slot 2n is the start of group n, 2n+1 its end. */
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'reference'; readonly index: number }
  | { readonly op: 'match' };

/** Counted repeats are unrolled: this bounds what a short expression can ask for. */
const MAX_INSTRUCTIONS = 50_000;

/**
 * Compiles an expression for the matcher (Thompson's construction, as in R. Cox, "Regular Expression Matching: the
 * Virtual Machine Approach"). Greedy repeats prefer another round.
 *
 * @throws RegexSyntaxError where its counted repeats make it too big.
 */
export function compileProgram(root: RegexNode): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(root, program);
  program.push({ op: 'match' });
  return program;
}

function emit(node: RegexNode, program: Instruction[]): void {
  if (program.length > MAX_INSTRUCTIONS) throw new RegexSyntaxError('Regular expression too big');
  switch (node.type) {
    case 'set':
      program.push({ op: 'set', set: node.set });
      break;
    case 'assertion':
      program.push({ op: 'assert', assertion: node.assertion });
      break;
    case 'reference':
      program.push({ op: 'reference', index: node.index });
      break;
    case 'group':
      program.push({ op: 'save', slot: 2 * node.index });
      emit(node.node, program);
      program.push({ op: 'save', slot: 2 * node.index + 1 });
      break;
    case 'sequence':
      for (const part of node.nodes) emit(part, program);
      break;
    case 'choice':
      emitChoice(node.nodes, program);
      break;
    case 'repeat':
      emitRepeat(node.node, node.min, node.max, program);
      break;
  }
}

function emitChoice(nodes: readonly RegexNode[], program: Instruction[]): void {
  const jumps: number[] = [];
  nodes.forEach((node, index) => {
    const isLast = index === nodes.length - 1;
    const split = isLast ? -1 : reserve(program);
    emit(node, program);
    if (isLast) return;
    jumps.push(reserve(program));
    program[split] = { op: 'split', first: split + 1, second: program.length };
  });
  for (const jump of jumps) program[jump] = { op: 'jump', to: program.length };
}

function emitRepeat(node: RegexNode, min: number, max: number, program: Instruction[]): void {
  for (let round = 1; round < min; round += 1) emit(node, program);
  if (max === Number.POSITIVE_INFINITY) {
    if (min === 0) {
      const split = reserve(program);
      emit(node, program);
      program.push({ op: 'jump', to: split });
      program[split] = { op: 'split', first: split + 1, second: program.length };
    } else {
      const start = program.length;
      emit(node, program);
      program.push({ op: 'split', first: start, second: program.length + 1 });
    }
    return;
  }
  if (min > 0) emit(node, program);
  const splits: number[] = [];
  for (let round = min; round < max; round += 1) {
    splits.push(reserve(program));
    emit(node, program);
  }
  for (const split of splits) program[split] = { op: 'split', first: split + 1, second: program.length };
}

/** Keeps a place for an instruction that is not known yet. */
function reserve(program: Instruction[]): number {
  program.push({ op: 'match' });
  return program.length - 1;
}
