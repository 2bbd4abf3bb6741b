// Slack's word for what went wrong, for sentences.
import { WebAPIPlatformError } from '@slack/web-api';

export function codeOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return 'it did not answer';
}
