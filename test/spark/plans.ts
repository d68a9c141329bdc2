import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A statement that Spark ran: the action that requested it, and its physical plan with every node
 * explained.
 */
export type Plan = { action: string; text: string };

type Event = {
  Event: string;
  description?: string;
  details?: string;
  physicalPlanDescription?: string;
};

/** The settings with which Spark logs every plan that it executes. */
export const planSettings = (folder: string): Record<string, string> => ({
  'spark.eventLog.enabled': 'true',
  'spark.eventLog.compress': 'false',
  'spark.eventLog.dir': `file:${folder}`,
});

export async function plansIn(folder: string): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith('local-')) continue;
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      if (!line.includes('SparkListenerSQLExecutionStart')) continue;
      const event = JSON.parse(line) as Event;
      plans.push({
        action: event.description ?? '',
        text: event.physicalPlanDescription ?? '',
      });
    }
  }
  return plans;
}

/** A node of an explained plan: its number, its name, and its description. */
type Node = { name: string; details: string };

function nodesOf(text: string): Map<string, Node> {
  const found = [...text.matchAll(/^\((\d+)\) ([^\n]+)\n((?:(?!\(\d+\) )[^\n]+\n)*)/gm)];
  return new Map(
    found.map(([, number = '', name = '', details = '']) => [
      number,
      { name: name.trim(), details },
    ]),
  );
}

/** The lines of the tree at a plan's head: depth and number of each node, from the top. */
const treeOf = (text: string): { depth: number; number: string }[] =>
  (text.split(/\n\n\n?\(1\)|\n\(1\)/)[0] ?? '').split('\n').flatMap((line) => {
    const number = /\((\d+)\)\s*$/.exec(line)?.[1];
    return number === undefined ? [] : [{ depth: line.search(/[A-Z]/), number }];
  });

/**
 * Work in a plan that falls to one task however many rows there are: an exchange to a single
 * partition that does more than add up the counts of each task.
 */
export function singleTasks({ text }: Plan): string[] {
  const nodes = nodesOf(text);
  const tree = treeOf(text);
  return tree.flatMap(({ depth, number }, at) => {
    const node = nodes.get(number);
    if (node === undefined || !node.details.includes('SinglePartition')) return [];
    // One file was requested: a batch's, or that of a commit's customer keys.
    if (node.details.includes('REPARTITION_BY')) return [];
    const above = tree.slice(0, at).findLast((one) => one.depth < depth);
    const parent = nodes.get(above?.number ?? '');
    const addsUp =
      /Aggregate/.test(parent?.name ?? '') && /^Keys:? ?(\[\]|: \[\])/m.test(parent?.details ?? '');
    return addsUp ? [] : [`${node.name} below ${parent?.name ?? 'nothing'}`];
  });
}
