import { spawn } from 'node:child_process';
import { Bench } from 'tinybench';
import { hasProgram } from '../machine.mjs';

/** A program as an alternative; `undefined` in place of a task says that it is not there. */
export function program(name, args, input) {
  return hasProgram(name) ? () => run(name, args, input) : undefined;
}

/** Runs a program to its end, with `input` written to it and its output read and thrown away. */
export function run(name, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    child.on('error', reject);
    child.stdout.resume();
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`${name} ended with ${status}`))));
  });
}

/**
 * What measures a part and its alternatives in turn, each for so many milliseconds, and shows it.
 *
 * The function that it gives takes:
 *
 * - part: its name
 * - work: what one run does, `{ amount, unit }`
 * - tasks: functions by name, ours first; undefined for what is not on this machine; `{ task, times }` where the function
 *   does only a part of the work, and its time counts so many times
 *
 * and gives `{ part, work, runs: [{ name, ms, ratio }], missing }`; `ratio` is ours over that one's time.
 */
export function comparer(time) {
  return (part, work, tasks) => compare(part, work, tasks, { time, warmupTime: time / 5, iterations: 3 });
}

async function compare(part, work, tasks, options) {
  const bench = new Bench({ ...options, throws: true });
  const missing = [];
  const times = new Map();
  for (const [name, given] of Object.entries(tasks)) {
    const { task, times: count = 1 } = typeof given === 'object' ? given : { task: given };
    times.set(name, count);
    if (task === undefined) missing.push(name);
    else bench.add(name, async () => void (await task()));
  }
  await bench.run();
  const medians = bench.tasks.map(({ name, result }) => ({ name, ms: result.latency.p50 * times.get(name) }));
  const [ours] = medians;
  const runs = medians.map(({ name, ms }) => ({ name, ms, ratio: ours.ms / ms }));
  const result = { part, work, runs, missing };
  show(result);
  return result;
}

function show({ part, work, runs, missing }) {
  console.log(part);
  for (const { name, ms, ratio } of runs) {
    const speed = `${rate(work, ms)} ${work.unit}/s`;
    console.log(
      `  ${name.padEnd(34)} ${ms.toFixed(2).padStart(9)} ms ${speed.padStart(22)}  ${ratio.toFixed(2).padStart(6)}`,
    );
  }
  if (missing.length > 0) console.log(`  not on this machine: ${missing.join(', ')}`);
}

function rate({ amount }, ms) {
  const value = amount / (ms / 1000);
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
