import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';

/** A text in a file below src/ and its replacement. */
export type Edit = { file: string; from: string; to: string };

/**
 * Bundles the product with other text in some of its files. Error: a text to replace is missing.
 */
export const planting = (edits: readonly Edit[]): Plugin => ({
  name: 'planting',
  setup({ onLoad }) {
    for (const file of new Set(edits.map((one) => one.file)))
      onLoad({ filter: new RegExp(`/src/${file.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const { from, to } of edits.filter((one) => one.file === file)) {
          if (!contents.includes(from)) throw new Error(`${file} does not contain ${from}`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'ts' };
      });
  },
});
