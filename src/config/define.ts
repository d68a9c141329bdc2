import type { ConfigInput } from './shape.ts';

export type { ConfigInput } from './shape.ts';

/** A configuration as it is, typed: `export default defineConfig({ … })` in `purchases.config.ts`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
