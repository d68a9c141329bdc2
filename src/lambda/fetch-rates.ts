import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { zonedDate } from '../medallion/sql/zoned-date.ts';
import { ECB_RATES, fetchRates } from './trigger/new-rates.ts';
import { logger, metrics, presentable } from './runtime/logging.ts';
import { wire } from './runtime/wiring.ts';

const wired = wire();
wired.catch(() => undefined);

/**
 * Brings the newest exchange rates into the lake on a schedule, before the sweep that retries what
 * waited for them.
 */
export async function handler(_event: unknown, context: Context): Promise<{ newest: string }> {
  logger.addContext(context);
  try {
    const { store, settings, config } = await wired;
    const today = zonedDate(config.timeZone, Math.floor(Date.now() / 1000));
    const { newest, ageDays, changed } = await fetchRates(
      store,
      settings.ratesUrl ?? ECB_RATES,
      today,
    );
    metrics.addMetric('RatesAgeDays', MetricUnit.Count, ageDays);
    logger.info(changed ? 'rates taken' : 'rates unchanged', { newest, age_days: ageDays });
    return { newest };
  } catch (error) {
    const shown = presentable(error);
    logger.error('failed', { error: shown.name, message_text: shown.message });
    throw shown;
  } finally {
    metrics.publishStoredMetrics();
  }
}
