import { openDuckdb } from './runtime/duckdb.ts';
import { stepHandler } from './runtime/step-handler.ts';

export const handler = stepHandler('GoldToRds', openDuckdb);
