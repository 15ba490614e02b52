// The blocks of the current fork, and how deep each commitment level lies below the tip.
export const maxAge = 150; // blocks after which a blockhash expires

const keptBlocks = 20_000; // at least; up to twice as many

export class Chain {
  #blocks; // of the current fork, by rising height
  #bySlot = new Map();
  #byHash = new Map();
  #root; // the latest finalized block, which never goes back
  #depths;

  /** depths: how many blocks lie between the tip and the latest block that is confirmed, and finalized. */
  constructor(genesis, { confirmed, finalized }) {
    this.#depths = { processed: 0, confirmed, finalized };
    this.#blocks = [];
    this.#root = genesis;
    this.#add(genesis);
  }

  get tip() {
    return this.#blocks.at(-1);
  }

  get root() {
    return this.#root;
  }

  get first() {
    return this.#blocks[0];
  }

  /** Adds a block on top and returns the oldest blocks that are forgotten for it, if any. */
  append(block) {
    this.#add(block);
    const deep = this.below(this.#depths.finalized);
    if (deep.height > this.#root.height) this.#root = deep;
    if (this.#blocks.length <= 2 * keptBlocks) return [];
    const old = this.#blocks.splice(0, keptBlocks);
    old.forEach((forgotten) => this.#remove(forgotten));
    return old;
  }

  /** Takes the last blocks away and returns them, the latest first. Throws Error if one of them is finalized. */
  rollback(count) {
    const possible = this.tip.height - this.#root.height;
    if (count > possible) throw new Error(`${count} blocks to roll back, but only ${possible} are not finalized`);
    const gone = this.#blocks.splice(this.#blocks.length - count, count).reverse();
    gone.forEach((block) => this.#remove(block));
    return gone;
  }

  /** Returns the latest block at a commitment level, for a node that is some blocks behind. */
  at(commitment, lag = 0) {
    const depth = this.tip.height - this.#root.height;
    const level = commitment === 'finalized' ? depth : Math.min(this.#depths[commitment], depth);
    return this.below(level + lag);
  }

  /** Returns the block that many blocks below the tip, or the first one. */
  below(depth) {
    return this.#blocks[Math.max(0, this.#blocks.length - 1 - depth)];
  }

  /** Returns the block of a slot, or undefined where the slot was skipped. */
  bySlot(slot) {
    return this.#bySlot.get(slot);
  }

  /** Returns the blocks above one height up to another one, the lowest first. */
  between(height, upTo) {
    const base = this.first.height;
    return this.#blocks.slice(Math.max(0, height + 1 - base), Math.max(0, upTo + 1 - base));
  }

  /** Returns the last block height at which a transaction with the blockhash may wait, or undefined if it is of no block. */
  lastValidHeight(hash) {
    const block = this.#byHash.get(hash);
    return block && block.height + maxAge;
  }

  /** Tells whether the blockhash is valid as of a block: of this or of one that is at most maxAge blocks below. */
  isValid(hash, block) {
    const of = this.#byHash.get(hash);
    return of !== undefined && of.height <= block.height && block.height <= of.height + maxAge;
  }

  /** Returns the level that a block has reached, for a node that is some blocks behind; null if not even processed. */
  statusOf(block, lag = 0) {
    return ['finalized', 'confirmed', 'processed'].find((level) => block.height <= this.at(level, lag).height) ?? null;
  }

  #add(block) {
    this.#blocks.push(block);
    this.#bySlot.set(block.slot, block);
    this.#byHash.set(block.hash, block);
  }

  #remove(block) {
    this.#bySlot.delete(block.slot);
    this.#byHash.delete(block.hash);
  }
}
