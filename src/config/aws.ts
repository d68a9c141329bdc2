/**
 * Suppresses the AWS SDK's warning that its versions of 2027 need Node 22: the version is pinned,
 * and standard error is for this product's messages. Call it before a client is created.
 */
export function quietAwsSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
