// What a person has made, and the way back: one stack of undo for pose, map, clothes and all else.
// A state is never changed, only replaced; so are the arrays in it.

const MOST_STEPS = 200;

export class Store {
  #state;
  #base = null;
  #undo = [];
  #redo = [];
  #listeners = [];
  #lastKey = null;

  constructor(state) { this.#state = state; }

  get state() { return this.#state; }
  get canUndo() { return this.#undo.length > 0; }
  get canRedo() { return this.#redo.length > 0; }

  subscribe(listener) { this.#listeners.push(listener); }

  /** One step. Steps that follow each other with the same key (arrow keys on one joint) are undone together. */
  change(patch, key = null) {
    if (key === null || key !== this.#lastKey) this.#remember(this.#state);
    this.#lastKey = key;
    this.#set({ ...this.#state, ...patch });
  }

  /** A look at what is under way, as a drag; `commit` makes one step of all looks since the last step. */
  preview(patch) {
    this.#base ??= this.#state;
    this.#set({ ...this.#state, ...patch });
  }

  commit() {
    if (this.#base !== null && this.#base !== this.#state) this.#remember(this.#base);
    this.#base = null;
    this.#lastKey = null;
    this.#tell();
  }

  undo() { this.#step(this.#undo, this.#redo); }
  redo() { this.#step(this.#redo, this.#undo); }

  #remember(state) {
    this.#undo.push(state);
    if (this.#undo.length > MOST_STEPS) this.#undo.shift();
    this.#redo = [];
  }

  #step(from, to) {
    this.commit();
    if (from.length === 0) return;
    to.push(this.#state);
    this.#lastKey = null;
    this.#set(from.pop());
  }

  #set(state) {
    this.#state = state;
    this.#tell();
  }

  #tell() { for (const listener of this.#listeners) listener(this.#state); }
}
