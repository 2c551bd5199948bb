// Who stands there: the people of the data set, and files that somebody drops.

import { byId, element, toast } from "./dom.js";
import { standingPose } from "./pose.js";
import { showImage, showLabels } from "./pixels.js";
import { ask, fromBase64, readPerson, send } from "./server.js";
import { drawSkeleton } from "./skeleton.js";
import { readStateFile } from "./saving.js";

export const fetchPerson = async (number) => readPerson(await ask(`/api/people/${number}`));

/** A button with a picture for each person of the data set; `chosen` gets the person. */
export function peopleButtons(facts, chosen) {
  return facts.people.map((name, number) => element("li", {}, element("button", {
    type: "button", title: name, "aria-label": `Person ${number + 1}`, "aria-pressed": "false",
    onclick: async () => {
      try { chosen(await fetchPerson(number)); } catch (error) { toast(error.message); }
    },
  }, element("img", { src: `/people/${number}.png`, alt: "", loading: "lazy" }))));
}

/** Marks whose button it is. */
export function markPerson(list, name) {
  for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", button.title === name);
}

export class People {
  #size = null; // [height, width] of the picture that was dropped last: what its pose file counts in

  /** desk: the Desk; correct(on): changes the person's own joints and map, or the new ones again. */
  constructor(desk, correct) {
    this.desk = desk;
    this.correct = correct;
    byId("people").append(...peopleButtons(desk.facts, (person) => {
      this.correct(false);
      desk.store.change(desk.stateFor(person));
    }));
    byId("people-title").hidden = desk.facts.people.length === 0;
    byId("open").addEventListener("click", () => byId("files").click());
    byId("files").addEventListener("change", () => { this.take([...byId("files").files]); byId("files").value = ""; });
    byId("correct").addEventListener("click", () => correct(!desk.correcting));
    this.#listenForDrops();
  }

  show() {
    const { facts, store: { state: { person } } } = this.desk;
    if (this.shown === person) return;
    this.shown = person;
    showImage(byId("person-picture"), person.image, facts.canvas);
    showLabels(byId("person-map"), person.parsing, facts.canvas, facts.labelColours);
    drawSkeleton(byId("person-skeleton"), person.keypoints, facts);
    byId("person-name").textContent = person.name;
    markPerson(byId("people"), person.name);
  }

  /** Files in any order: pictures first, then what belongs to them. */
  async take(files) {
    const order = (file) => (file.name.endsWith(".json") ? 1 : 0);
    for (const file of [...files].sort((a, b) => order(a) - order(b))) {
      try {
        if (order(file) === 1) await this.#takeJson(file.name, JSON.parse(await file.text()));
        else await this.#takePicture(file);
      } catch (error) {
        toast(`${file.name}: ${error instanceof SyntaxError ? "expected JSON" : error.message}`);
      }
    }
  }

  async #takePicture(file) {
    const found = await send("/api/dropped", file);
    if (found.labels !== null) {
      this.#takeMap(fromBase64(found.labels));
      return;
    }
    this.#size = found.size;
    const [height, width] = this.desk.facts.canvas;
    const person = {
      name: file.name,
      image: fromBase64(found.image),
      parsing: found.parsing ? fromBase64(found.parsing) : new Uint8Array(height * width),
      keypoints: found.keypoints ?? standingPose(this.desk.body),
    };
    this.desk.store.change(this.desk.stateFor(person));
    this.correct(!found.parsing || !found.keypoints);
    toast(found.parsing && found.keypoints
      ? "Joints and map were found in the picture. Correct them where they are wrong."
      : "Now its joints and its map: drop their files, or set them here and press Done.");
  }

  #takeMap(labels) {
    this.desk.setMap(labels);
    toast(this.desk.correcting ? "This is the person's map now." : "The person is drawn on this map now.");
  }

  async #takeJson(name, document) {
    const state = readStateFile(document, this.desk.facts);
    if (state !== null) {
      this.correct(false);
      this.desk.store.change(state);
      return;
    }
    const size = this.desk.correcting ? this.#size : null;
    const { pose } = await ask("/api/pose", { name, document, size });
    this.desk.setPose(pose);
    toast(this.desk.correcting ? "These are the person's joints now." : "The pose is taken over.");
  }

  #listenForDrops() {
    const sign = byId("drop-here");
    const isFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      sign.hidden = false;
    });
    addEventListener("dragleave", (event) => { if (event.relatedTarget === null) sign.hidden = true; });
    addEventListener("drop", (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      sign.hidden = true;
      this.take([...event.dataTransfer.files]);
    });
  }
}
