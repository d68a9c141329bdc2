import { literal, lowered } from '../sql/text.ts';
import { defineField } from './field.ts';

/** The operation of a version: some values, compared in lower case, delete the purchase. */
export const operation = defineField({
  reads: ['operation'],
  silver: ['deletes'],
  clean(_, { source: { deletes } }) {
    const isDelete = `${lowered('v_operation')} in (${deletes.map(literal).join(', ')})`;
    return {
      shared: [[['deletes', deletes.length === 0 ? 'false' : `coalesce(${isDelete}, false)`]]],
    };
  },
  rejections: [],
  fastPath: { patterns: {}, cells: { deletes: 'false' } },
});
