// The Status body with which Kubernetes says no, as far as this adapter reads it.

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
}

export interface KubernetesStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly StatusCause[];
  /** What it is about: plural and name of one object. Empty where it is about none, as for a kind that is not served. */
  readonly about: { readonly plural: string; readonly name: string };
  /** What the server asks us to wait, from the header or the body; null when it does not say. */
  readonly retryAfterMs: number | null;
  /** False when the body was not a Status: then something in front of the API has answered. */
  readonly fromApi: boolean;
}

type Loose = Readonly<Record<string, unknown>>;

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Error bodies of codes that OpenAPI does not declare arrive as JSON text (kubernetes.md 6.1). */
function bodyOf(body: unknown): Loose | null {
  if (isLoose(body)) return body;
  if (typeof body !== 'string') return null;
  try {
    const parsed: unknown = JSON.parse(body);
    return isLoose(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function causesOf(details: Loose): readonly StatusCause[] {
  const causes = details['causes'];
  if (!Array.isArray(causes)) return [];
  return causes
    .filter(isLoose)
    .map((cause) => ({ reason: textOf(cause['reason']), message: textOf(cause['message']) }));
}

function retryAfterMs(headers: unknown, details: Loose): number | null {
  const header = isLoose(headers) ? Number(textOf(headers['retry-after']) || Number.NaN) : Number.NaN;
  const seconds = Number.isFinite(header) ? header : details['retryAfterSeconds'];
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1_000 : null;
}

/** Reads the Status out of a client-node ApiException, or returns null for any other error. */
export function statusOf(error: unknown): KubernetesStatus | null {
  // Told by its shape, so that the 60 MB client is not loaded only to name its class.
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number' || !('body' in error))
    return null;
  const body = bodyOf(error.body);
  const details = isLoose(body?.['details']) ? body['details'] : {};
  return {
    code: error.code,
    reason: textOf(body?.['reason']),
    message: textOf(body?.['message']),
    causes: causesOf(details),
    about: { plural: textOf(details['kind']), name: textOf(details['name']) },
    retryAfterMs: retryAfterMs('headers' in error ? error.headers : null, details),
    fromApi: body?.['kind'] === 'Status',
  };
}
