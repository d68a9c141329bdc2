import picocolors from 'picocolors';

import type { Io } from './io.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: as `NO_COLOR` and `FORCE_COLOR` say, else where the stream is a terminal that has them. */
export function coloursFor({ env }: Io, stream: { isTTY?: boolean }): Colours {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const able = stream.isTTY === true && env['TERM'] !== 'dumb';
  return picocolors.createColors((env['NO_COLOR'] ?? '') === '' && (forced || able));
}
