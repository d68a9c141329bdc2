import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/**
 * Reads the default export of a TypeScript or JavaScript file. TypeScript needs tsx, since Node 20
 * cannot load it. Throws what the file throws, and a plain `Error` without a default export.
 */
export async function readModule(file: string): Promise<unknown> {
  const { href } = pathToFileURL(file);
  const module: unknown = /\.m?ts$/.test(file)
    ? await importTypeScript(href)
    : await importLatest(file, href);
  const value = defaultOf(module);
  if (value === undefined) throw new Error('has no default export: export default { … }');
  // In a CommonJS package, the default export is the default of the default.
  return defaultOf(value) ?? value;
}

async function importTypeScript(href: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(href, import.meta.url);
}

/** Imports a module under an address with its modification time, since Node caches modules. */
async function importLatest(file: string, href: string): Promise<unknown> {
  const { mtimeMs } = await stat(file);
  return import(`${href}?modified=${mtimeMs}`);
}

function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module
    ? module.default
    : undefined;
}
