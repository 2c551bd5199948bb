// The map one paints on: pointer and keyboard on a canvas whose pixels are labels.

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class PaintEditor {
  #last = null;
  #cursor;
  #byKeys = false;

  /** told: {press(cell), move(from, to), release(), fill(cell), pick(cell), size(by), at(cell)}; cells [row, column]. */
  constructor(canvas, cell, [height, width], told) {
    this.canvas = canvas;
    this.cell = cell;
    this.size = [height, width];
    this.told = told;
    this.#cursor = [Math.floor(height / 2), Math.floor(width / 2)];
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.#release());
    canvas.addEventListener("pointerleave", () => { if (!this.#byKeys) cell.hidden = true; });
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) this.#place(this.#cursor, true); });
    canvas.addEventListener("blur", () => { cell.hidden = true; });
  }

  /** How large the square under the pointer is drawn, in pixels of the map. */
  showSize(size) {
    this.cell.style.width = `${(100 * size) / this.size[1]}%`;
    this.cell.style.height = `${(100 * size) / this.size[0]}%`;
    this.brush = size;
    this.#place(this.#cursor, this.#byKeys, this.cell.hidden);
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * this.size[0]);
    const column = Math.floor(((event.clientX - box.left) / box.width) * this.size[1]);
    return this.#inside([row, column]);
  }

  #inside(cell) { return cell.map((value, axis) => Math.min(Math.max(value, 0), this.size[axis] - 1)); }

  #press(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#last = this.#at(event);
    this.told.press(this.#last);
  }

  #move(event) {
    this.#place(this.#at(event), false);
    if (this.#last === null) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length > 0 ? events : [event]) {
      const to = this.#at(one);
      this.told.move(this.#last, to);
      this.#last = to;
    }
  }

  #release() {
    if (this.#last === null) return;
    this.#last = null;
    this.told.release();
  }

  #wheel(event) {
    if (!event.altKey && !event.ctrlKey) return;
    event.preventDefault();
    this.told.size(event.deltaY < 0 ? 1 : -1);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? 5 : 1;
      this.#place(this.#inside(this.#cursor.map((value, axis) => value + step * arrow[axis])), true);
      this.told.at(this.#cursor);
    } else if (event.key === " " || event.key === "Enter") {
      this.told.press(this.#cursor);
      this.told.release();
    } else if (event.key === "f" || event.key === "F") {
      this.told.fill(this.#cursor);
    } else if (event.key === "p" || event.key === "P") {
      this.told.pick(this.#cursor);
    } else if (event.key === "[" || event.key === "]") {
      this.told.size(event.key === "]" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  }

  #place(cell, byKeys, hidden = false) {
    this.#cursor = cell;
    this.#byKeys = byKeys;
    const reach = Math.floor((this.brush ?? 1) / 2);
    this.cell.style.top = `${(100 * (cell[0] - reach)) / this.size[0]}%`;
    this.cell.style.left = `${(100 * (cell[1] - reach)) / this.size[1]}%`;
    this.cell.hidden = hidden;
  }
}
