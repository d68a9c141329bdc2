import {
  BRONZE,
  CATALOG,
  CUSTOMER_KEYS,
  FX,
  GOLD,
  LEDGER,
  QUARANTINE,
  REFERENCE,
  RUNS,
  SILVER,
} from '../../src/lake/layout.ts';

/**
 * The permissions of a function or job; `grants.ts` turns them into policy statements. Folders are
 * relative to the lake.
 */
export type Access = {
  /** Folders whose objects it reads. */
  reads: readonly string[];
  /**
   * Folders in which it writes objects. No function or job may delete objects: only vacuum and
   * erase do, from a command line.
   */
  writes: readonly string[];
  /** Reads the catalog's tables, or also writes them. */
  catalog?: 'reads' | 'writes';
  /** Logs in to the serving database. */
  warehouse?: true;
  /** Starts executions of the state machine. */
  starts?: true;
};

export type FunctionSpec = Access & {
  /** The folder of its bundle: with or without DuckDB. */
  bundle: 'light' | 'duckdb';
  /** The file of its handler. */
  file: string;
  seconds: number;
  memoryMb: number;
  diskMb: number;
};

/** Every function, by the name of its state if it has one. */
export const FUNCTIONS = {
  Trigger: {
    bundle: 'light',
    file: 'lambda_trigger_step_function',
    seconds: 60,
    memoryMb: 256,
    diskMb: 512,
    reads: [],
    writes: [],
    starts: true,
  },
  Plan: {
    bundle: 'duckdb',
    file: 'plan',
    seconds: 900,
    memoryMb: 2048,
    diskMb: 2048,
    reads: [LEDGER, RUNS, REFERENCE, SILVER, QUARANTINE],
    writes: [RUNS],
    catalog: 'reads',
    warehouse: true,
  },
  BronzeToSilver: {
    bundle: 'duckdb',
    file: 'bronze-to-silver',
    seconds: 900,
    memoryMb: 4096,
    diskMb: 10_240,
    reads: [LEDGER, RUNS, BRONZE, REFERENCE, SILVER, QUARANTINE],
    writes: [RUNS, SILVER, QUARANTINE],
  },
  SilverToGold: {
    bundle: 'duckdb',
    file: 'silver-to-gold',
    seconds: 900,
    memoryMb: 4096,
    diskMb: 10_240,
    reads: [LEDGER, RUNS, SILVER, GOLD],
    writes: [CUSTOMER_KEYS, RUNS, GOLD],
  },
  SilverToGoldTask: {
    bundle: 'light',
    file: 'silver-to-gold-task',
    seconds: 900,
    memoryMb: 1024,
    diskMb: 512,
    reads: [LEDGER, RUNS],
    writes: [RUNS],
  },
  Commit: {
    bundle: 'light',
    file: 'commit',
    seconds: 300,
    memoryMb: 1024,
    diskMb: 512,
    reads: [LEDGER, RUNS],
    writes: [LEDGER],
  },
  Publish: {
    bundle: 'light',
    file: 'publish',
    seconds: 300,
    memoryMb: 512,
    diskMb: 512,
    reads: [LEDGER, CATALOG],
    writes: [CATALOG],
    catalog: 'writes',
  },
  GoldToRds: {
    bundle: 'duckdb',
    file: 'gold-to-rds',
    seconds: 900,
    memoryMb: 4096,
    diskMb: 10_240,
    reads: [LEDGER, RUNS, GOLD],
    writes: [RUNS],
    warehouse: true,
  },
  GoldToRdsTask: {
    bundle: 'light',
    file: 'gold-to-rds-task',
    seconds: 900,
    memoryMb: 1024,
    diskMb: 10_240,
    reads: [LEDGER, RUNS, GOLD],
    writes: [RUNS],
    warehouse: true,
  },
  UpsertSync: {
    bundle: 'light',
    file: 'lambda_upsert_sync',
    seconds: 900,
    memoryMb: 512,
    diskMb: 512,
    reads: [LEDGER, RUNS],
    writes: [RUNS],
    warehouse: true,
  },
  NotifyFailure: {
    bundle: 'light',
    file: 'notify-failure',
    seconds: 60,
    memoryMb: 256,
    diskMb: 512,
    reads: [],
    writes: [],
  },
  Sweep: {
    bundle: 'light',
    file: 'sweep',
    seconds: 60,
    memoryMb: 256,
    diskMb: 512,
    reads: [],
    writes: [],
    starts: true,
  },
  FetchRates: {
    bundle: 'light',
    file: 'fetch-rates',
    seconds: 120,
    memoryMb: 512,
    diskMb: 512,
    reads: [FX],
    writes: [FX],
  },
} as const satisfies Record<string, FunctionSpec>;

export type FunctionName = keyof typeof FUNCTIONS;

/**
 * Every Glue job, by the name of its state; the script is named after it. Spark writes part files
 * under its own names and removes them afterwards, only below `_runs/`.
 */
export const JOBS = {
  BronzeToSilver: {
    script: 'bronze_to_silver_job.py',
    reads: [LEDGER, RUNS, BRONZE, REFERENCE, SILVER, QUARANTINE],
    writes: [RUNS, SILVER, QUARANTINE],
  },
  SilverToGold: {
    script: 'silver_to_gold_job.py',
    reads: [LEDGER, RUNS, SILVER, GOLD],
    writes: [CUSTOMER_KEYS, RUNS, GOLD],
  },
  GoldToRds: {
    script: 'gold_to_rds_job.py',
    reads: [LEDGER, RUNS, GOLD],
    writes: [RUNS],
    warehouse: true,
  },
} as const satisfies Record<string, Access & { script: string }>;

export type JobName = keyof typeof JOBS;
