import { z } from 'zod';
import { configShape } from './shape.ts';

/**
 * The JSON Schema of the configuration, for editors: draft 7, which they all read. Made of the
 * model that the reader uses.
 */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configShape, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: 'Configuration of the customer purchases pipeline',
    description: 'purchases.config.ts, .js, .json or .yaml; every key may be left out.',
    ...rest,
  };
}
