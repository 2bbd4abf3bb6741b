// What has been released: lists of versions, wherever they come from, and how old they are.

export interface ReleaseList {
  /** Released versions with their leading v, oldest first, without pre-releases and drafts. Empty: no list could be read. */
  readonly versions: readonly string[];
  /** Who gave them: a host, or a file's name; null when nobody did. */
  readonly source: string | null;
  /** Milliseconds since they were read. */
  readonly ageMs: number;
  /** Who did not answer, and why; whole sentences. */
  readonly troubles: readonly string[];
}

/** Reads only; none of them rejects: what does not answer is written down as a trouble. */
export interface ReleaseLists {
  talos(): Promise<ReleaseList>;
  kubernetes(): Promise<ReleaseList>;
}
