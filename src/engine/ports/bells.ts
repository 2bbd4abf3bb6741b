// "Look now": prompt, and allowed to be lost; the sweep over Looks is what is certain.

export interface Bell {
  /** The goal's kind: the job's name. */
  readonly goal: string;
  readonly cluster: string;
  readonly rollout: string;
}

export interface Bells {
  /** Never rejects: a bell that cannot be rung is only a delay. */
  ring(bell: Bell): Promise<void>;
}
