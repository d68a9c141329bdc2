/** Names of generated customers, with non-ASCII letters, a hyphen, a blank and an apostrophe. */
export const FIRST_NAMES = [
  'Amelia Jack Olivia Noah Isla Oliver Matilda Leo Charlotte Henry Ruby Archie Zoë Lachlan Aroha Kai',
  'Priya Arjun Mei Wei Linh Minh Fatima Omar Chloé Søren Anneliese José Marie-Claire Tomasz Talia',
].flatMap((line) => line.split(' '));
export const LAST_NAMES = [
  "Smith,Nguyen,Williams,Brown,Wilson,Taylor,Singh,Patel,Chen,Kelly,O'Brien,Martin,Thompson,Walker",
  'Te Rangi,Harris,Ryan,Müller,Papadopoulos,Rossi,Kowalski,García,Kaur,Haddad,Jensen,McKenzie',
  'van der Berg,Yılmaz,Tran',
].flatMap((line) => line.split(','));

/**
 * Selects rows $first to $end of the data set, the rows of one CSV file. A row depends only on its
 * number and the seed, so threads and other files cannot change it. The random numbers come from an
 * MD5 digest, because DuckDB's hash() may change between versions; as one number (md5_number) a
 * digest takes 0.15 microseconds a row, md5_number_lower three times that.
 *
 * No bad row ends in an empty field: a comma before a line end would disable the readers' fast
 * path. The last three digits of the draw select the kind of a row: 0-4 repeat, 5-9 correction,
 * 10-14 bad, 15-24 refund, 25-34 odd but good, the rest plain. Repeats and corrections copy an
 * earlier row unless that row is bad, a repeat or a correction; then they are plain.
 */
export const GENERATE_FILE = `
with numbered as (
  select row_no, md5_number(concat($seed, '/', row_no)) as dice
  from range($first, $end) as r(row_no)
),
drawn as (
  select *, cast(dice & 4611686018427387903 as bigint) as draw
  from numbered
),
aimed as (
  select *, case when draw % 1000 < 10 and row_no > 0 then (draw >> 12) % row_no end as earlier_no
  from drawn
),
paired as (
  select *, case when earlier_no is not null then md5_number(concat($seed, '/', earlier_no)) end as earlier_dice
  from aimed
),
classified as (
  select *, earlier_dice is not null and cast(earlier_dice & 4611686018427387903 as bigint) % 1000 >= 15 as follows
  from paired
),
chosen as (
  select
    follows and draw % 1000 between 5 and 9 as corrects,
    (draw >> 20) % 5000 as correction,
    case when follows then earlier_no else row_no end as purchase_no,
    case when follows then earlier_dice else dice end as dice
  from classified
),
rolled as (
  select
    *,
    cast(dice & 4611686018427387903 as bigint) as draw,
    cast(dice >> 66 as bigint) as roll
  from chosen
),
-- Every customer gets the purchases at multiples of the stride; half of the others prefer low customer numbers.
purchases as (
  select
    purchase_no,
    case
      when purchase_no % $stride = 0 then (purchase_no // $stride) % $customers
      when draw & 4096 = 0 then least(roll % $customers, (roll >> 16) % $customers)
      else roll % $customers
    end as customer_no,
    cast(date '2022-01-01' + cast((draw >> 14) % 1461 as integer) as varchar) as purchase_date,
    (case when draw % 1000 between 15 and 24 then -1 else 1 end)
      * (100 + ((roll >> 20) % 400) * ((roll >> 32) % 300) + case when corrects then 100 + correction else 0 end) as cents,
    case
      when (draw >> 26) % 100 < 50 then 'AUD'
      when (draw >> 26) % 100 < 68 then 'USD'
      when (draw >> 26) % 100 < 80 then 'EUR'
      when (draw >> 26) % 100 < 91 then 'GBP'
      else 'NZD'
    end as currency,
    case
      when draw % 1000 between 10 and 14 then
        ['no customer', 'guest customer', 'no purchase', 'no date', 'no such day', 'no amount', 'word amount',
          'two letters', 'unknown currency'][1 + (draw >> 34) % 9]
      when draw % 1000 between 25 and 34 then
        ['small letters', 'padded', 'point zero', 'capital e-mail', 'no e-mail', 'bad e-mail', 'double blank',
          'slashes'][1 + (draw >> 34) % 8]
      else ''
    end as trait
  from rolled
),
customers as (
  select
    *,
    100001 + customer_no as customer_id,
    $first_names[1 + customer_no % len($first_names)] as first_name,
    $last_names[1 + customer_no % len($last_names)] as last_name,
    concat('customer', 100001 + customer_no, case when customer_no % 3 = 0 then '@example.org' else '@example.com' end) as email,
    cast(cast(cents as decimal(12, 0)) * 0.01 as varchar) as amount
  from purchases
)
select
  case trait
    when 'no customer' then null
    when 'guest customer' then 'guest'
    when 'padded' then concat('  ', customer_id, ' ')
    when 'point zero' then concat(customer_id, '.0')
    else cast(customer_id as varchar)
  end as customer_id,
  case trait when 'padded' then concat(' ', first_name, '  ') else first_name end as first_name,
  case trait when 'double blank' then concat('de  la  ', last_name) else last_name end as last_name,
  case trait
    when 'no e-mail' then null
    when 'bad e-mail' then replace(email, '@', ' at ')
    when 'capital e-mail' then upper(email)
    else email
  end as email,
  case trait when 'no purchase' then null else concat('P', $seed, '-', 1000000000 + purchase_no) end
    as purchase_id,
  case trait
    when 'no date' then null
    when 'no such day' then '2025-02-30'
    when 'slashes' then replace(purchase_date, '-', '/')
    else purchase_date
  end as purchase_date,
  case trait
    when 'no amount' then null
    when 'word amount' then 'abc'
    when 'padded' then concat('  ', amount)
    else amount
  end as amount,
  case trait
    when 'two letters' then left(currency, 2)
    when 'unknown currency' then 'XXX'
    when 'small letters' then lower(currency)
    else currency
  end as currency
from customers
`;
