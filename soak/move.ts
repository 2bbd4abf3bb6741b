// The moves of a walk: what may happen to a rollout, as plain values, so that a walk can be printed, played again and shortened.
import type { RawParams } from '../playground/world/fault.ts';
import type { DrainChoice } from '../src/rollout/blockade.ts';

/** What somebody presses, by name: which card or step it is about follows from the rollout as it then is. */
export type Wish =
  /** Whatever a willing person presses now: Start, Override, Approve, Resume, Retry. */
  | 'go'
  | 'start'
  | 'approve'
  | 'deny'
  | 'pause'
  | 'resume'
  | 'retry'
  | 'skip'
  | 'abort'
  /** What stops the plan is overridden, with hardly a word. */
  | 'override'
  /** Somebody else asks for a rollback while this rollout has the cluster. */
  | 'ask-rollback'
  /** What becomes of the drain that asks. */
  | 'drain-wait'
  | 'drain-leave'
  | 'drain-force'
  /** Does not wait for the end of a soak. */
  | 'continue'
  /** To whoever presses; to the other operator; to somebody who may decide nothing. */
  | 'take-over'
  | 'hand-over'
  | 'hand-to-anybody';

export type Move =
  | { readonly do: 'wait'; readonly ms: number }
  /** `again`: milliseconds until Slack delivers the same press once more, to whoever hears it; null = once. */
  | { readonly do: 'press'; readonly wish: Wish; readonly user: number; readonly again: number | null }
  | { readonly do: 'fault'; readonly name: string; readonly params: RawParams }
  | { readonly do: 'heal' }
  | { readonly do: 'start' }
  /** kill -9, and SIGTERM; `which` of those that live. */
  | { readonly do: 'kill'; readonly which: number }
  | { readonly do: 'stop'; readonly which: number }
  /** Whoever causes the effect that is so many ahead dies right before or behind it. */
  | { readonly do: 'crash'; readonly ahead: number; readonly when: 'before' | 'after' }
  /** away: not asked; deaf: asked, and its answer is lost; full: refuses to write; slow: answers late. Null: for everybody. */
  | {
      readonly do: 'store';
      readonly is: 'away' | 'deaf' | 'full' | 'slow';
      readonly which: number | null;
      readonly ms: number;
    }
  | { readonly do: 'bells'; readonly are: 'prompt' | 'lost' | 'doubled' | 'late' }
  /** A bell that nobody asked for. */
  | { readonly do: 'ring' }
  /** The wall clock of a process is put forward or back; its monotonic clock is not. */
  | { readonly do: 'clock'; readonly which: number; readonly ms: number }
  /** The next call that may be sent once dies with its sender on the way, and arrives so much later all the same. */
  | { readonly do: 'late'; readonly ms: number }
  /**
   * The next call that makes a node leave is lost for good and its sender told so: gone = it never arrives; half = a rollback turns the
   * boot entry and does not restart. Of what is sent to that node afterwards so much is withdrawn.
   */
  | { readonly do: 'astray'; readonly is: 'gone' | 'half'; readonly withdrawn: number }
  /** Event streams of machines open and stay silent, or speak again. */
  | { readonly do: 'streams'; readonly are: 'silent' | 'heard' }
  /** Somebody changes who may approve, and the bots are started with it. */
  | { readonly do: 'policy'; readonly approvers: 'all' | 'fewer' }
  /** What two people do from now on about each drain that asks, or one alone presses twice; null = nobody answers. */
  | { readonly do: 'drainers'; readonly choose: DrainChoice | null; readonly alone: boolean }
  /** Another bot takes the advisory Lease for so long, whoever has it. */
  | { readonly do: 'lease'; readonly ms: number }
  /** How Slack takes what it is sent, for so long: busy = 429; silent = not reached; deaf = does it, and its answer is lost; hiccup = not the next message. Or who keeps the thread dies, or gets company; or the place of the next message that is posted cannot be written down (unnoted). */
  | {
      readonly do: 'window';
      readonly is: 'well' | 'busy' | 'silent' | 'deaf' | 'hiccup' | 'killed' | 'second' | 'unnoted';
      readonly ms: number;
    }
  /** It is given up, comes to its end, and another rollout settles a node that it left armed: `which` of them. */
  | { readonly do: 'settle'; readonly goal: 'finish-node' | 'disarm-node'; readonly which: number };

/** `press approve as 1, again after 40 ms`: one line of a printed walk. */
export function describeMove(move: Move): string {
  switch (move.do) {
    case 'press':
      return `press ${move.wish} as ${move.user}${move.again === null ? '' : `, again after ${move.again} ms`}`;
    case 'fault':
      return `fault ${[move.name, ...Object.entries(move.params).map(([name, value]) => `${name}=${value}`)].join(' ')}`;
    default: {
      const { do: verb, ...rest } = move;
      return [verb, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ');
    }
  }
}
