// What a machine is to its cluster.

export type Role = 'control-plane' | 'worker';
