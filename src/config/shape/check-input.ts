import { checkShape, type ShapeFault } from './check-shape.ts';
import { checkSources } from './check-sources.ts';
import { checkText } from '../check-text.ts';
import type { ConfigInput } from './shape.ts';

/**
 * A file's value as a configuration, or every fault of it: of its shape, and of what its parts say
 * together.
 */
export function checkInput(value: unknown): { input: ConfigInput; faults: ShapeFault[] } {
  const shape = checkShape(value);
  const faults = [...shape.faults, ...checkText(value), ...checkSources(value)];
  return { input: shape.input, faults };
}
