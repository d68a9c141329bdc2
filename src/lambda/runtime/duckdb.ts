import { duckdbEngine } from '../../engines/duckdb/engine.ts';
import type { OpenEngine } from './wiring.ts';

/** DuckDB for the functions that transform; it spills to the function's own disk. */
export const openDuckdb: OpenEngine = (memoryLimit) => duckdbEngine({ memoryLimit });
