// Trigger ids: the right to open a modal for somebody who just did something; three seconds, once (facts/slack.md 3.2).
const TRIGGER_LIMIT_MS = 3000;
/** Spent and expired ids are remembered for a good error, but not for ever. */
const KEPT_TRIGGERS = 5000;

/** `view`: the modal in which the person acted, if any; only such a trigger may push another on top. */
export type Trigger = { readonly user: string; readonly view?: string };

export type Triggers = {
  readonly issue: (trigger: Trigger) => string;
  readonly spend: (
    id: string,
  ) => Trigger | 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
};

type Issued = { readonly trigger: Trigger; readonly expiresMs: number; spent: boolean };

export const createTriggers = (now: () => number): Triggers => {
  const issued = new Map<string, Issued>();
  let count = 0;
  return {
    issue: (trigger) => {
      count += 1;
      const id = `${now()}.${count}.playground`;
      issued.set(id, { trigger, expiresMs: now() + TRIGGER_LIMIT_MS, spent: false });
      const oldest = issued.keys().next();
      if (issued.size > KEPT_TRIGGERS && oldest.done !== true) issued.delete(oldest.value);
      return id;
    },
    spend: (id) => {
      const found = issued.get(id);
      if (found === undefined) return 'invalid_trigger_id';
      if (found.spent) return 'exchanged_trigger_id';
      if (now() > found.expiresMs) return 'expired_trigger_id';
      found.spent = true;
      return found.trigger;
    },
  };
};
