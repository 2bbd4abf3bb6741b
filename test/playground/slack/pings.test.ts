// Whom a message would alert, and what people's words become.
import { afterEach, describe, expect, test } from 'vitest';
import { pingsIn } from '../../../playground/slack/pings.ts';
import { boltFor, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const section = (text: string, more: object = {}) => ({
  text: 'quiet',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text, ...more } }],
});

describe('pings', () => {
  const LOUD: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['a mention in text', { text: 'hi <@U0SAM00002>' }, ['@U0SAM00002']],
    ['a labelled mention', { text: '<@U0SAM00002|sam>' }, ['@U0SAM00002']],
    ['a broadcast in text', { text: '<!channel> look' }, ['!channel']],
    ['a group', { text: '<!subteam^S0APPR0V3R>' }, ['!subteam^S0APPR0V3R']],
    ['a typed broadcast with link_names', { text: 'hi @here', link_names: true }, ['@here']],
    ['a typed name with parse full', { text: 'hi @sam', parse: 'full' }, ['@sam']],
    ['a typed broadcast in auto-parsed mrkdwn', section('see @channel'), ['@channel']],
    ['a mention in verbatim mrkdwn', section('<@U1>', { verbatim: true }), ['@U1']],
    [
      'rich text',
      {
        text: 'quiet',
        blocks: [
          {
            type: 'rich_text',
            elements: [
              {
                type: 'rich_text_section',
                elements: [
                  { type: 'user', user_id: 'U1' },
                  { type: 'broadcast', range: 'here' },
                  { type: 'usergroup', usergroup_id: 'S1' },
                ],
              },
            ],
          },
        ],
      },
      ['@U1', '!here', '!subteam^S1'],
    ],
  ];
  test.each(LOUD)('%s alerts', (_, payload, expected) => {
    expect(pingsIn(payload)).toEqual(expected);
  });

  const QUIET: readonly (readonly [string, unknown])[] = [
    ['escaped codes', { text: '&lt;!channel&gt; &lt;@U1&gt;' }],
    ['a typed broadcast in top-level text', { text: '@here' }],
    ['a typed broadcast in verbatim mrkdwn', section('@channel @here', { verbatim: true })],
    [
      'a typed broadcast in plain text',
      { text: 'q', blocks: [{ type: 'header', text: { type: 'plain_text', text: '@here <!here>' } }] },
    ],
    ['an address', section('ops@channel.example')],
    ['a date', { text: '<!date^1700000000^{time}|noon>' }],
  ];
  test.each(QUIET)('%s: nobody is alerted', (_, payload) => {
    expect(pingsIn(payload)).toEqual([]);
  });
});

describe('what people type', () => {
  const heard = async (typed: string): Promise<string> => {
    const slack = await slackWith();
    let text = '';
    await boltFor(slack, (app) => {
      app.command(/.*/, async ({ ack, command }) => {
        text = command.text;
        await ack();
      });
    });
    await slack.command(slack.users.requester, slack.channels.platform, typed);
    return text;
  };

  const TYPED: readonly (readonly [string, string])[] = [
    [
      '/talos @sam in #platform <!channel> & co',
      '<@U0SAM00002|sam> in <#C0PLATF0RM|platform> &lt;!channel&gt; &amp; co',
    ],
    ['/talos see #leads', 'see <#C0LEADS001|>'],
    ['/talos https://x.example/a?b=1&c', '<https://x.example/a?b=1&amp;c>'],
    ['/talos @nobody', '@nobody'],
    ['/plain @sam <b>', '@sam &lt;b&gt;'],
    ['/talos', ''],
  ];
  test.each(TYPED)('%s arrives as %s', async (typed, expected) => {
    expect(await heard(typed)).toBe(expected);
  });
});
