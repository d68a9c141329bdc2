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

/** A setting given by a flag or a variable: its text, and how messages name where it was given. */
export type Given = { text: string; origin: 'flag' | 'environment'; where: string };

const NAMES: Record<keyof Flags, { flag: string; variable: string }> = {
  config: { flag: '--config', variable: 'PURCHASES_CONFIG' },
  lake: { flag: '--lake', variable: 'PURCHASES_LAKE' },
  warehouse: { flag: '--warehouse', variable: 'PURCHASES_WAREHOUSE' },
  timeZone: { flag: '--time-zone', variable: 'PURCHASES_TIME_ZONE' },
  fxRates: { flag: '--fx-rates', variable: 'PURCHASES_FX_RATES' },
};

/**
 * What flags and the environment say; flags go first. An empty variable is one that is not set, an
 * empty flag is a mistake.
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

/**
 * The serving database's password, or what the file holds that is named for it, without the end of
 * its line.
 */
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
  if (direct !== undefined) return fault(`stands beside ${PASSWORD}: keep one`);
  try {
    const password = (await readFile(resolve(cwd, file), 'utf8')).replace(/\r?\n$/, '');
    return password === '' ? fault('names an empty file') : { password, faults: [] };
  } catch (error) {
    return fault(`cannot be read: ${messageOf(error)}`);
  }
}

type GivenUrl = { given: Given | undefined; faults: Fault[] };

/**
 * The warehouse, which holds a password and so may also be the content of the file that
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

/**
 * The serving database as a login that may only read, for SQL that is asked by hand; the same two
 * variables.
 */
export function givenReader(env: Environment, cwd: string): Promise<GivenUrl> {
  const where = 'PURCHASES_WAREHOUSE_READER';
  const text = env[where];
  return orOfFile(where, text ? { text, origin: 'environment', where } : undefined, env, cwd);
}

/**
 * What the variable says, or the content of the file that the variable of the same name and `_FILE`
 * names.
 */
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
  if (direct) return fault(`stands beside ${variable}: keep one`);
  try {
    const text = (await readFile(resolve(cwd, file), 'utf8')).trim();
    return { given: { text, origin: 'environment', where }, faults: [] };
  } catch (error) {
    return fault(`cannot be read: ${messageOf(error)}`);
  }
}
