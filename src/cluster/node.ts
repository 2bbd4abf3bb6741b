// The machines of a cluster by name, address and role.

export type Role = 'control-plane' | 'worker';

export interface NodeRef {
  /** The Kubernetes node name, which is also what people type. */
  readonly name: string;
  /** The IP address sent as `node` metadata with every call to this machine. */
  readonly address: string;
  readonly role: Role;
}
