import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian's docker-registry on loopback, with its files in a directory. */
export class DockerRegistry {
  readonly host: string;
  readonly #directory: string;
  #child: ChildProcess | undefined;

  private constructor(host: string, directory: string) {
    this.host = host;
    this.#directory = directory;
  }

  /** @param htpasswd a file of users, where it asks who they are */
  static async start(directory: string, htpasswd?: string): Promise<DockerRegistry> {
    const port = await freePort();
    const registry = new DockerRegistry(`localhost:${port}`, directory);
    const auth = htpasswd === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${htpasswd}}}\n`;
    // With a secret of its own each time, it would know no upload after a restart.
    const http = `http: {addr: "127.0.0.1:${port}", secret: test}\n`;
    const storage = `storage: {filesystem: {rootdirectory: ${join(directory, 'data')}}}\n`;
    writeFileSync(join(directory, 'config.yml'), `version: 0.1\nlog: {level: info}\n${storage}${http}${auth}`);
    await registry.run();
    return registry;
  }

  /** What it was asked: `PUT /v2/app/manifests/1 201`. */
  requests(): string[] {
    const log = readFileSync(join(this.#directory, 'log'), 'utf8');
    return [...log.matchAll(/"([A-Z]+ \/v2\/[^ ?"]*)[^"]*" (\d+)/g)].map(([, line, status]) => `${line} ${status}`);
  }

  async run(): Promise<void> {
    const log = openSync(join(this.#directory, 'log'), 'a');
    this.#child = spawn('docker-registry', ['serve', join(this.#directory, 'config.yml')], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    for (let left = 200; left > 0; left--) {
      const answer = await fetch(`http://${this.host}/v2/`).catch(() => undefined);
      if (answer !== undefined) return;
      await sleep(50);
    }
    throw new Error(`docker-registry does not answer: ${readFileSync(join(this.#directory, 'log'), 'utf8')}`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
