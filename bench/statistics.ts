/** The middle of the values, and how far they lie apart: (largest - smallest) / middle. */
export type Spread = { median: number; least: number; most: number };

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  };
}

/** The line y = a + b x with the least squares of relative error, so that the small lakes count as much as the large. */
export function fitLine(points: readonly { x: number; y: number }[]): { a: number; b: number } {
  const weighted = points.map(({ x, y }) => ({ x, y, w: 1 / (y * y) }));
  const sum = (of: (p: { x: number; y: number; w: number }) => number): number =>
    weighted.reduce((total, point) => total + of(point), 0);
  const [w, wx, wy] = [sum((p) => p.w), sum((p) => p.w * p.x), sum((p) => p.w * p.y)];
  const b =
    (w * sum((p) => p.w * p.x * p.y) - wx * wy) / (w * sum((p) => p.w * p.x * p.x) - wx * wx);
  return { a: (wy - b * wx) / w, b };
}
