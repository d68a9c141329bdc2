export { type ConfigInput, defineConfig } from './config/define.ts';
export * from './errors.ts';
