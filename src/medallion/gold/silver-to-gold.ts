import type { Dialect } from '../sql/dialect.ts';
import { GOLD_COLUMNS, names } from '../layers.ts';
import { NAME_LENGTH } from '../sql/text.ts';

/**
 * Range of `arrival` below the day in the key that orders names and addresses: room for 2 x 10^12
 * rows.
 */
const ARRIVAL_RANGE = 2n ** 41n;

/**
 * The display name that a purchase has for its customer (SPEC section 7). Most names are short:
 * cutting and trimming all of them would take half of the time of gold.
 */
export const DISPLAY_NAME = `case when full_name is not null then full_name
    when first_name is null then last_name
    when last_name is null then first_name
    when length(first_name) + length(last_name) < ${NAME_LENGTH} then first_name || ' ' || last_name
    else rtrim(substr(concat_ws(' ', first_name, last_name), 1, ${NAME_LENGTH})) end`;

/**
 * A unique key that orders the names and addresses of purchases: by purchase date, then by arrival.
 */
const newest = (dialect: Dialect): string =>
  `${dialect.dayNumber('purchase_date')} * ${ARRIVAL_RANGE} + arrival`;

const TOTALS = `try_cast(sum(amount_aud) as decimal(18,2)) as total_spent_aud,
  min(bought) as first_purchase_date,
  max(bought) as last_purchase_date,
  cast(count(bought) as int) as purchase_count`;
const BOUGHT = 'case when amount >= 0 then purchase_date end as bought';

/**
 * One row for each customer, from the purchases that count (SPEC section 7). `winners` has silver's
 * columns and `arrival`, without deletes and with every `customer_id` resolved. `total_spent_aud`
 * is null where it does not fit DECIMAL(18,2): the caller must look for one and fail the run.
 */
export const customers = (dialect: Dialect, winners: string): string => `select customer_id,
  max_by(display_name, newest) filter (where display_name is not null) as full_name,
  max_by(email, newest) filter (where email is not null) as email,
  ${TOTALS}
from (
  select customer_id, email, amount_aud, ${newest(dialect)} as newest, ${BOUGHT}, ${DISPLAY_NAME} as display_name
  from ${winners}
) counting
group by customer_id`;

/** The arrival in a value of `newest`, whose day may be before 1970. */
const arrivalIn = (place: string): string =>
  `(${place} % ${ARRIVAL_RANGE} + ${ARRIVAL_RANGE}) % ${ARRIVAL_RANGE}`;

/**
 * `customers` in two steps, for an engine that would copy a name and an address for each purchase
 * newer than those before it. This step computes the totals and the dates, and as `name_at` and
 * `email_at` the arrivals of the versions whose name and address count.
 */
export const customerPlaces = (dialect: Dialect, winners: string): string => `select customer_id,
  ${arrivalIn('max(newest) filter (where has_name)')} as name_at,
  ${arrivalIn('max(newest) filter (where has_email)')} as email_at,
  ${TOTALS}
from (
  select customer_id, has_name, has_email, amount_aud, ${newest(dialect)} as newest, ${BOUGHT}
  from ${winners}
) counting
group by customer_id`;

/**
 * The customers of `places` (see `customerPlaces`), with their texts. `namesByArrival` has the
 * columns arrival and display_name, `emailsByArrival` arrival and email, for every arrival in
 * `places`.
 */
export const customersAt = (
  places: string,
  namesByArrival: string,
  emailsByArrival: string,
): string => `select c.customer_id,
  n.display_name as full_name, e.email, c.total_spent_aud, c.first_purchase_date, c.last_purchase_date, c.purchase_count
from ${places} c left join ${namesByArrival} n on n.arrival = c.name_at left join ${emailsByArrival} e on e.arrival = c.email_at`;

const columns = names(GOLD_COLUMNS);

/**
 * A digest of a whole gold table that does not depend on the order of its rows: the columns
 * `row_count` and `digest`, a sum of row digests.
 */
export function goldDigest(dialect: Dialect, gold: string): string {
  const cells = columns.map((column) => `coalesce(cast(${column} as string), chr(30))`).join(', ');
  return `select count(*) as row_count, cast(coalesce(sum(${dialect.digest(`concat_ws(chr(31), ${cells})`)}), 0) as string) as digest from ${gold}`;
}
