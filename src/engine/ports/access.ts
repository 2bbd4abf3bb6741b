// Our own access to a cluster's machines: which certificate is in use, and what it allows. Implemented by src/talos.
import type { AccessView } from '../../cluster/access.ts';

export interface Access {
  /** Looks whether the talosconfig was renewed, and asks a machine about our role until one has answered. Never rejects. */
  seen(): Promise<AccessView>;
  close(): Promise<void>;
}
