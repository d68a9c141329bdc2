/** The median, the minimum and the maximum. */
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

export type Point = { x: number; y: number };

/**
 * The line y = a + b x with the least squares of relative error, so that small lakes count as much
 * as large ones.
 */
export function fitLine(points: readonly Point[]): { a: number; b: number } {
  return leastSquares(points.map(({ x, y }) => ({ x, y, w: 1 / (y * y) })));
}

/**
 * The k of y = c x^k with the least squares of the logarithms: 0 if y does not grow, 1 if it grows
 * linearly.
 */
export function fitExponent(points: readonly Point[]): number {
  return leastSquares(points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y), w: 1 }))).b;
}

function leastSquares(points: readonly (Point & { w: number })[]): { a: number; b: number } {
  const sum = (of: (p: Point & { w: number }) => number): number =>
    points.reduce((total, point) => total + of(point), 0);
  const [w, wx, wy] = [sum((p) => p.w), sum((p) => p.w * p.x), sum((p) => p.w * p.y)];
  const b =
    (w * sum((p) => p.w * p.x * p.y) - wx * wy) / (w * sum((p) => p.w * p.x * p.x) - wx * wx);
  return { a: (wy - b * wx) / w, b };
}
