/** Told whether there is anything to do; must be quick and never throw. */
export interface LoadWatcher {
  /** A command is in hand, and none was before. */
  busy(): void;
  /** None is in hand any more. */
  idle(): void;
}
