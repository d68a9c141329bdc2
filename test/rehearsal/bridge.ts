import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export type BridgeOptions = {
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  batchSize: number;
  invoke: (event: string) => Promise<{ body: string; failed: boolean }>;
  /**
   * Faults applied to a batch: messages lost, repeated or reordered. All are removed from the queue
   * if the batch succeeds.
   */
  tamper?: (messages: Message[]) => Message[][];
};

export type Bridge = AsyncDisposable & { delivered: number };

/**
 * Lambda's event source mapping: receives messages, calls the function with a batch of them, and
 * deletes all but those that the function lists in `batchItemFailures`. If the call fails, or lists
 * an unknown message, all of them stay.
 */
export function startBridge(options: BridgeOptions): Bridge {
  const stop = new AbortController();
  const bridge = { delivered: 0 };
  const running = (async () => {
    while (!stop.signal.aborted) {
      const messages = await receive(options, stop.signal);
      if (messages.length > 0) await deliver(options, messages, bridge);
    }
  })();
  return Object.assign(bridge, {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  });
}

async function receive(
  { client, queueUrl, batchSize }: BridgeOptions,
  abortSignal: AbortSignal,
): Promise<Message[]> {
  const found: Message[] = [];
  try {
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(10, batchSize - found.length),
          WaitTimeSeconds: found.length === 0 ? 1 : 0,
          MessageSystemAttributeNames: ['All'],
        }),
        { abortSignal },
      );
      found.push(...Messages);
      if (Messages.length === 0 || found.length >= batchSize) return found;
    }
  } catch (error) {
    if (abortSignal.aborted) return [];
    throw error;
  }
}

async function deliver(
  { client, queueUrl, queueArn, invoke, tamper }: BridgeOptions,
  messages: Message[],
  bridge: { delivered: number },
): Promise<void> {
  const kept = new Set<string>();
  for (const batch of tamper?.(messages) ?? [messages]) {
    const { body, failed } = await invoke(
      JSON.stringify({ Records: batch.map(asRecord(queueArn)) }),
    );
    bridge.delivered += batch.length;
    const ids = batch.map(({ MessageId = '' }) => MessageId);
    const { batchItemFailures = [] } = failed ? {} : Object(JSON.parse(body));
    const named = (batchItemFailures as { itemIdentifier: string }[]).map(
      ({ itemIdentifier }) => itemIdentifier,
    );
    const isWrong = failed || named.some((id) => !ids.includes(id));
    for (const id of isWrong ? ids : named) kept.add(id);
  }
  const isKept = ({ MessageId = '' }: Message): boolean => kept.has(MessageId);
  for (const Entries of entriesOf(messages.filter((message) => !isKept(message))))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  // In AWS these return after the queue's visibility timeout; the rehearsal does not wait for that.
  for (const Entries of entriesOf(messages.filter(isKept), { VisibilityTimeout: 1 }))
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function entriesOf<More extends object>(
  messages: readonly Message[],
  more?: More,
): ({ Id: string; ReceiptHandle: string | undefined } & More)[][] {
  const all = messages.map(({ ReceiptHandle }, at) => ({
    Id: String(at),
    ReceiptHandle,
    ...(more as More),
  }));
  return Array.from({ length: Math.ceil(all.length / 10) }, (_, at) =>
    all.slice(at * 10, at * 10 + 10),
  );
}

const asRecord =
  (eventSourceARN: string) =>
  ({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes }: Message): object => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes ?? {},
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: eventSourceARN.split(':')[3],
  });
