// One animal of the zoo: a fault, what is asked while it is there, and the finding that must be in the answer.
import type { CheckName } from '../../../src/checks/catalogue.ts';
import type { Level } from '../../../src/checks/finding.ts';
import type { Credentials } from '../../stage.ts';

/** Instead of a node's name: a control-plane node that does not lead etcd when the fault comes. */
export const A_FOLLOWER = 'a-follower';

export interface Exhibit {
  readonly check: CheckName;
  /** A fault of the simulator by its name, with its parameters; absent when the question alone is the fault. */
  readonly fault?: { readonly name: string } & Readonly<Record<string, string | number>>;
  /** What the bot's talosconfig is good for meanwhile. */
  readonly credentials?: Credentials;
  /** Asked behind `/talos plan`; absent = the version every row asks for. */
  readonly asked?: string;
  readonly level: Extract<Level, 'blocker' | 'unknown' | 'warning'>;
  /** A name that stands in the line; `cluster` for what is about none in particular. */
  readonly subject: string;
  /** What the line says that no other check says. */
  readonly says: string;
}
