import { join } from 'node:path';

import type { RatesFile } from '../../../lake/ports/engine.ts';
import { ratesByDay } from '../../../medallion/rates.ts';
import { csvFiles, parquet } from '../files.ts';
import { writeParquet } from '../parquet.ts';
import { hasRows, type Session } from '../session.ts';

const RATES = `columns = {currency: 'VARCHAR', rate_date: 'DATE', rate_aud: 'DECIMAL(18,12)'}`;

/**
 * The canonical CSV as a relation: currency, rate_date, rate. The package's own table is gzip, and
 * named so.
 */
const ratesRelation = (session: Session, path: string): string =>
  `(select currency, rate_date, rate_aud as rate from ${csvFiles(session, [path], RATES, path.endsWith('.gz') ? 'gzip' : 'none')})`;

/** Makes the table `rates_by_day` of all rates. */
export const allRates = (session: Session, rates: RatesFile): Promise<void> =>
  ratesFrom(session, rates, undefined);

const RECENT_YEARS = 5;

/**
 * Makes `rates_by_day` of the last rates before a day of arrival (YYYY-MM-DD): purchases are seldom
 * older, and a table of all years takes a quarter of a second to make, and hashing it for every
 * batch as long again. Whether older rates were wanted, `lackedOlderRates` tells.
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
 * Makes the same tables as `recentRates` in several sessions: the first that asks reads the rates,
 * the others what it wrote of them into the scratch folder.
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
 * The currencies that had a rate on any day, and AUD: of all years, though `rates_by_day` may have
 * the last ones only.
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
  // A session has one file of rates.
  await session.run(
    `create temp table if not exists rates as from ${ratesRelation(session, path)}`,
  );
  const wanted =
    since === undefined
      ? 'rates'
      : `(select * from rates where rate_date >= ${since} - ${maxAgeDays})`;
  await session.run(
    `create or replace temp table rates_by_day as ${ratesByDay(wanted, maxAgeDays)}`,
  );
  await session.run(`set variable rates_since = ${since ?? 'null'}`);
}

/**
 * Whether rows of local silver and quarantine files are without a rate that is among the older
 * ones. Where any row is older than `rates_by_day`, that table has all rates afterwards.
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
