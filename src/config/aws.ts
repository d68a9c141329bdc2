/**
 * Keeps the AWS SDK from printing, before the first answer of every command, that its versions of
 * 2027 will need Node 22: its version is pinned, and standard error is for the product's own words.
 * Called before a client is made.
 */
export function quietAwsSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}
