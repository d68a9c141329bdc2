import { redactArgument } from '../../config/redact-url.ts';
import type { Io } from './io.ts';

/**
 * The command as it was given, for the ledger and for whoever finds the lake taken: no password in
 * it.
 */
export const commandLine = ({ argv }: Pick<Io, 'argv'>): string =>
  ['purchases', ...argv.map(redactArgument)].join(' ');
