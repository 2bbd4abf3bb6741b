// What people read of a journal that cannot be read on, in its thread, in the channel when there is none, and when they ask: nothing more is done, and why.
import { type Message, message, section } from './blocks.ts';
import { lines, type Mrkdwn, mrkdwn, plainWords, spoken } from './text.ts';

const MAX_SAID = 600;

/** `found`: what was found where, and what helps. */
export function unreadableMessage(cluster: string, found: string): Message {
  const title: Mrkdwn = mrkdwn`:warning: *I cannot read on in the journal of this rollout, so I do nothing more here.*`;
  return message(mrkdwn`The journal of this rollout on ${cluster} cannot be read, so nothing more is done.`, [
    section(
      lines(
        title,
        mrkdwn`${plainWords(found, MAX_SAID)}`,
        mrkdwn`Above is what I could read. *${cluster}* stays taken until that is settled; other clusters go on.`,
      ),
    ),
  ]);
}

/** The answer to whoever asks what is waited for there. */
export function unreadableAnswer(cluster: string, found: string): Message {
  const said = lines(
    mrkdwn`Nothing is done on *${cluster}*, because the journal of its rollout cannot be read.`,
    mrkdwn`${plainWords(found, MAX_SAID)}`,
  );
  return message(spoken(said), [section(said)]);
}

/** The same of a journal of which nothing can be read: it stands in the channel, alone. */
export function unreadableFromTheStart(cluster: string, found: string): Message {
  const title: Mrkdwn = mrkdwn`:warning: *I cannot read the journal of a rollout on ${cluster}, so I do nothing there.*`;
  return message(mrkdwn`The journal of a rollout on ${cluster} cannot be read, so nothing is done there.`, [
    section(
      lines(
        title,
        mrkdwn`${plainWords(found, MAX_SAID)}`,
        mrkdwn`*${cluster}* may stay taken until that is settled; other clusters go on.`,
      ),
    ),
  ]);
}
