import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Context under which reasons are noted, but keep no finding from being told: so a reason without a
 * finding is found.
 */
export const TELL_ALL = 'purchases:tell-all';
/** Where reasons stand in the metadata of a construct. */
export const REASON = 'purchases:reason';

/** Says why a finding of cdk-nag stands. Without a reason here, a finding fails the synthesis. */
export function acknowledge(scope: IConstruct, reasons: Record<string, string>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    const id = `AwsSolutions-${rule}`;
    scope.node.addMetadata(REASON, { id, reason });
    if (scope.node.tryGetContext(TELL_ALL) === undefined)
      Validations.of(scope).acknowledge({ id, reason });
  }
}
