import { EventInvalid } from '../../errors.ts';

/**
 * One object of an event. `version` distinguishes events of the same key, as far as the sender can.
 */
export type ObjectEvent = { bucket: string; key: string; version: string };

/** Events of objects, notices that need no run (by kind), and the faults of the rest. */
export type Decoded = { objects: ObjectEvent[]; ignored: string[]; faults: string[] };

/**
 * Kinds that change bronze: a deleted file removes its rows, a restored archived one can be read
 * again.
 */
const WANTED =
  /^(?:s3:)?(?:ObjectCreated:|ObjectRemoved:|LifecycleExpiration:|ObjectRestore:Completed$)/;
const WANTED_DETAILS = new Set(['Object Created', 'Object Deleted', 'Object Restore Completed']);

/**
 * Reads one event: an S3 notification (of one record or several), an EventBridge event of S3, or
 * the hint `{year, month, day, s3_path}`. A record that cannot be read is a fault; the others are
 * still read. Error: `EventInvalid` for any other event.
 */
export function decodeEvent(event: unknown): Decoded {
  const fields = Object(event) as Record<string, unknown>;
  if (Array.isArray(fields['Records'])) return together(fields['Records'].map(fromNotification));
  if (fields['Event'] === 's3:TestEvent') return ignored('s3:TestEvent');
  if (fields['source'] === 'aws.s3') return fromEventBridge(fields);
  if (typeof fields['s3_path'] === 'string') return fromHint(fields);
  throw new EventInvalid(
    `The event is not an S3 notification: it has the fields ${names(fields)}.`,
    {
      hint: 'Send S3 notifications, directly, through SQS or through EventBridge, or {"s3_path": "s3://bucket/key"}.',
    },
  );
}

const names = (fields: object): string => Object.keys(fields).slice(0, 10).join(', ') || '(none)';
const ignored = (kind: string): Decoded => ({ objects: [], ignored: [kind], faults: [] });
const fault = (what: string): Decoded => ({ objects: [], ignored: [], faults: [what] });

function together(all: Decoded[]): Decoded {
  return {
    objects: all.flatMap(({ objects }) => objects),
    ignored: all.flatMap((each) => each.ignored),
    faults: all.flatMap(({ faults }) => faults),
  };
}

/**
 * Reads a record of a notification. Its key is form-encoded: a blank is `+`. Minor versions only
 * add fields.
 */
function fromNotification(record: unknown): Decoded {
  const { eventSource, eventName, eventVersion, eventTime, s3 } = Object(record);
  if (eventSource !== 'aws:s3') return fault(`a record of ${String(eventSource)}, not of aws:s3`);
  if (!String(eventVersion).startsWith('2.'))
    return fault(`a record of version ${String(eventVersion)}, not 2.x`);
  if (!WANTED.test(String(eventName))) return ignored(String(eventName));
  const { bucket, object } = Object(s3);
  const { key, sequencer, versionId, eTag } = Object(object);
  const { name } = Object(bucket);
  if (typeof name !== 'string' || typeof key !== 'string') return fault('a record without a key');
  const decoded = formDecoded(key);
  if (decoded === undefined) return fault(`a key that is not form-encoded: ${key}`);
  const version = [sequencer ?? [versionId, eTag, eventTime], eventName].flat().join(' ');
  return { objects: [{ bucket: name, key: decoded, version }], ignored: [], faults: [] };
}

function formDecoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** EventBridge passes the key unencoded. */
function fromEventBridge({ 'detail-type': kind, detail, id }: Record<string, unknown>): Decoded {
  if (!WANTED_DETAILS.has(String(kind))) return ignored(String(kind));
  const { bucket, object } = Object(detail);
  const { key, sequencer } = Object(object);
  const { name } = Object(bucket);
  if (typeof name !== 'string' || typeof key !== 'string') return fault('an event without a key');
  return {
    objects: [{ bucket: name, key, version: `${String(sequencer ?? id)} ${String(kind)}` }],
    ignored: [],
    faults: [],
  };
}

/**
 * Reads the hint of the pipeline's first design. The plan lists all of bronze, so a wrong hint does
 * no harm.
 */
function fromHint({ s3_path: path, year, month, day }: Record<string, unknown>): Decoded {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(String(path)) ?? [];
  if (bucket === undefined || key === undefined)
    return fault(`an s3_path that is not an S3 URI: ${String(path)}`);
  const version = ['hint', year, month, day].map(String).join(' ');
  return { objects: [{ bucket, key, version }], ignored: [], faults: [] };
}
