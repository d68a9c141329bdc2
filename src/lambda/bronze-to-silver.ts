import { openDuckdb } from './duckdb.ts';
import { stepHandler } from './step-handler.ts';

export const handler = stepHandler('BronzeToSilver', openDuckdb);
