import { build, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A text in a file below src/ and its replacement. */
export type Edit = { file: string; from: string; to: string };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Replaces texts in the product's files. Error: a text to replace is missing. */
const planting = (edits: readonly Edit[]): Plugin => ({
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

/**
 * Bundles a module of the repository into `outfile`, with other text in some files of the product.
 * Packages stay external. Error: a text to replace is missing.
 */
export async function bundleWith(
  edits: readonly Edit[],
  entryPoint: string,
  outfile: string,
): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    alias: { '#package.json': './package.json' },
    plugins: [planting(edits)],
    logLevel: 'error',
  });
}
