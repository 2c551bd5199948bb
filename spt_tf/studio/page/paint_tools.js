// The map's side of the tools: brush, fill, pick, labels and their locks.

import { byId, element, spoken, toast } from "./dom.js";
import { floodFill, sameLabels, stroke } from "./label_map.js";
import { PaintEditor } from "./paint_editor.js";
import { clear, showImage, showLabels } from "./pixels.js";
import { colour } from "./skeleton.js";

export class PaintTools {
  #label = 3; // upper clothes
  #locked = new Set();

  /** desk: {store, facts, map(), setMap(labels), previewMap(labels), mapTitle(), under(), refresh()}. */
  constructor(desk) {
    this.desk = desk;
    this.editor = new PaintEditor(byId("paint"), byId("cell"), desk.facts.canvas, {
      press: (cell) => this.#press(cell),
      move: (from, to) => { if (this.#tool() === "brush") this.#stroke(from, to); },
      release: () => desk.store.commit(),
      fill: (cell) => this.#fill(cell),
      pick: (cell) => this.#pick(cell),
      size: (by) => this.#resize(by),
      at: (cell) => this.#tellCell(cell),
    });
    byId("labels").append(...desk.facts.labels.map((name, label) => this.#labelRow(name, label)));
    byId("brush-size").addEventListener("input", () => this.#resize(0));
    byId("under-opacity").addEventListener("input", () => desk.refresh());
    byId("lock-others").addEventListener("click", () => {
      const under = this.desk.facts.labels.map((_, label) => label).filter((label) => label !== this.#label);
      this.#lock(new Set(under));
    });
    byId("unlock").addEventListener("click", () => this.#lock(new Set()));
    this.#resize(0);
    this.#choose(this.#label);
  }

  show() {
    const { facts } = this.desk;
    const labels = this.desk.map();
    const picture = this.desk.under();
    const opacity = Number(byId("under-opacity").value) / 100;
    if (labels === null) clear(byId("paint"));
    else showLabels(byId("paint"), labels, facts.canvas, facts.labelColours);
    if (picture !== null) showImage(byId("under"), picture, facts.canvas);
    byId("under").style.opacity = picture === null ? 0 : opacity;
  }

  #tool() { return document.querySelector("[name=tool]:checked").value; }

  #painter() { return { labels: this.desk.map(), canvas: this.desk.facts.canvas, locked: this.#locked }; }

  #press(cell) {
    if (this.desk.map() === null) return;
    if (this.#tool() === "fill") this.#fill(cell);
    else if (this.#tool() === "pick") this.#pick(cell);
    else this.#stroke(cell, cell);
  }

  #stroke(from, to) {
    if (this.desk.map() === null) return;
    const painted = stroke(this.#painter(), from, to, Number(byId("brush-size").value), this.#label);
    if (!sameLabels(painted, this.desk.map())) this.desk.previewMap(painted);
  }

  #fill(cell) {
    if (this.desk.map() === null) return;
    const painted = floodFill(this.#painter(), cell, this.#label);
    if (!sameLabels(painted, this.desk.map())) this.desk.setMap(painted);
  }

  #pick(cell) {
    if (this.desk.map() === null) return;
    this.#choose(this.#labelAt(cell));
    this.#tellCell(cell);
  }

  #labelAt([row, column]) { return this.desk.map()[row * this.desk.facts.canvas[1] + column]; }

  #tellCell(cell) {
    if (this.desk.map() === null) return;
    toast(`${cell[1]} across, ${cell[0]} down: ${spoken(this.desk.facts.labels[this.#labelAt(cell)])}`);
  }

  #resize(by) {
    const field = byId("brush-size");
    field.value = Number(field.value) + by;
    byId("brush-size-told").textContent = field.value;
    this.editor.showSize(Number(field.value));
  }

  #choose(label) {
    this.#label = label;
    document.querySelector(`[name=label][value="${label}"]`).checked = true;
  }

  #lock(locked) {
    this.#locked = locked;
    for (const button of document.querySelectorAll("#labels .lock")) {
      const on = locked.has(Number(button.dataset.label));
      button.setAttribute("aria-pressed", on);
      button.textContent = on ? "locked" : "lock";
    }
  }

  #labelRow(name, label) {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = colour(this.desk.facts.labelColours[label]);
    const choice = element("input", {
      type: "radio", name: "label", value: label, onchange: () => this.#choose(label),
    });
    const lock = element("button", {
      type: "button", class: "lock", "aria-pressed": "false", "data-label": label,
      "aria-label": `Lock ${spoken(name)}`,
      onclick: () => {
        const locked = new Set(this.#locked);
        if (!locked.delete(label)) locked.add(label);
        this.#lock(locked);
      },
    }, "lock");
    return element("div", { class: "label" },
      element("label", {}, choice, swatch, `${label} ${spoken(name)}`), lock);
  }
}
