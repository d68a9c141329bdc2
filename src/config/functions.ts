import { ConfigInvalid } from '../errors.ts';
import type { Environment } from './overrides.ts';

/** What the stack tells its functions beside the configuration proper. */
export type FunctionSettings = {
  /** Where the function's own files lie, the configuration among them. */
  folder: string;
  stateMachine: string | undefined;
  /** The Glue database; none: no catalog is kept. */
  catalog: string | undefined;
  ratesUrl: string | undefined;
  /** A file of the certificate authorities that the function trusts, the database's among them. */
  authorities: string | undefined;
  /** More bytes to read than this are Glue's work. */
  clusterBytes: number;
  memoryMb: number;
};

/** Fits into a function's 15 minutes and 10 GB with room to spare. */
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

/** The environment itself, for the one reader of configurations. */
export const functionEnvironment = (): Environment => process.env;

function wholeNumber(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigInvalid(`${name} is ${JSON.stringify(text)}, which is no whole number.`, {
    hint: 'Mend the variable in the stack and deploy again.',
  });
}
