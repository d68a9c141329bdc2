import { ConfigInvalid } from '../errors.ts';
import type { Environment } from './overrides.ts';

/** Settings that the stack passes to its functions in addition to the configuration. */
export type FunctionSettings = {
  /** The folder of the function's files, including the configuration. */
  folder: string;
  stateMachine: string | undefined;
  /** The Glue database; without one, no catalog is kept. */
  catalog: string | undefined;
  ratesUrl: string | undefined;
  /** A file with the certificate authorities that the function trusts, including the database's. */
  authorities: string | undefined;
  /** Above this number of bytes to read, Glue does the work. */
  clusterBytes: number;
  memoryMb: number;
};

/** Well within a function's 15 minutes and 10 GB. */
const CLUSTER_BYTES = 2 ** 31;
const MEMORY_MB = 1024;

/** Reads the environment of a function. Error: `ConfigInvalid`, naming the variable. */
export function functionSettings(env: Environment = process.env): FunctionSettings {
  return {
    folder: env['LAMBDA_TASK_ROOT'] ?? process.cwd(),
    stateMachine: env['PURCHASES_STATE_MACHINE'],
    catalog: env['PURCHASES_CATALOG'],
    ratesUrl: env['PURCHASES_RATES_URL'],
    authorities: env['NODE_EXTRA_CA_CERTS'],
    clusterBytes: wholeNumber(env, 'PURCHASES_CLUSTER_BYTES') ?? CLUSTER_BYTES,
    memoryMb: wholeNumber(env, 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE') ?? MEMORY_MB,
  };
}

/** The environment, for `loadConfig`. */
export const functionEnvironment = (): Environment => process.env;

function wholeNumber(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigInvalid(`${name} is ${JSON.stringify(text)}, which is not a whole number.`, {
    hint: 'Fix the variable in the stack and deploy again.',
  });
}
