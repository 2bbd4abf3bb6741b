// Slack's word for what went wrong, for sentences, and which of its words pass by themselves.
import { WebAPIPlatformError } from '@slack/web-api';

/** Slack's own trouble, said in the form of an answer (facts/slack.md). */
const PASSING = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

export function isPassing(code: string): boolean {
  return PASSING.includes(code);
}

export function codeOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return 'it did not answer';
}
