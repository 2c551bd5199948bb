// A sequence between two poses: made frame by frame, played, walked through, saved as GIF.

import { writeClothes } from "./desk.js";
import { byId, toast } from "./dom.js";
import { saveBlob } from "./saving.js";
import { ask, fromBase64, listen, toBase64, writePerson } from "./server.js";
import { drawSkeleton } from "./skeleton.js";

/** The parts of a state that a sequence is made of. */
const MADE_OF = ["person", "pose", "from", "clothes"];

export class MotionTools {
  #frames = [];
  #of = null; // the state that the frames are of
  #count = 0;
  #stop = null; // ends what is being made
  #timer = 0;
  #shown = 0;

  constructor(desk) {
    this.desk = desk;
    byId("frames").max = desk.facts.mostFrames;
    byId("frames").addEventListener("input", () => {
      byId("frames-told").textContent = byId("frames").value;
      this.#forget();
    });
    byId("from-here").addEventListener("click", () => desk.store.change({ from: desk.store.state.pose }));
    byId("from-own").addEventListener("click", () => desk.store.change({ from: null }));
    byId("play").addEventListener("click", () => this.#playOrPause());
    byId("frame").addEventListener("input", (event) => { this.#pause(); this.#show(Number(event.target.value)); });
    byId("there-and-back").addEventListener("change", () => this.#fitSlider());
    byId("save-gif").addEventListener("click", () => this.#save());
  }

  from() { return this.desk.store.state.from ?? this.desk.store.state.person.keypoints; }

  /** isOpen: whether the tab is. Another tab, or another state, ends the sequence. */
  show(isOpen) {
    const { store: { state }, facts } = this.desk;
    drawSkeleton(byId("from-skeleton"), this.from(), facts);
    drawSkeleton(byId("to-skeleton"), state.pose, facts);
    byId("from-own").disabled = state.from === null;
    const isOld = this.#of !== null && MADE_OF.some((part) => state[part] !== this.#of[part]);
    if (isOld || (!isOpen && this.#of !== null)) this.#forget();
    byId("play").textContent = this.#timer || this.#stop ? "Pause" : "Play";
    byId("save-gif").disabled = !this.#isWhole();
  }

  #isWhole() { return this.#of !== null && this.#frames.length === this.#count; }

  #forget() {
    this.#stop?.abort();
    this.#pause();
    this.#frames = [];
    this.#of = null;
    this.desk.frame = null;
    byId("frames-made").hidden = true;
    this.#fitSlider();
    queueMicrotask(() => this.desk.refresh());
  }

  #playOrPause() {
    if (this.#timer || this.#stop) {
      this.#stop?.abort();
      this.#pause();
      if (!this.#isWhole()) this.#forget();
      this.desk.refresh();
    } else if (this.#isWhole()) {
      this.#play();
    } else {
      this.#make();
    }
  }

  async #make() {
    const { desk } = this;
    const { state } = desk.store;
    const stop = new AbortController();
    this.#of = state;
    this.#frames = [];
    this.#count = Number(byId("frames").value);
    this.#stop = stop;
    const progress = byId("frames-made");
    progress.max = this.#count;
    progress.value = 0;
    progress.hidden = false;
    desk.refresh();
    const message = {
      person: writePerson(state.person), from: this.from(), to: state.pose, frames: this.#count,
      clothes: writeClothes(state.clothes),
    };
    try {
      await listen("/api/sequence", message, (line) => {
        if (line.error) throw new Error(line.error);
        if (stop.signal.aborted) return;
        this.#frames.push(fromBase64(line.image));
        progress.value = this.#frames.length;
        this.#show(this.#frames.length - 1);
      }, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) {
        toast(error.message);
        this.#forget();
      }
    }
    if (this.#stop === stop) this.#stop = null;
    progress.hidden = true;
    if (!stop.signal.aborted && this.#isWhole()) this.#ready();
    desk.refresh();
  }

  #ready() {
    this.#fitSlider();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.#show(0);
    else this.#play();
  }

  /** The frames in the order in which they are shown. */
  #order() {
    const there = this.#frames;
    return byId("there-and-back").checked ? [...there, ...there.slice(1, -1).reverse()] : there;
  }

  #fitSlider() {
    const whole = this.#isWhole();
    byId("frame").max = whole ? this.#order().length - 1 : 1;
    byId("frame").disabled = !whole;
    if (!whole) byId("frame").value = 0;
  }

  #play() {
    this.#pause();
    this.#timer = setInterval(() => this.#show((this.#shown + 1) % this.#order().length),
      1000 / this.desk.facts.framesPerSecond);
    this.desk.refresh();
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #show(number) {
    this.#shown = number;
    this.desk.frame = this.#order()[number] ?? null;
    this.desk.frameTold = this.#isWhole() ? `${this.#count} frames` : `Making ${this.#count} frames…`;
    if (this.#isWhole()) byId("frame").value = number;
    this.desk.refresh();
  }

  async #save() {
    try {
      const frames = this.#order().map(toBase64);
      saveBlob(await ask("/api/sequence.gif", { frames }, "blob"), "sequence.gif");
    } catch (error) {
      toast(error.message);
    }
  }
}
