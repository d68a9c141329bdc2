import type { z } from 'zod';
import { faultOf } from './faults.ts';

/** Adds a check to a shape: the message of the error that `read` throws is the fault. */
export function readable<Shape extends z.ZodType>(
  shape: Shape,
  read: (value: z.output<Shape>) => unknown,
): Shape {
  return shape.superRefine((value, context) => {
    const message = faultOf(() => read(value));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}
