// What makes slots pass by themselves.
export class Timer {
  #slotMs;
  #produce;
  #interval;

  /** slotMs: 0 for a network whose slots pass by command only. */
  constructor(slotMs, produce) {
    this.#slotMs = slotMs;
    this.#produce = produce;
    this.start();
  }

  get frozen() {
    return this.#interval === undefined;
  }

  start() {
    if (this.#slotMs > 0) this.#interval ??= setInterval(this.#produce, this.#slotMs);
  }

  stop() {
    clearInterval(this.#interval);
    this.#interval = undefined;
  }
}
