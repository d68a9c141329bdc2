import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Document } from './document.ts';
import { type Fault, messageOf, type Path, pathText } from '../shape/faults.ts';

/**
 * The place of a path: `text` is `file:line:column`, `offset` counts from the start of the file.
 */
export type Place = { text: string; offset: number };

/**
 * A parsed file: its value, or its syntax errors. `locate` returns the place of a path, or of its
 * nearest parent if it is missing.
 */
export type ConfigFile = { value: unknown; faults: Fault[]; locate: (path: Path) => Place };

/**
 * Reads a configuration file by its extension. Messages name it `label`. The YAML and TypeScript
 * readers are loaded only when needed.
 */
export async function readConfigFile(file: string, label: string): Promise<ConfigFile> {
  const locate = () => ({ text: label, offset: 0 });
  try {
    const extension = extname(file);
    if (/^\.m?[jt]s$/.test(extension)) {
      const { readModule } = await import('./module-reader.ts');
      return { value: await readModule(file), faults: [], locate };
    }
    const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
    if (extension === '.json')
      return located(label, text, (await import('./json-reader.ts')).readJson(text));
    return located(label, text, (await import('./yaml-reader.ts')).readYaml(text));
  } catch (error) {
    const fault = { place: label, where: '', message: `cannot be read: ${messageOf(error)}` };
    return { value: undefined, faults: [fault], locate };
  }
}

function located(label: string, text: string, { value, offsets, faults }: Document): ConfigFile {
  const placeOf = (offset: number): Place => {
    const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
    return { text: `${label}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`, offset };
  };
  return {
    value,
    faults: faults.map(({ offset, message }) => ({
      place: placeOf(offset).text,
      where: '',
      message,
    })),
    locate(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const offset = offsets.get(pathText(path.slice(0, length)));
        if (offset !== undefined) return placeOf(offset);
      }
      return placeOf(0);
    },
  };
}
