import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';

/** One place of a file below src/ and what stands there instead. */
export type Edit = { file: string; from: string; to: string };

/**
 * Builds the product with other text in some of its files. Error: an edit's place is not there any
 * more.
 */
export const planting = (edits: readonly Edit[]): Plugin => ({
  name: 'planting',
  setup({ onLoad }) {
    for (const file of new Set(edits.map((one) => one.file)))
      onLoad({ filter: new RegExp(`/src/${file.replaceAll('.', '\\.')}$`) }, async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const { from, to } of edits.filter((one) => one.file === file)) {
          if (!contents.includes(from)) throw new Error(`${file} does not say ${from} any more`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: 'ts' };
      });
  },
});
