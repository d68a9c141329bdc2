import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, startServer } from './process.ts';

/**
 * A request that must fail: the first whose method is this and whose path or target contains
 * `match`, for `times` requests.
 */
export type CloudFault = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  match: string;
  times: number;
  status: number;
  code: string;
};

/**
 * AWS on this machine: moto, with missing features added by cloud.py. Its buckets, queues and
 * tables exist as long as it runs.
 */
export type Cloud = AsyncDisposable & {
  endpoint: string;
  /** Environment variables with which an AWS SDK, in any language, connects to this cloud. */
  env: { [name: string]: string };
  /** Options for an SDK client. */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /**
   * Makes requests fail from now on, replacing earlier rules. Returns the earlier rules, with the
   * remaining times.
   */
  fail(faults: CloudFault[]): Promise<CloudFault[]>;
  stop(): Promise<void>;
};

const REGION = 'ap-southeast-2';

/**
 * Starts the cloud on a free port of loopback. `runtime` is the URL of a server that receives
 * Lambda's Invoke and Glue's job runs; without one moto's own stand-ins serve them.
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
