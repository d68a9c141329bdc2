/** The exit status of a failure, as documented for scripts (SPEC section 13). */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143;

/**
 * A failure that the user can act on: `message` describes what happened and where, `hint` what to
 * do. A broken invariant of this code is a plain `Error`. The class name is the error name in the
 * state machine's `Retry` and `Catch`.
 */
export abstract class PurchasesError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** Wrong flags or arguments. */
export class UsageError extends PurchasesError {
  readonly exitCode = 2;
}

/**
 * The configuration file, the environment or a flag holds invalid values; the message lists all of
 * them.
 */
export class ConfigInvalid extends PurchasesError {
  readonly exitCode = 2;
}

/** The lake does not exist: most likely its name is mistyped. */
export class LakeMissing extends PurchasesError {
  readonly exitCode = 2;
}

/** Exchange rates that contradict each other or cannot be read (SPEC section 5). */
export class RatesInvalid extends PurchasesError {
  readonly exitCode = 1;
}

/** Another process holds the lake. */
export class LakeBusy extends PurchasesError {
  readonly exitCode = 5;
}

/**
 * A key that no store accepts, or a path in the lake that is not a regular file (a link, pipe or
 * device).
 */
export class KeyRefused extends PurchasesError {
  readonly exitCode = 1;
}

/** A requested object does not exist. */
export class ObjectMissing extends PurchasesError {
  readonly exitCode = 1;
}

/** A read or write of the disk failed: full, read-only, no permission, too many open files. */
export class DiskFailed extends PurchasesError {
  readonly exitCode = 1;
}

/** Another writer took the sequence number first: plan again on top of its commit. */
export class LedgerConflict extends PurchasesError {
  readonly exitCode = 1;
}

/** A ledger object or a file that it names is missing or differs from what was recorded. */
export class LedgerDamaged extends PurchasesError {
  readonly exitCode = 1;
}

/** A newer version of this package wrote the lake: its format may be unknown to this version. */
export class LakeTooNew extends PurchasesError {
  readonly exitCode = 1;
}

/** A bronze object changed while it was read: plan again. */
export class BronzeChanged extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * rows read <> accepted + duplicate + superseded + deleted + quarantined + erased (SPEC section 8).
 */
export class ConservationViolated extends PurchasesError {
  readonly exitCode = 1;
}

/** A customer's total does not fit DECIMAL(18,2) (SPEC section 5). */
export class TotalOutOfRange extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * A row has a customer_id that the registry of customer keys assigned to another customer (SPEC
 * section 4).
 */
export class CustomerIdsCollide extends PurchasesError {
  readonly exitCode = 1;
}

/** No integer is left for a new customer key. */
export class CustomerIdsExhausted extends PurchasesError {
  readonly exitCode = 1;
}

/** The requested engine cannot run here: a dependency of it is missing. */
export class EngineUnavailable extends PurchasesError {
  readonly exitCode = 2;
}

/** A staged load does not start at the table's seq and must be staged again. */
export class LoadStale extends PurchasesError {
  readonly exitCode = 1;
}

/** A staged load lacks rows. */
export class LoadIncomplete extends PurchasesError {
  readonly exitCode = 1;
}

/** The serving table holds rows that this lake did not write: use adopt or repair. */
export class WarehouseForeign extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * A serving table whose columns, key, triggers or rules could change or refuse what is written to
 * it.
 */
export class WarehouseSchema extends PurchasesError {
  readonly exitCode = 1;
}

/** The embedded serving database cannot be read: `repair` rebuilds it from gold. */
export class WarehouseDamaged extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * The database was migrated by other code: a newer version, or an edited migration.
 */
export class MigrationConflict extends PurchasesError {
  readonly exitCode = 1;
}

/** No customer, or several, have the given customer_id, customer key or e-mail address. */
export class CustomerUnknown extends PurchasesError {
  readonly exitCode = 1;
}

/** A customer's purchases do not add up to the row of gold, so no explanation is shown. */
export class ExplanationUntrue extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * A person cannot be erased: it would change data of other customers, or the store cannot keep
 * last-modified times.
 */
export class EraseRefused extends PurchasesError {
  readonly exitCode = 1;
}

/** A query that is not one read-only SELECT, or that the engine rejects. */
export class QueryRefused extends PurchasesError {
  readonly exitCode = 2;
}

/** A remote service or its credentials failed. */
export class RemoteFailed extends PurchasesError {
  readonly exitCode = 6;
}

/** A remote service rejects the credentials or their permissions: retrying does not help. */
export class RemoteRefused extends PurchasesError {
  readonly exitCode = 6;
}

/** A state's input or output is larger than Step Functions carries. */
export class PayloadTooLarge extends PurchasesError {
  readonly exitCode = 1;
}

/** A state of the workflow failed and is not retried; `cause` is the error that it threw. */
export class RunFailed extends PurchasesError {
  readonly exitCode = 1;
}

/** An event that has none of the documented shapes, or a key that cannot be decoded. */
export class EventInvalid extends PurchasesError {
  readonly exitCode = 1;
}

/** A function came close to its time limit: the work is too large for it. */
export class OutOfTime extends PurchasesError {
  readonly exitCode = 1;
}

/** The user asked to stop. */
export class Interrupted extends PurchasesError {
  readonly exitCode = 130;
}

/** The system terminated the process. */
export class Terminated extends PurchasesError {
  readonly exitCode = 143;
}

/**
 * The error for work that a signal stopped: the signal's reason if it is a `PurchasesError`, else
 * `Interrupted` (Ctrl-C).
 */
export const stopReason = (signal: AbortSignal, cause: unknown): PurchasesError =>
  signal.reason instanceof PurchasesError
    ? signal.reason
    : new Interrupted('The command was stopped.', { cause });
