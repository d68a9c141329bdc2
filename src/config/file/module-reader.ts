import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/**
 * The default export of a TypeScript or JavaScript file. tsx is loaded for TypeScript alone: Node
 * 20 reads none. Throws what the file throws, and a plain `Error` where it has no default export.
 */
export async function readModule(file: string): Promise<unknown> {
  const { href } = pathToFileURL(file);
  const module: unknown = /\.m?ts$/.test(file)
    ? await importTypeScript(href)
    : await importFresh(file, href);
  const value = defaultOf(module);
  if (value === undefined) throw new Error('has no default export: export default { … }');
  // In a folder whose package is CommonJS the default export arrives as the default of the default.
  return defaultOf(value) ?? value;
}

async function importTypeScript(href: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(href, import.meta.url);
}

/** Node keeps a module for good, so that a changed file needs another address. */
async function importFresh(file: string, href: string): Promise<unknown> {
  const { mtimeMs } = await stat(file);
  return import(`${href}?modified=${mtimeMs}`);
}

function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module
    ? module.default
    : undefined;
}
