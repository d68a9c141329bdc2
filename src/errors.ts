/** The exit status of a failure, as documented for scripts (SPEC section 13). */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143;

/**
 * A failure that the user can act on: `message` says what happened and where, `hint` what to do.
 * A broken invariant of our own stays a plain `Error`. The class name is the error name that
 * the state machine's `Retry` and `Catch` see.
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
 * The configuration file, the environment or a flag holds values that cannot be used; every fault
 * is in the message.
 */
export class ConfigInvalid extends PurchasesError {
  readonly exitCode = 2;
}

/** The lake that a command should read is not there: most likely its name is mistyped. */
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
 * A key that no store takes, or a path in the lake that is no plain file of its own (a link, a
 * pipe, a device).
 */
export class KeyRefused extends PurchasesError {
  readonly exitCode = 1;
}

/** An object that was asked for is not there. */
export class ObjectMissing extends PurchasesError {
  readonly exitCode = 1;
}

/** The disk refused a read or a write: full, read-only, no permission, too many open files. */
export class DiskFailed extends PurchasesError {
  readonly exitCode = 1;
}

/** Another writer took the sequence number first: plan again on top of its commit. */
export class LedgerConflict extends PurchasesError {
  readonly exitCode = 1;
}

/** A ledger object or a file that it names is missing or does not hold what was recorded. */
export class LedgerDamaged extends PurchasesError {
  readonly exitCode = 1;
}

/** A newer version of this package wrote the lake: it may mean what this one cannot know. */
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
 * A row has a customer_id that the registry of customer keys gave to somebody else (SPEC section
 * 4).
 */
export class CustomerIdsCollide extends PurchasesError {
  readonly exitCode = 1;
}

/** No integer is left to give to a new customer key. */
export class CustomerIdsExhausted extends PurchasesError {
  readonly exitCode = 1;
}

/** The engine that was asked for does not run here: something that it stands on is missing. */
export class EngineUnavailable extends PurchasesError {
  readonly exitCode = 2;
}

/** A staged load does not start at the seq that the table holds: stage anew. */
export class LoadStale extends PurchasesError {
  readonly exitCode = 1;
}

/** A staged load lacks rows. */
export class LoadIncomplete extends PurchasesError {
  readonly exitCode = 1;
}

/** The serving table holds rows that this lake did not write: adopt or repair decide. */
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

/** The embedded serving database cannot be read: `repair` builds it again from gold. */
export class WarehouseDamaged extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * The database was migrated by other code than this: a newer version, or a migration that was
 * edited.
 */
export class MigrationConflict extends PurchasesError {
  readonly exitCode = 1;
}

/** Nobody in the lake has that customer_id, customer key or e-mail address, or several have it. */
export class CustomerUnknown extends PurchasesError {
  readonly exitCode = 1;
}

/** A customer's purchases do not add up to what gold says: never told as if it were true. */
export class ExplanationUntrue extends PurchasesError {
  readonly exitCode = 1;
}

/**
 * Somebody cannot be erased without changing what is said of others, or from a store that cannot
 * keep times.
 */
export class EraseRefused extends PurchasesError {
  readonly exitCode = 1;
}

/** A query that is not one read-only SELECT, or that the engine refuses. */
export class QueryRefused extends PurchasesError {
  readonly exitCode = 2;
}

/** A remote service or its credentials failed. */
export class RemoteFailed extends PurchasesError {
  readonly exitCode = 6;
}

/** A remote service refuses the credentials or what they may do: trying again is no help. */
export class RemoteRefused extends PurchasesError {
  readonly exitCode = 6;
}

/** A state's input or output is larger than Step Functions carries. */
export class PayloadTooLarge extends PurchasesError {
  readonly exitCode = 1;
}

/** A state of the workflow failed for good; `cause` is what it threw. */
export class RunFailed extends PurchasesError {
  readonly exitCode = 1;
}

/** An event that is none of the documented shapes, or whose key cannot be decoded. */
export class EventInvalid extends PurchasesError {
  readonly exitCode = 1;
}

/** A function came near its time limit: the work is too large for it. */
export class OutOfTime extends PurchasesError {
  readonly exitCode = 1;
}

/** The user asked to stop. */
export class Interrupted extends PurchasesError {
  readonly exitCode = 130;
}

/** The system told the process to end. */
export class Terminated extends PurchasesError {
  readonly exitCode = 143;
}

/**
 * Why a signal stopped the work, for what was thrown because of it: Ctrl-C unless the signal says
 * otherwise.
 */
export const stopReason = (signal: AbortSignal, cause: unknown): PurchasesError =>
  signal.reason instanceof PurchasesError
    ? signal.reason
    : new Interrupted('The command was stopped.', { cause });
