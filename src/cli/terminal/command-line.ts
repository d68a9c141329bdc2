import { redactArgument } from '../../config/redact-url.ts';
import type { Io } from './io.ts';

/** The command line without passwords, for the ledger and for messages about a lock. */
export const commandLine = ({ argv }: Pick<Io, 'argv'>): string =>
  ['purchases', ...argv.map(redactArgument)].join(' ');
