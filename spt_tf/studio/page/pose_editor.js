// The joints one drags: SVG circles that are sliders for the keyboard and for screen readers.

import { byId, spoken, svgElement } from "./dom.js";
import { clamp, isHidden, placeFor } from "./pose.js";
import { bones, colour, viewBox } from "./skeleton.js";

const REACH_PX = 26; // a pointer takes the nearest joint within this, else everybody moves
const STEP = 1;
const BIG_STEP = 5;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class PoseEditor {
  #pose = [];
  #groups = [];
  #drag = null;
  #parked;

  /**
   * told: {drag(joint, to, keepLengths), dragAll(dy, dx), drop(), step(joint, to, keepLengths), toggle(joint),
   * select(joint)}. A joint that `toggle` brings back stands at `parked(joint)`.
   */
  constructor(svg, facts, body, told) {
    this.svg = svg;
    this.facts = facts;
    this.body = body;
    this.told = told;
    this.#parked = facts.joints.map(() => null);
    svg.setAttribute("viewBox", viewBox(facts.canvas));
    this.behind = svg.appendChild(svgElement("g"));
    this.limbs = svg.appendChild(svgElement("g"));
    facts.joints.forEach((name, joint) => this.#addJoint(name, joint));
    svg.addEventListener("pointerdown", (event) => this.#press(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (event) => this.#release(event));
    svg.addEventListener("contextmenu", (event) => this.#menu(event));
    new ResizeObserver(() => this.#resize()).observe(svg);
  }

  /** ghost: another pose to show behind, or null. */
  show(pose, selected, ghost) {
    // Where a hidden joint stood says nothing about a pose that is new as a whole.
    const isAnother = pose.filter((point, joint) => point !== this.#pose[joint]).length > 1;
    if (isAnother) this.#parked.fill(null);
    this.#pose = pose;
    this.selected = selected;
    this.behind.replaceChildren(...(ghost ? bones(ghost, this.facts, "bone ghost") : []));
    this.limbs.replaceChildren(...bones(pose, this.facts, "bone"));
    this.#groups.forEach((group, joint) => {
      const hidden = isHidden(pose[joint]);
      if (!hidden) this.#parked[joint] = pose[joint];
      const [y, x] = this.parked(joint);
      group.setAttribute("transform", `translate(${x} ${y})`);
      group.classList.toggle("hidden", hidden);
      group.classList.toggle("selected", joint === selected);
      group.setAttribute("aria-valuenow", Math.round(x));
      group.setAttribute("aria-valuetext", hidden ? "hidden" : `${tell(x)} across, ${tell(y)} down`);
    });
    if (document.activeElement?.parentNode === this.svg) this.#name(this.#groups.indexOf(document.activeElement));
  }

  /** Where a joint is, or would come back. */
  parked(joint) {
    return isHidden(this.#pose[joint])
      ? this.#parked[joint] ?? placeFor(this.#pose, joint, this.body)
      : this.#pose[joint];
  }

  focus(joint) { this.#groups[joint].focus(); }

  #addJoint(name, joint) {
    const group = svgElement("g", {
      class: "joint", tabindex: 0, role: "slider", "aria-label": spoken(name), "aria-valuemin": 0,
      "aria-valuemax": this.facts.canvas[1] - 1, "aria-orientation": "horizontal", "data-joint": joint,
      onkeydown: (event) => this.#key(event, joint),
      onfocus: () => { this.told.select(joint); this.#name(joint); },
      onblur: () => this.#name(-1),
      onpointerenter: () => this.#name(joint),
      onpointerleave: () => { if (!this.#drag) this.#name(-1); },
    });
    for (const part of ["grip", "halo", "dot"]) {
      group.append(svgElement("circle", { class: part, r: 1, fill: colour(this.facts.jointColours[joint]) }));
    }
    this.#groups.push(this.svg.appendChild(group));
  }

  /** Radii are pixels of the screen, at least 24 across to grip, whatever the canvas's size. */
  #resize() {
    const unit = this.facts.canvas[1] / Math.max(this.svg.getBoundingClientRect().width, 1);
    this.svg.querySelectorAll(".grip").forEach((circle) => circle.setAttribute("r", 12 * unit));
    this.svg.querySelectorAll(".halo").forEach((circle) => circle.setAttribute("r", 10 * unit));
    this.svg.querySelectorAll(".dot").forEach((circle) => circle.setAttribute("r", 6 * unit));
  }

  #at(event) {
    const box = this.svg.getBoundingClientRect();
    const [height, width] = this.facts.canvas;
    const y = ((event.clientY - box.top) / box.height) * height - 0.5;
    const x = ((event.clientX - box.left) / box.width) * width - 0.5;
    return { point: [y, x], unit: width / box.width };
  }

  #nearest(event) {
    const { point, unit } = this.#at(event);
    const distances = this.#groups.map((_, joint) => {
      const [y, x] = this.parked(joint);
      return Math.hypot(y - point[0], x - point[1]) + (isHidden(this.#pose[joint]) ? 6 * unit : 0);
    });
    const joint = distances.indexOf(Math.min(...distances));
    return distances[joint] <= REACH_PX * unit ? joint : -1;
  }

  #press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const joint = this.#nearest(event);
    const { point } = this.#at(event);
    this.svg.setPointerCapture(event.pointerId);
    if (joint === -1) {
      this.#drag = { joint, last: point };
      return;
    }
    if (isHidden(this.#pose[joint])) this.told.toggle(joint);
    const [y, x] = this.parked(joint);
    this.#drag = { joint, grip: [y - point[0], x - point[1]] };
    this.focus(joint);
  }

  #move(event) {
    if (this.#drag === null) return;
    const { point } = this.#at(event);
    if (this.#drag.joint === -1) {
      this.told.dragAll(point[0] - this.#drag.last[0], point[1] - this.#drag.last[1]);
      this.#drag.last = point;
      return;
    }
    const to = point.map((value, axis) => Math.round((value + this.#drag.grip[axis]) * 10) / 10);
    this.told.drag(this.#drag.joint, clamp(to, this.facts.canvas), event.shiftKey);
  }

  #release() {
    if (this.#drag === null) return;
    this.#drag = null;
    this.told.drop();
  }

  #menu(event) {
    event.preventDefault();
    const joint = this.#nearest(event);
    if (joint !== -1) this.told.toggle(joint);
  }

  #key(event, joint) {
    const arrow = ARROWS[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      this.told.toggle(joint);
    } else if (arrow && !isHidden(this.#pose[joint])) {
      const step = event.shiftKey ? BIG_STEP : STEP;
      const to = this.#pose[joint].map((value, axis) => value + step * arrow[axis]);
      this.told.step(joint, clamp(to, this.facts.canvas));
    } else {
      return;
    }
    event.preventDefault();
  }

  #name(joint) {
    const tip = byId("joint-name");
    tip.hidden = joint < 0;
    if (joint < 0) return;
    const [y, x] = this.parked(joint);
    tip.textContent = spoken(this.facts.joints[joint]) + (isHidden(this.#pose[joint]) ? " (hidden)" : "");
    tip.style.left = `${(100 * (x + 0.5)) / this.facts.canvas[1]}%`;
    tip.style.top = `${(100 * (y + 0.5)) / this.facts.canvas[0]}%`;
  }
}

const tell = (value) => String(Math.round(value * 10) / 10);
