// What every tool works on: the store, what the server drew last, and whose joints and map are being changed.

import { Newest, ask, fromBase64, toBase64, writePerson } from "./server.js";
import { Store } from "./store.js";
import { bodyOf } from "./pose.js";

/** The parts of a state that a picture is drawn from. */
const DRAWN_FROM = ["person", "pose", "map", "clothes"];

export function writeClothes(clothes) {
  return clothes?.labels.length > 0 ? { ...clothes, donor: writePerson(clothes.donor) } : null;
}

export class Desk {
  #listeners = [];
  #asked = null;
  #drawer;

  /** facts: what /api/studio tells; person: who stands there at first. */
  constructor(facts, person) {
    this.facts = facts;
    this.body = bodyOf(facts);
    this.store = new Store(this.stateFor(person));
    this.drawn = null; // {image, parsing, donorImage, remarks, milliseconds} of the newest picture
    this.frame = null; // a picture of a sequence, which is shown instead of the drawn one
    this.trouble = null; // {text, gone} of the newest try
    this.correcting = false; // whether the person's own joints and map are changed, instead of the new ones
    this.#drawer = new Newest((state) => this.#draw(state), (news) => this.#hear(news));
    this.store.subscribe((state) => this.#changed(state));
  }

  get busy() { return this.#drawer.busy; }

  /** A new person begins in their own pose. A model that predicts no map draws on their own. */
  stateFor(person) {
    const held = !this.facts.predictsParsing;
    const donor = this.store?.state.clothes?.donor;
    const clothes = donor ? { donor, labels: [], shape: false } : null;
    return { person, pose: person.keypoints, map: held ? person.parsing : null, holdMap: held, clothes, from: null };
  }

  subscribe(listener) { this.#listeners.push(listener); }

  refresh() { for (const listener of this.#listeners) listener(); }

  start() { this.#changed(this.store.state); }

  pose() {
    const { person, pose } = this.store.state;
    return this.correcting ? person.keypoints : pose;
  }

  setPose(pose, key = null) { this.store.change(this.#withPose(pose), key); }

  previewPose(pose) { this.store.preview(this.#withPose(pose)); }

  /** The map being painted: the person's own, one's own, or what the model predicted; null before that. */
  map() {
    const { person, map } = this.store.state;
    return this.correcting ? person.parsing : map ?? this.drawn?.parsing ?? null;
  }

  setMap(map) { this.store.change(this.#withMap(map)); }

  previewMap(map) { this.store.preview(this.#withMap(map)); }

  #withPose(pose) {
    const { person, holdMap, pose: shown } = this.store.state;
    if (this.correcting) {
      // Who still stands in their own pose goes on doing so.
      return { person: { ...person, keypoints: pose }, pose: shown === person.keypoints ? pose : shown };
    }
    return holdMap ? { pose } : { pose, map: null };
  }

  #withMap(map) {
    const { person } = this.store.state;
    return this.correcting ? { person: { ...person, parsing: map } } : { map };
  }

  #changed(state) {
    if (this.#asked === null || DRAWN_FROM.some((part) => state[part] !== this.#asked[part])) {
      this.#asked = state;
      this.#drawer.request(state);
    }
    this.refresh();
  }

  async #draw(state) {
    const message = {
      person: writePerson(state.person),
      pose: state.pose,
      parsing: state.map === null ? null : toBase64(state.map),
      clothes: writeClothes(state.clothes),
    };
    const sent = performance.now();
    const answer = await ask("/api/draw", message);
    return {
      image: fromBase64(answer.image),
      parsing: fromBase64(answer.parsing),
      donorImage: answer.donorImage === null ? null : fromBase64(answer.donorImage),
      remarks: answer.remarks,
      milliseconds: Math.round(performance.now() - sent),
    };
  }

  #hear(news) {
    if (news.result) {
      this.drawn = news.result;
      this.trouble = null;
    } else if (news.error) {
      this.trouble = { text: news.error, gone: news.gone };
    }
    this.refresh();
  }
}
