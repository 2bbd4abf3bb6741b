// What Slack says of a token, translated once at the border: it refuses it, or it does not really answer.
import { WebAPIPlatformError } from '@slack/web-api';
import { Fault } from '../engine/ports/fault.ts';
import { isPassing } from './slack-code.ts';

/** `refused` when Slack does not take the token that `what` names, `unreachable` for everything that passes by itself. */
export function slackFault(error: unknown, what: string): Fault {
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    if (isPassing(code))
      return new Fault('unreachable', `Slack is in trouble: ${code}.`, { code, cause: error });
    return new Fault('refused', `Slack does not take the ${what}: ${code}.`, { code, cause: error });
  }
  return new Fault('unreachable', 'Slack did not answer.', { cause: error });
}
