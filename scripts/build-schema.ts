import { writeFile } from 'node:fs/promises';
import { configJsonSchema } from '../src/config/shape/json-schema.ts';

// npx tsx scripts/build-schema.ts
const file = new URL('../purchases.schema.json', import.meta.url);
await writeFile(file, `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
