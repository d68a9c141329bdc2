import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Context key under which reasons are recorded but suppress no finding. The tests use it to detect
 * a reason without a finding.
 */
export const REPORT_ALL = 'purchases:report-all';
/** The metadata key of a construct's reasons. */
export const REASON = 'purchases:reason';

/** Records why a cdk-nag finding is acceptable. A finding without a reason fails the synthesis. */
export function acknowledge(scope: IConstruct, reasons: Record<string, string>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    const id = `AwsSolutions-${rule}`;
    scope.node.addMetadata(REASON, { id, reason });
    if (scope.node.tryGetContext(REPORT_ALL) === undefined)
      Validations.of(scope).acknowledge({ id, reason });
  }
}
