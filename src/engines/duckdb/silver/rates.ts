import { join } from 'node:path';

import type { RatesFile } from '../../../lake/ports/engine.ts';
import { ratesByDay } from '../../../medallion/rates.ts';
import { csvFiles, parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { hasRows, type Session } from '../session.ts';

const RATES = `columns = {currency: 'VARCHAR', rate_date: 'DATE', rate_aud: 'DECIMAL(18,12)'}`;

/**
 * A table expression over the canonical CSV: currency, rate_date, rate. The table shipped with the
 * package is gzip and ends in `.gz`.
 */
const ratesRelation = (session: Session, path: string): string =>
  `(select currency, rate_date, rate_aud as rate from ${csvFiles(session, [path], RATES, path.endsWith('.gz') ? 'gzip' : 'none')})`;

/** Creates the table `rates_by_day` from all rates. */
export const allRates = (session: Session, rates: RatesFile): Promise<void> =>
  ratesFrom(session, rates, undefined);

const RECENT_YEARS = 5;

/**
 * Creates `rates_by_day` from the rates of the last years before a day of arrival (YYYY-MM-DD).
 * Older purchases are rare; a table of all years takes 0.25 s to build and the same again to hash
 * for every batch. `lackedOlderRates` detects rows that need an older rate.
 */
export async function recentRates(
  session: Session,
  rates: RatesFile,
  arrivalDay: string,
): Promise<void> {
  await ratesFrom(session, rates, firstDay(arrivalDay));
  await session.run(
    `create or replace temp table rated_currencies as select distinct currency from rates where currency <> 'AUD'`,
  );
}

const firstDay = (arrivalDay: string): string =>
  `date '${Number(arrivalDay.slice(0, 4)) - RECENT_YEARS}-01-01'`;

/**
 * Creates the tables of `recentRates` in several sessions: the first session reads the rates and
 * writes the tables to the scratch folder, the others read them from there.
 */
export function recentRatesOnce(
  rates: RatesFile,
  arrivalDay: string,
  scratch: string,
): (session: Session) => Promise<void> {
  let first: Promise<string[]> | undefined;
  const tables = ['rates_by_day', 'rated_currencies'];
  const read = async (session: Session): Promise<string[]> => {
    await recentRates(session, rates, arrivalDay);
    const paths = tables.map((table) => join(scratch, `${table}.parquet`));
    for (const [index, path] of paths.entries())
      await writeParquet(session, `from ${tables[index]}`, path);
    return paths;
  };
  return async (session) => {
    if (first === undefined) return void (await (first = read(session)));
    for (const [index, path] of (await first).entries())
      await session.run(`create temp table ${tables[index]} as from ${parquet(session, [path])}`);
    await session.run(`set variable rates_since = ${firstDay(arrivalDay)}`);
  };
}

/**
 * AUD and all currencies with a rate on any day, including years that `rates_by_day` leaves out.
 */
export async function knownCurrencies(session: Session): Promise<string[]> {
  const rows = await session.rows('select currency from rated_currencies order by currency');
  return ['AUD', ...rows.map(({ currency }) => currency ?? '')];
}

async function ratesFrom(
  session: Session,
  { path, maxAgeDays }: RatesFile,
  since: string | undefined,
): Promise<void> {
  // A session reads one file of rates only.
  await session.run(
    `create temp table if not exists rates as from ${ratesRelation(session, path)}`,
  );
  const source =
    since === undefined
      ? 'rates'
      : `(select * from rates where rate_date >= ${since} - ${maxAgeDays})`;
  await session.run(
    `create or replace temp table rates_by_day as ${ratesByDay(source, maxAgeDays)}`,
  );
  await session.run(`set variable rates_since = ${since ?? 'null'}`);
}

/**
 * Returns true if a row of local silver and quarantine files lacks a rate that an older year has.
 * Loads all rates into `rates_by_day` if any row is older than that table.
 */
export async function lackedOlderRates(
  session: Session,
  rates: RatesFile,
  files: readonly string[],
): Promise<boolean> {
  if (files.length === 0) return false;
  const unrated = `(select currency, purchase_date from ${parquet(session, files)} where rate is null and currency is not null) u`;
  if (
    !(await hasRows(
      session,
      `${unrated} where purchase_date < cast(getvariable('rates_since') as date)`,
    ))
  )
    return false;
  await allRates(session, rates);
  return hasRows(
    session,
    `${unrated} join rates_by_day r on r.currency = u.currency and r.rate_day = u.purchase_date`,
  );
}
