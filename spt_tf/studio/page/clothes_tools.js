// Clothes of somebody else: chosen by clicking on them in the picture, or by name.

import { byId, element, spoken } from "./dom.js";
import { markPerson, peopleButtons } from "./people.js";
import { clear, showImage, showLabels } from "./pixels.js";

export class ClothesTools {
  #pointed = null; // the label under the pointer

  constructor(desk) {
    this.desk = desk;
    byId("donors").append(...peopleButtons(desk.facts, (donor) => {
      const { clothes } = desk.store.state;
      const wears = new Set(donor.parsing);
      const labels = (clothes?.labels ?? []).filter((name) => wears.has(desk.facts.labels.indexOf(name)));
      desk.store.change({ clothes: { donor, labels, shape: clothes?.shape ?? false } });
    }));
    byId("shape").addEventListener("change", (event) => this.#change({ shape: event.target.checked }));
    byId("give-back").addEventListener("click", () => this.#change({ labels: [] }));
    const picture = byId("clothes-editor");
    picture.addEventListener("pointermove", (event) => this.#point(event));
    picture.addEventListener("pointerleave", () => { this.#pointed = null; desk.refresh(); });
    picture.addEventListener("click", (event) => { this.#point(event); if (this.#pointed) this.#toggle(this.#pointed); });
  }

  show() {
    const { facts, drawn, store: { state: { clothes } } } = this.desk;
    const labels = clothes?.labels ?? [];
    byId("no-donor").hidden = clothes !== null;
    byId("shape").checked = clothes?.shape ?? false;
    byId("shape").disabled = clothes === null;
    byId("give-back").disabled = labels.length === 0;
    markPerson(byId("donors"), clothes?.donor.name);
    this.#listGarments(clothes);
    if (clothes === null) {
      clear(byId("donor"));
      clear(byId("donor-labels"));
      return;
    }
    const swapped = labels.length > 0 && drawn?.donorImage;
    showImage(byId("donor"), swapped ? drawn.donorImage : clothes.donor.image, facts.canvas);
    byId("donor").ariaLabel = swapped ? "The lender, in the person's clothes" : "Who lends the clothes";
    const only = new Set(this.#pointed ? [facts.labels.indexOf(this.#pointed)] : []);
    showLabels(byId("donor-labels"), clothes.donor.parsing, facts.canvas, facts.labelColours, only);
    byId("donor-labels").style.opacity = 0.6;
    byId("editor-title").textContent = swapped ? "The other way round" : "Whose clothes";
    byId("editor-hint").textContent = this.#pointed
      ? `${labels.includes(this.#pointed) ? "Give back" : "Borrow"}: ${spoken(this.#pointed)}`
      : "Click on what to borrow; what you wear of the kind goes to them.";
  }

  #change(patch) {
    const { clothes } = this.desk.store.state;
    if (clothes !== null) this.desk.store.change({ clothes: { ...clothes, ...patch } });
  }

  #toggle(name) {
    const labels = new Set(this.desk.store.state.clothes.labels);
    if (!labels.delete(name)) labels.add(name);
    this.#change({ labels: [...labels] });
  }

  #point(event) {
    const { facts, store: { state: { clothes } } } = this.desk;
    if (clothes === null) return;
    const box = byId("donor").getBoundingClientRect();
    const [height, width] = facts.canvas;
    const row = Math.floor(((event.clientY - box.top) / box.height) * height);
    const column = Math.floor(((event.clientX - box.left) / box.width) * width);
    const label = clothes.donor.parsing[row * width + column] ?? 0;
    const pointed = label === 0 ? null : facts.labels[label];
    if (pointed === this.#pointed) return;
    this.#pointed = pointed;
    this.desk.refresh();
  }

  /** One box for each label that the lender shows; made anew for another lender alone, or focus would be lost. */
  #listGarments(clothes) {
    const { facts } = this.desk;
    if (this.listed !== clothes?.donor) {
      this.listed = clothes?.donor;
      const wears = clothes === null ? [] : [...new Set(clothes.donor.parsing)].sort().filter((label) => label > 0);
      byId("garments").replaceChildren(...wears.map((label) => element("label", { class: "garment" },
        element("input", {
          type: "checkbox", value: facts.labels[label], onchange: () => this.#toggle(facts.labels[label]),
        }), spoken(facts.labels[label]))));
    }
    for (const box of byId("garments").querySelectorAll("input")) {
      box.checked = clothes?.labels.includes(box.value) ?? false;
    }
  }
}
