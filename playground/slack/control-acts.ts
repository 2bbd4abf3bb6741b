// What can be posted to the control API: each act with the shape of its body (contract.ts says what the fields mean).
import { z } from 'zod';
import { act, suggest } from './acts/action.ts';
import { typeCommand } from './acts/command.ts';
import { openHome, read, write } from './acts/message.ts';
import { close, submit } from './acts/modal.ts';
import { no } from './acts/refusal.ts';
import type { ClusterProvider, FaultRequest } from './contract.ts';
import { injectSlackFault } from './inject.ts';
import type { LocalSlack } from './local.ts';

type Cluster = ClusterProvider | undefined;
type Perform = (body: unknown, local: LocalSlack, cluster: Cluster) => unknown;

/** Injects a fault, Slack's or the cluster's. */
export const inject = async (
  request: FaultRequest,
  local: LocalSlack,
  cluster: Cluster,
): Promise<unknown> => {
  const { name, ...params } = request;
  if (name.startsWith('slack-')) return injectSlackFault(request, local);
  if (cluster === undefined) return no('no_cluster', 'There is no simulated cluster behind this Slack.');
  try {
    await cluster.inject(name, params);
    local.journal.note('fault', name, params);
    return { ok: true };
  } catch (error) {
    return no('invalid_fault', error instanceof Error ? error.message : String(error));
  }
};

/** An act whose body is looked at first; the field that is wrong is named. */
const performing =
  <Body>(
    shape: z.ZodType<Body>,
    perform: (body: Body, local: LocalSlack, cluster: Cluster) => unknown,
  ): Perform =>
  (body, local, cluster) => {
    const parsed = shape.safeParse(body);
    if (parsed.success) return perform(parsed.data, local, cluster);
    const issue = parsed.error.issues[0];
    return no('invalid_request', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not JSON'}.`);
  };

const text = z.string();
const some = z.string().exactOptional();
const inputValue = z.union([z.string(), z.array(z.string()), z.null()]);
const values = z.record(z.string(), z.record(z.string(), inputValue)).exactOptional();
const place = { view: some, channel: some, message: some };

const action = z.strictObject({
  user: text,
  ...place,
  thread: some,
  action_id: some,
  block_id: some,
  button: some,
  node: some,
  value: inputValue.exactOptional(),
  values,
});
const suggestion = z.strictObject({ user: text, ...place, action_id: text, block_id: some, value: text });
const message = z.strictObject({ user: text, channel: text, text, thread_ts: some });

const ACTS: ReadonlyMap<string, Perform> = new Map([
  ['/ctl/command', performing(message, typeCommand)],
  ['/ctl/action', performing(action, act)],
  ['/ctl/submit', performing(z.strictObject({ user: text, view: text, values }), submit)],
  [
    '/ctl/close',
    performing(z.strictObject({ user: text, view: text, all: z.boolean().exactOptional() }), close),
  ],
  ['/ctl/suggest', performing(suggestion, suggest)],
  ['/ctl/message', performing(message, write)],
  ['/ctl/home', performing(z.strictObject({ user: text }), openHome)],
  ['/ctl/read', performing(z.strictObject({ user: text, channel: text, ts: some }), read)],
  ['/ctl/fault', performing(z.looseObject({ name: text }), inject)],
]);

/** The act of a path; undefined when there is none. */
export const actNamed = (path: string): Perform | undefined => ACTS.get(path);
