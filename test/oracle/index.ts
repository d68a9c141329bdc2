export { oracle } from './oracle.ts';
export type * from './types.ts';
export { randomLake } from './random-lake.ts';
