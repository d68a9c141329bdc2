import { customerKeysKey, goldPrefix } from '../../lake/layout.ts';
import { readLedger } from '../../lake/ledger.ts';
import { goldDay, liveAfter, placed, touchedRows } from '../../lake/next-state.ts';
import type { GoldDocument } from '../../lake/run-documents.ts';
import { readDocument, writeDocument } from '../../lake/run-documents.ts';
import type { Step } from '../run-state.ts';
import { atWork, type StepDeps } from './deps.ts';

/** Makes gold of what will be live: the touched customers anew, all others from the gold before. */
export function silverToGoldStep(deps: StepDeps): Step {
  return (state, context) =>
    atWork(deps, state, context, async (place) => {
      const plan = await readDocument(deps.store, state.run_id, 'plan');
      const made = await readDocument(deps.store, state.run_id, 'made');
      const ledger = await readLedger(deps.store);
      const live = liveAfter(ledger, made.objects, plan.removed);
      const day = goldDay(live);
      const seq = ledger.seq + 1;
      const nextKey = Math.max(deps.settings.firstCustomerId, ledger.keys.next ?? 0);
      const document: GoldDocument = { gold: null, fates: {}, keys: { file: null, next: nextKey } };
      if (day !== undefined) {
        const before = touchedRows(ledger, live, made.objects, plan.removed);
        const prefix = goldPrefix(day, seq, plan.attempt);
        const { files, customers, total, digest, fates, keys } = await deps.engine.silverToGold(
          place,
          {
            live: placed(live),
            counted: made.objects.filter(({ silver }) => silver !== null).map(({ key }) => key),
            ...(before === undefined ? {} : { before }),
            keys: {
              files: ledger.keys.files,
              next: nextKey,
              file: customerKeysKey(seq, plan.attempt),
            },
            goldPrefix: prefix,
          },
        );
        document.gold = { day, prefix, files, customers, total, digest };
        Object.assign(document, { fates, keys });
        context.emit?.({ rows: customers, message: `${customers} customers` });
      }
      await writeDocument(deps.store, state.run_id, 'gold', document);
      return state;
    });
}
