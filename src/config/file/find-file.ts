import { readdir, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Fault } from '../shape/faults.ts';
import type { Given } from '../overrides.ts';

const NAMES = [
  'purchases.config.ts',
  'purchases.config.js',
  'purchases.config.json',
  'purchases.config.yaml',
];
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml'];

/**
 * Finds the configuration file: the one that is named, otherwise the one in the working folder. No
 * file is valid, two are an error.
 */
export async function findFile(
  cwd: string,
  named: Given | undefined,
): Promise<{ file: string | undefined; faults: Fault[] }> {
  return named === undefined ? findInFolder(cwd) : findNamed(resolve(cwd, named.text), named.where);
}

async function findNamed(
  file: string,
  where: string,
): Promise<{ file: string | undefined; faults: Fault[] }> {
  const refused = (message: string) => ({ file: undefined, faults: [{ where, message }] });
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return refused(`there is no file ${file}`);
  if (!found.isFile()) return refused(`${file} is not a file`);
  if (!EXTENSIONS.includes(extname(file)))
    return refused(`${file} must end in one of ${EXTENSIONS.join(' ')}`);
  return { file, faults: [] };
}

async function findInFolder(cwd: string): Promise<{ file: string | undefined; faults: Fault[] }> {
  const entries = await readdir(cwd).catch((): string[] => []);
  const found = NAMES.filter((name) => entries.includes(name));
  const faults: Fault[] = [];
  if (found.length > 1)
    faults.push({
      where: cwd,
      message: `contains ${found.join(' and ')}: keep one of them, or name one with --config`,
    });
  // An error is better than a file that is silently ignored.
  for (const name of entries.filter((entry) =>
    /^purchases\.config\.(?:[cm][jt]s|yml|jsonc|json5|toml)$/.test(entry),
  ))
    faults.push({
      where: resolve(cwd, name),
      message: `is ignored: rename it to one of ${NAMES.join(', ')}, or name it with --config`,
    });
  const [name] = found;
  return { file: name === undefined || faults.length > 0 ? undefined : resolve(cwd, name), faults };
}
