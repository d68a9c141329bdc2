import { z } from 'zod';
import { configShape } from './shape.ts';

/**
 * Generates the JSON Schema of the configuration from the shape that the reader uses. Draft 7,
 * which all editors support.
 */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configShape, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: 'Configuration of the customer purchases pipeline',
    description: 'purchases.config.ts, .js, .json or .yaml; every key is optional.',
    ...rest,
  };
}
