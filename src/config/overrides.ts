import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Fault, messageOf } from './shape/faults.ts';

export type Flags = {
  config?: string;
  lake?: string;
  warehouse?: string;
  timeZone?: string;
  fxRates?: string;
};
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting from a flag or a variable: its text, and the name of the flag or variable. */
export type Given = { text: string; origin: 'flag' | 'environment'; where: string };

const NAMES: Record<keyof Flags, { flag: string; variable: string }> = {
  config: { flag: '--config', variable: 'PURCHASES_CONFIG' },
  lake: { flag: '--lake', variable: 'PURCHASES_LAKE' },
  warehouse: { flag: '--warehouse', variable: 'PURCHASES_WAREHOUSE' },
  timeZone: { flag: '--time-zone', variable: 'PURCHASES_TIME_ZONE' },
  fxRates: { flag: '--fx-rates', variable: 'PURCHASES_FX_RATES' },
};

/**
 * Returns a setting from the flags, otherwise from the environment. An empty variable counts as
 * unset, an empty flag is an error.
 */
export function given(flags: Flags, env: Environment, setting: keyof Flags): Given | undefined {
  const { flag, variable } = NAMES[setting];
  const fromFlag = flags[setting];
  if (fromFlag !== undefined) return { text: fromFlag, origin: 'flag', where: flag };
  const fromEnv = env[variable];
  if (fromEnv) return { text: fromEnv, origin: 'environment', where: variable };
  return undefined;
}

const [PASSWORD, PASSWORD_FILE] = [
  'PURCHASES_WAREHOUSE_PASSWORD',
  'PURCHASES_WAREHOUSE_PASSWORD_FILE',
];

/** The serving database's password, from its variable or from the file that its variable names. */
export async function givenPassword(
  env: Environment,
  cwd: string,
): Promise<{ password: string | undefined; faults: Fault[] }> {
  const direct = env[PASSWORD] || undefined;
  const file = env[PASSWORD_FILE];
  const fault = (message: string): { password: undefined; faults: Fault[] } => ({
    password: undefined,
    faults: [{ where: PASSWORD_FILE, message }],
  });
  if (!file) return { password: direct, faults: [] };
  if (direct !== undefined) return fault(`conflicts with ${PASSWORD}: keep one of them`);
  try {
    const password = (await readFile(resolve(cwd, file), 'utf8')).replace(/\r?\n$/, '');
    return password === '' ? fault('names an empty file') : { password, faults: [] };
  } catch (error) {
    return fault(`cannot be read: ${messageOf(error)}`);
  }
}

type GivenUrl = { given: Given | undefined; faults: Fault[] };

/**
 * The warehouse's URL. It may contain a password, so it may also be in the file that
 * `PURCHASES_WAREHOUSE_FILE` names.
 */
export async function givenWarehouse(
  flags: Flags,
  env: Environment,
  cwd: string,
): Promise<GivenUrl> {
  const direct = given(flags, env, 'warehouse');
  if (direct?.origin === 'flag') return { given: direct, faults: [] };
  return orOfFile('PURCHASES_WAREHOUSE', direct, env, cwd);
}

/** The URL of a login that may only read, for SQL from users; from a variable or its file. */
export function givenReader(env: Environment, cwd: string): Promise<GivenUrl> {
  const where = 'PURCHASES_WAREHOUSE_READER';
  const text = env[where];
  return orOfFile(where, text ? { text, origin: 'environment', where } : undefined, env, cwd);
}

/** The variable's value, or the content of the file that the variable with `_FILE` names. */
async function orOfFile(
  variable: string,
  direct: Given | undefined,
  env: Environment,
  cwd: string,
): Promise<GivenUrl> {
  const where = `${variable}_FILE`;
  const file = env[where];
  const fault = (message: string): GivenUrl => ({
    given: undefined,
    faults: [{ where, message }],
  });
  if (!file) return { given: direct, faults: [] };
  if (direct) return fault(`conflicts with ${variable}: keep one of them`);
  try {
    const text = (await readFile(resolve(cwd, file), 'utf8')).trim();
    return { given: { text, origin: 'environment', where }, faults: [] };
  } catch (error) {
    return fault(`cannot be read: ${messageOf(error)}`);
  }
}
