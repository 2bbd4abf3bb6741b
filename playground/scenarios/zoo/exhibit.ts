// One animal of the zoo: a fault, what is asked while it is there, and the finding that must be in the answer.
import type { CheckName } from '../../../src/checks/catalogue.ts';
import type { Level } from '../../../src/checks/finding.ts';
import type { Credentials } from '../../stage.ts';

/** Instead of a node's name: a control-plane node that does not lead etcd when the fault comes. */
export const A_FOLLOWER = 'a-follower';

/** A fault of the simulator by its name, with its parameters. */
export type Fault = { readonly name: string } & Readonly<Record<string, string | number>>;

/** `nothing`: the negative control, in which everything is played and no fault is there to be found. */
export type Given = 'faults' | 'nothing';

/** What must be found, and where in the answer. */
export interface Expected {
  readonly check: CheckName;
  readonly level: Extract<Level, 'blocker' | 'unknown' | 'warning'>;
  /** A name that stands in the line; `cluster` for what is about none in particular. */
  readonly subject: string;
  /** What the line says that no other check says. */
  readonly says: string;
}

/** Found by `/talos plan`, before anything is touched. */
export interface Exhibit extends Expected {
  /** Absent when the question alone is the fault. */
  readonly fault?: Fault;
  /** What the bot's talosconfig is good for meanwhile. */
  readonly credentials?: Credentials;
  /** Changes to the cluster's entry in the bot's configuration meanwhile; undefined takes something out of it. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Asked behind `/talos plan`; absent = the version every row asks for. */
  readonly asked?: string;
}

/** Found in the middle of a rollout that was begun while all was well. */
export interface Visitor extends Pick<Expected, 'check' | 'says'> {
  readonly fault: Fault;
  /** `after-a-node` and `at-the-end` are told to people; before a node it is kept from being changed, or a person is asked at once. */
  readonly moment: 'before-a-node' | 'after-a-node' | 'at-the-end';
  readonly holds: 'waits' | 'held' | 'told';
  /** The node that goes meanwhile, where the fault is about two that may not go together. */
  readonly companion?: string;
}

/** Found because of what an earlier rollout left, or did not know of. */
export interface Remains extends Expected {
  /** What happens to that rollout's node; absent when giving up half way is enough. */
  readonly fault?: Fault;
}
