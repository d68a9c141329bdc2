import type { ConfigInput } from './shape/shape.ts';

export type { ConfigInput } from './shape/shape.ts';

/** Returns its argument, with its type: `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
