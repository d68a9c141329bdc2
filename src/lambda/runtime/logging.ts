import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { PurchasesError } from '../../errors.ts';

/**
 * Log and metrics of a function. Service, namespace and level come from the stack's POWERTOOLS_
 * variables.
 */
export const logger = new Logger();
export const metrics = new Metrics();

/**
 * Engines and drivers quote the value that they choke on, and a value may be a name or an e-mail
 * address.
 */
const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`|\([^()]*\)=\([^()]*\)/g;
const MESSAGE_LIMIT = 1000;

/**
 * The error as it may be seen in logs and in an execution's history: the class name, on which Retry
 * and Catch go, and the message; of an error that is not the product's own without what it quotes.
 * Nothing else hangs on it, since the runtime prints all that does.
 */
export function presentable(error: unknown): Error {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const hint = error instanceof PurchasesError ? error.hint : undefined;
  const said = error instanceof PurchasesError ? message : message.replaceAll(QUOTED, '…');
  const shown = new Error([said, hint].filter(Boolean).join(' ').slice(0, MESSAGE_LIMIT));
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return Object.assign(shown, { name, stack: [`${name}: ${shown.message}`, ...frames].join('\n') });
}
