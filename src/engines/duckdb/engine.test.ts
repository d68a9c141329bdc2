import { afterAll } from 'vitest';

import { engineConformance } from '../../lake/ports/engine.conformance.ts';
import { duckdbEngine } from './engine.ts';

const engine = duckdbEngine({ memoryLimit: '500MB', threads: 2 });
afterAll(() => engine.close());

engineConformance('DuckDB', () => engine);
