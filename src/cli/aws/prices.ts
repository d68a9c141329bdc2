import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Prices of one region in USD, entered manually: every estimate shows their date and region. */
export type PriceTable = {
  region: string;
  currency: string;
  dated: string;
  source: string;
  prices: Prices;
};

export type Prices = Record<
  | 's3_gb_month'
  | 's3_1000_puts'
  | 's3_1000_gets'
  | 'glue_dpu_hour'
  | 'lambda_1000000_requests'
  | 'lambda_gb_second'
  | 'lambda_disk_gb_second'
  | 'states_1000_transitions'
  | 'rds_gb_month'
  | 'athena_tb'
  | 'kms_key_month'
  | 'kms_10000_requests'
  | 'endpoint_hour'
  | 'secret_month'
  | 'logs_gb'
  | 'metric_month'
  | 'alarm_month'
  | 'dashboard_month'
  | 'sqs_1000000_requests',
  number
> & { rds_hour: Record<string, number> };

/** Reads the price table of the package. */
export async function readPrices(packageFolder: string): Promise<PriceTable> {
  const text = await readFile(join(packageFolder, 'data', 'aws-prices.json'), 'utf8');
  return JSON.parse(text) as PriceTable;
}
