// The pose's side of the tools: limb lengths, whole-figure moves, one joint by numbers, poses of others.

import { byId, element, spoken, svgElement } from "./dom.js";
import { clamp, hideJoint, isHidden, mirrorPose, moveJoint, movedAll, scalePose, turnLimb, turnRound }
  from "./pose.js";
import { PoseEditor } from "./pose_editor.js";
import { drawSkeleton } from "./skeleton.js";

const BIGGER = 1.05;

export class PoseTools {
  #selected = 4; // a wrist: what one wants to move first

  /** desk: {store, facts, body, pose(), setPose(pose, key), previewPose(pose), refresh()}. */
  constructor(desk) {
    this.desk = desk;
    const { facts, body } = desk;
    this.editor = new PoseEditor(byId("joints"), facts, body, {
      drag: (joint, to, shift) => desk.previewPose(this.#moved(joint, to, shift)),
      dragAll: (dy, dx) => desk.previewPose(movedAll(desk.pose(), dy, dx, body)),
      drop: () => desk.store.commit(),
      step: (joint, to) => desk.setPose(this.#moved(joint, to, false), `step ${joint}`),
      toggle: (joint) => this.#toggle(joint),
      select: (joint) => this.#select(joint),
    });
    byId("joint").append(...facts.joints.map((name, joint) => element("option", { value: joint }, spoken(name))));
    byId("joint").addEventListener("change", (event) => this.#select(Number(event.target.value)));
    for (const axis of ["y", "x"]) byId(`joint-${axis}`).addEventListener("change", () => this.#typed());
    byId("joint-hide").addEventListener("click", () => this.#toggle(this.#selected));
    this.#whole("pose-mirror", (pose) => mirrorPose(pose, body));
    this.#whole("pose-turn", (pose) => turnRound(pose, body));
    this.#whole("pose-larger", (pose) => scalePose(pose, BIGGER, body));
    this.#whole("pose-smaller", (pose) => scalePose(pose, 1 / BIGGER, body));
    this.#whole("pose-own", () => desk.store.state.person.keypoints);
    this.#whole("pose-all", (pose) => pose.map((point, joint) => (
      isHidden(point) ? this.editor.parked(joint) : point)));
    byId("behind").addEventListener("change", () => desk.refresh());
    byId("opacity").addEventListener("input", () => desk.refresh());
    byId("poses").append(...facts.poses.map((pose, index) => this.#preset(pose, index)));
    byId("poses-title").hidden = facts.poses.length === 0;
  }

  show(pose, ghost) {
    this.editor.show(pose, this.#selected, ghost);
    const [y, x] = pose[this.#selected];
    const hidden = isHidden(pose[this.#selected]);
    byId("joint").value = this.#selected;
    for (const [axis, value] of [["y", y], ["x", x]]) {
      const field = byId(`joint-${axis}`);
      field.disabled = hidden;
      field.max = this.desk.facts.canvas[axis === "y" ? 0 : 1] - 1;
      if (document.activeElement !== field) field.value = hidden ? "" : Math.round(value * 10) / 10;
    }
    byId("joint-hide").textContent = hidden ? "Show" : "Hide";
  }

  #moved(joint, to, shift) {
    const keep = byId("keep-lengths").checked !== shift; // Shift does the other thing
    return keep ? turnLimb(this.desk.pose(), joint, to, this.desk.body)
      : moveJoint(this.desk.pose(), joint, to, this.desk.body);
  }

  #toggle(joint) {
    const pose = this.desk.pose();
    this.#selected = joint;
    this.desk.setPose(isHidden(pose[joint]) ? moveJoint(pose, joint, this.editor.parked(joint), this.desk.body)
      : hideJoint(pose, joint));
  }

  #select(joint) {
    this.#selected = joint;
    this.desk.refresh();
  }

  #typed() {
    const to = ["y", "x"].map((axis) => Number(byId(`joint-${axis}`).value));
    if (to.every(Number.isFinite)) {
      this.desk.setPose(moveJoint(this.desk.pose(), this.#selected, clamp(to, this.desk.facts.canvas), this.desk.body));
    }
  }

  #whole(id, change) {
    byId(id).addEventListener("click", () => this.desk.setPose(change(this.desk.pose())));
  }

  #preset(pose, index) {
    const svg = svgElement("svg", { "aria-hidden": "true" });
    drawSkeleton(svg, pose, this.desk.facts);
    return element("li", {}, element("button", {
      type: "button", "aria-label": `Pose ${index + 1}`, onclick: () => this.desk.setPose(pose),
    }, svg));
  }
}
