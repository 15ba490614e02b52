// The network's time in seconds since 1970, which never goes back.
const nominalSlotMs = 400;

export class Clock {
  #wall;
  #offset = 0; // ms
  #last = 0; // seconds
  #start; // the first slot and when it was

  /** wall: whether time follows this machine's clock, or passes by 400 ms a slot. */
  constructor(wall) {
    this.#wall = wall;
  }

  /** Returns the time of a block in a slot. */
  at(slot) {
    this.#last = Math.max(this.#last, Math.floor(this.#now(slot) / 1000));
    return this.#last;
  }

  /** Has a block in that slot be at that time. */
  set(time, slot) {
    if (time < this.#last) throw new Error(`the time cannot go back from ${this.#last} to ${time}`);
    this.#offset += time * 1000 - this.#now(slot);
  }

  #now(slot) {
    this.#start ??= { slot, ms: Date.now() };
    const ms = this.#wall ? Date.now() : this.#start.ms + (slot - this.#start.slot) * nominalSlotMs;
    return ms + this.#offset;
  }
}
