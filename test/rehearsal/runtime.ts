import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Invoked } from './sandboxes.ts';

/** Runs the script of a job; rejects if the job fails. */
export type RunJob = (job: string, args: Record<string, string>) => Promise<void>;

/**
 * The code under rehearsal. It is set once the cloud, whose address the code needs, has started.
 */
export type Runtime = AsyncDisposable & {
  url: string;
  invoke: (name: string, event: string) => Promise<Invoked>;
  runJob: RunJob;
};

type Run = { state: 'RUNNING' | 'SUCCEEDED' | 'FAILED'; message?: string };

/**
 * Serves the calls that the cloud forwards: Invoke of Lambda, StartJobRun and GetJobRun of Glue.
 */
export async function startRuntime(): Promise<Runtime> {
  const absent = (): Promise<never> => Promise.reject(new Error('nothing was deployed'));
  const runs = new Map<string, Run>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ __type: 'ServiceException', message: String(error) }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const target = String(request.headers['x-amz-target'] ?? '');
    if (target !== '') {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(glue(target, JSON.parse(body))));
      return;
    }
    const [, , , name = ''] = (request.url ?? '').split('/');
    const functionName = decodeURIComponent(name).split(':').at(-1) ?? '';
    const invoked = await runtime.invoke(functionName, body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(invoked.failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
    });
    response.end(invoked.body);
  }

  function glue(target: string, request: Record<string, unknown>): object {
    const { JobName, Arguments, RunId } = request;
    if (target.endsWith('GetJobRun')) {
      const run = runs.get(String(RunId));
      return {
        JobRun: { Id: RunId, JobName, JobRunState: run?.state, ErrorMessage: run?.message },
      };
    }
    const id = `jr_${runs.size + 1}`;
    runs.set(id, { state: 'RUNNING' });
    runtime.runJob(String(JobName), Object(Arguments)).then(
      () => runs.set(id, { state: 'SUCCEEDED' }),
      (error: unknown) => runs.set(id, { state: 'FAILED', message: String(error).slice(0, 2000) }),
    );
    return { JobRunId: id };
  }

  const runtime: Runtime = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke: absent,
    runJob: absent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return runtime;
}
