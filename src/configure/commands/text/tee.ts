import { open } from '../../shell/filesystem.js';
import { command } from '../kit/call.js';

/** tee(1). */
export const tee = command(['-a --append', '-i --ignore-interrupts', '-p --output-error=?'], (call) => {
  const text = call.readStdin();
  const append = call.options.has('append');
  call.write(text);
  for (const name of call.operands) {
    call.attempt(name, () =>
      open(call.process, name, { write: true, create: true, append, truncate: !append }).write(text),
    );
  }
  return undefined;
});
