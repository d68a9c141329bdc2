import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A function as a stack describes it. `handler` is `file.export` within the folder of its code. */
export type FunctionSpec = {
  name: string;
  folder: string;
  handler: string;
  timeoutSeconds: number;
  memoryMb: number;
  env: Record<string, string>;
};

/** Lambda's response: JSON, and true if it is an error. */
export type Invoked = { body: string; failed: boolean };

type Sandbox = { child: ChildProcess; busy: boolean };
type Reply = { id?: string; ready?: true; result?: string; error?: string };

export type Sandboxes = AsyncDisposable & {
  invoke(name: string, event: string): Promise<Invoked>;
  /** Number of calls of each function. */
  calls: Map<string, number>;
  /** All output of the functions, their logs and metrics. */
  printed(): string;
  /**
   * A hook just before a function's answer is returned: a sandbox killed in it has done its work,
   * and its answer is lost.
   */
  beforeAnswer:
    | ((name: string, call: number) => 'kill' | undefined | Promise<undefined>)
    | undefined;
};

/**
 * Runs functions as Lambda does: one process each, kept for the next call, another one while it is
 * busy, killed at the function's time limit.
 */
export function sandboxes(
  specs: readonly FunctionSpec[],
  options: { node: string; env: Record<string, string> },
): Sandboxes {
  const pools = new Map<string, Sandbox[]>();
  const calls = new Map<string, number>();
  const printed: string[] = [];
  const print = (bytes: Buffer): void => void printed.push(bytes.toString());

  async function open(spec: FunctionSpec): Promise<Sandbox> {
    const [file, name = 'handler'] = spec.handler.split('.');
    const script = fileURLToPath(new URL('sandbox.mjs', import.meta.url));
    const child = spawn(options.node, [script, `${spec.folder}/${file}.mjs`, name], {
      cwd: spec.folder,
      env: {
        PATH: process.env['PATH'],
        TZ: ':UTC',
        LAMBDA_TASK_ROOT: spec.folder,
        AWS_LAMBDA_FUNCTION_NAME: spec.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
        ...options.env,
        ...spec.env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout?.on('data', print);
    child.stderr?.on('data', print);
    const sandbox = { child, busy: true };
    pools.set(spec.name, [...(pools.get(spec.name) ?? []), sandbox]);
    const [first] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if ((first as Reply | null)?.ready !== true)
      throw new Error(`${spec.name} did not start:\n${printed.join('').slice(-4000)}`);
    return sandbox;
  }

  function close(spec: FunctionSpec, { child }: Sandbox): void {
    pools.set(
      spec.name,
      (pools.get(spec.name) ?? []).filter((each) => each.child !== child),
    );
    child.kill('SIGKILL');
  }

  async function invoke(name: string, event: string): Promise<Invoked> {
    const spec = specs.find((each) => each.name === name);
    if (spec === undefined) throw new Error(`there is no function ${name}`);
    const call = (calls.get(name) ?? 0) + 1;
    calls.set(name, call);
    const idle = pools.get(name)?.find(({ busy }) => !busy);
    if (idle !== undefined) idle.busy = true;
    const sandbox = idle ?? (await open(spec));
    const reply = await ask(sandbox, event, spec.timeoutSeconds);
    const isKilled = (await host.beforeAnswer?.(name, call)) === 'kill';
    if (reply === 'timeout' || reply === 'exit' || isKilled) {
      close(spec, sandbox);
      return reply === 'timeout'
        ? failure('Sandbox.Timedout', `Task timed out after ${spec.timeoutSeconds}.00 seconds`)
        : failure(
            'Runtime.ExitError',
            'RequestId: Error: Runtime exited with error: signal: killed',
          );
    }
    sandbox.busy = false;
    return { body: reply.error ?? reply.result ?? 'null', failed: reply.error !== undefined };
  }

  const host: Sandboxes = {
    invoke,
    calls,
    printed: () => printed.join(''),
    beforeAnswer: undefined,
    async [Symbol.asyncDispose]() {
      for (const { child } of [...pools.values()].flat()) child.kill('SIGKILL');
    },
  };
  return host;
}

const failure = (errorType: string, errorMessage: string): Invoked => ({
  body: JSON.stringify({ errorType, errorMessage }),
  failed: true,
});

async function ask(
  { child }: Sandbox,
  event: string,
  seconds: number,
): Promise<Reply | 'timeout' | 'exit'> {
  const id = randomUUID();
  const over = new AbortController();
  const { signal } = over;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), seconds * 1000);
    });
    const answered = once(child, 'message', { signal }).then(([reply]) => reply as Reply);
    const gone = once(child, 'exit', { signal }).then(() => 'exit' as const);
    for (const each of [answered, gone]) each.catch(() => undefined);
    child.send({ id, event, deadline: Date.now() + seconds * 1000 });
    return await Promise.race([answered, gone, late]);
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
