import type { DataFile } from '../records.ts';
import type { BronzeToSilverTask, LiveObject, Workplace } from './engine.ts';

/** What a row says of whom it is about, as the rules read it; every value is text or null. `raw` is the row as it was read. */
export type NobodysRow = {
  email: string | null;
  name: string | null;
  malformed: boolean;
  raw: string;
};

/** Who is looked for. */
export type Wanted = {
  customer(id: string | null, key: string | null): boolean;
  /** Whole purchases, whoever their versions name; undefined where none is looked for. */
  purchase?(source: string, purchaseId: string): boolean;
  /** A row that counts for nobody: malformed, or without a customer that can be read. */
  nobodys(row: NobodysRow): boolean;
};

/**
 * A row of a bronze object, 1 being the first. `theirs`: the row is to go. Otherwise it is a line of somebody else's purchase
 * which names the wanted customer: just what says so is to go.
 */
export type FoundRow = { object: string; row: number; theirs: boolean };

/** Finds people in the lake by the rules that make silver. One adapter an engine. */
export type Finder = {
  /** Error: `CustomerIdsCollide` where rows of live objects, but for some of them, have a customer_id that the registry gave to a key. */
  mustNotCollide(
    work: Workplace,
    lake: { live: LiveObject[]; keys: { files: DataFile[] } },
    except: readonly string[],
  ): Promise<void>;
  /** Rows of bronze objects that are wanted; objects that cannot be read as rows have none. */
  rows(work: Workplace, task: BronzeToSilverTask, wanted: Wanted): Promise<FoundRow[]>;
  /** Writes Parquet files that have a customer_id once more as one, without some customers; undefined where none of them has any. */
  without(
    work: Workplace,
    files: readonly DataFile[],
    customers: readonly number[],
    key: string,
  ): Promise<DataFile | undefined>;
};
