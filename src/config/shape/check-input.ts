import { checkShape, type ShapeFault } from './check-shape.ts';
import { checkSources } from './check-sources.ts';
import { checkText } from '../check-text.ts';
import type { ConfigInput } from './shape.ts';

/** Checks a file's value: its shape, its texts, and the consistency of its sources. */
export function checkInput(value: unknown): { input: ConfigInput; faults: ShapeFault[] } {
  const shape = checkShape(value);
  const faults = [...shape.faults, ...checkText(value), ...checkSources(value)];
  return { input: shape.input, faults };
}
