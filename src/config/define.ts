import type { ConfigInput } from './shape/shape.ts';

export type { ConfigInput } from './shape/shape.ts';

/**
 * A configuration as it is, typed: `export default defineConfig({ … })` in `purchases.config.ts`.
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
