// One sandbox of a function: `node sandbox.mjs FILE EXPORT`, driven over the process's IPC channel.
// It works as Lambda's runtime does: loads the module once, passes events and answers as JSON, and
// reports errors by name.
import { pathToFileURL } from 'node:url';

const [file = '', name = ''] = process.argv.slice(2);
const { [name]: handler } = await import(pathToFileURL(file).href);

process.on('message', async ({ id, event, deadline }) => {
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: process.env.SANDBOX_ARN,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  const reply = (answer) => process.send?.({ id, ...answer });
  try {
    reply({ result: JSON.stringify((await handler(JSON.parse(event), context)) ?? null) });
  } catch (error) {
    const { name: errorType, message: errorMessage, stack = '' } = error;
    reply({ error: JSON.stringify({ errorType, errorMessage, trace: stack.split('\n') }) });
  }
});
process.send?.({ ready: true });
