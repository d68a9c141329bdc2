import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, startServer } from './process.ts';

/**
 * A request that is to fail: the first whose method is this and whose path or target holds `match`,
 * as often as `times` says.
 */
export type CloudFault = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  match: string;
  times: number;
  status: number;
  code: string;
};

/**
 * AWS on this machine: moto, with what it lacks added by cloud.py. Its buckets, queues and tables
 * live as long as it does.
 */
export type Cloud = AsyncDisposable & {
  endpoint: string;
  /** Variables with which an AWS SDK, of whatever language, talks to this cloud. */
  env: { [name: string]: string };
  /** What an SDK client is made with. */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /**
   * Makes requests fail from now on, in place of earlier rules; the rules as they were, with the
   * times left.
   */
  fail(faults: CloudFault[]): Promise<CloudFault[]>;
  stop(): Promise<void>;
};

const REGION = 'ap-southeast-2';

/**
 * Starts the cloud on a free port of loopback. `runtime` is the URL of a server to which Lambda's
 * Invoke and Glue's job runs are handed; without one they are moto's own stand-ins.
 */
export async function startCloud(runtime?: string): Promise<Cloud> {
  const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const python = file('.venv/bin/python');
  if (!existsSync(python))
    throw new Error('The Python of the tests is not there: run scripts/install-test-python.sh.');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const args = [
    file('test/servers/cloud.py'),
    String(port),
    ...(runtime === undefined ? [] : [runtime]),
  ];
  const ready = async (): Promise<void> => void (await fetch(`${endpoint}/cloud/faults`));
  const server = await startServer(undefined, python, args, ready);
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    client: {
      endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    async fail(faults) {
      const body = JSON.stringify(faults);
      const response = await fetch(`${endpoint}/cloud/faults`, { method: 'POST', body });
      return (await response.json()) as CloudFault[];
    },
    stop: () => server.stop('SIGKILL'),
    [Symbol.asyncDispose]: () => server.stop('SIGKILL'),
  };
}
