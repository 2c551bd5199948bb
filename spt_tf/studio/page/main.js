// The studio's page: brings desk, tools and server together.

import { ClothesTools } from "./clothes_tools.js";
import { Desk } from "./desk.js";
import { byId, toast } from "./dom.js";
import { addEditButtons } from "./edit_buttons.js";
import { MotionTools } from "./motion_tools.js";
import { PaintTools } from "./paint_tools.js";
import { People, fetchPerson } from "./people.js";
import { clear, showImage } from "./pixels.js";
import { standingPose, bodyOf } from "./pose.js";
import { PoseTools } from "./pose_tools.js";
import { Saving, readLink } from "./saving.js";
import { ask } from "./server.js";
import { Tabs } from "./tabs.js";

const TITLES = { pose: "Drag the joints", paint: "Paint the map", clothes: "Whose clothes", motion: "The last pose" };
const HINTS = {
  pose: "Right click or Delete hides a joint. Drag beside the joints to move the whole figure.",
  paint: "Keys: arrows and space paint, F fills, P picks, [ and ] size the brush.",
  clothes: "Click what to borrow.",
  motion: "The dashed figure is the first pose, the joints are the last one.",
};

async function start() {
  const facts = await ask("/api/studio");
  document.documentElement.style.setProperty("--ratio", facts.canvas[1] / facts.canvas[0]);
  byId("model").textContent = `${facts.title} · ${facts.canvas.join("×")}`;
  const desk = new Desk(facts, facts.people.length > 0 ? await fetchPerson(facts.first) : nobody(facts));
  const tabs = new Tabs(byId("tabs"), () => desk.refresh());
  const correct = (on) => {
    desk.correcting = on;
    byId("correct").setAttribute("aria-pressed", on);
    byId("correct").textContent = on ? "Done" : "Correct";
    desk.refresh();
  };
  const people = new People(desk, correct);
  const pose = new PoseTools(desk);
  desk.under = () => underMap(desk);
  const paint = new PaintTools(desk);
  const clothes = new ClothesTools(desk);
  const motion = new MotionTools(desk);
  const saving = new Saving(desk);
  addEditButtons(desk);
  wireMap(desk);
  wireHistory(desk);
  desk.subscribe(() => {
    const name = tabs.name;
    people.show();
    saving.show();
    motion.show(name === "motion");
    showEditors(desk, name);
    showResult(desk);
    if (name === "paint") paint.show();
    else if (name === "clothes") clothes.show();
    else pose.show(desk.pose(), name === "motion" ? motion.from() : null);
  });
  desk.start();
  await fromLink(desk);
  addEventListener("hashchange", () => fromLink(desk));
}

/** Before anybody is chosen: an empty canvas, and a figure that stands in it. */
function nobody(facts) {
  const [height, width] = facts.canvas;
  return {
    name: "nobody yet", image: new Uint8Array(3 * height * width).fill(200), parsing: new Uint8Array(height * width),
    keypoints: standingPose(bodyOf(facts)),
  };
}

function showEditors(desk, name) {
  byId("pose-editor").hidden = name !== "pose" && name !== "motion";
  byId("paint-editor").hidden = name !== "paint";
  byId("clothes-editor").hidden = name !== "clothes";
  const own = desk.correcting;
  byId("editor-title").textContent = own && name === "pose" ? "The person's own joints"
    : own && name === "paint" ? "The person's own map" : TITLES[name];
  byId("editor-hint").textContent = own ? "Press Done at the left when they fit the picture."
    : name === "motion" && desk.store.state.map !== null ? "A painted map belongs to its pose; frames are drawn on predicted ones."
    : HINTS[name];
  const behind = own ? "person" : byId("behind").value;
  const picture = behind === "result" ? desk.drawn?.image : behind === "person" ? desk.store.state.person.image : null;
  if (picture) showImage(byId("backdrop"), picture, desk.facts.canvas); else clear(byId("backdrop"));
  byId("backdrop").style.opacity = own ? 1 : byId("opacity").value / 100;
}

function underMap(desk) {
  return desk.correcting ? desk.store.state.person.image : desk.drawn?.image ?? null;
}

let shown; // the picture on the canvas: a drag tells of itself more often than a new one comes

function showResult(desk) {
  const picture = desk.frame ?? desk.drawn?.image;
  if (picture && picture !== shown) showImage(byId("result"), picture, desk.facts.canvas);
  shown = picture;
  byId("result").classList.toggle("stale", desk.frame === null && desk.busy || desk.trouble !== null);
  byId("result").ariaBusy = String(desk.busy);
  const status = byId("status");
  const text = desk.frame !== null ? desk.frameTold : desk.trouble !== null ? desk.trouble.text + (desk.trouble.gone ? " Trying again…" : "")
    : desk.drawn !== null ? [`Drawn in ${desk.drawn.milliseconds} ms.`, ...desk.drawn.remarks].join(" ") : "Drawing…";
  status.classList.toggle("trouble", desk.trouble !== null);
  if (status.textContent !== text && !(desk.busy && desk.trouble === null && desk.drawn !== null)) {
    status.textContent = text;
  }
}

function wireMap(desk) {
  const { store } = desk;
  byId("map-reset").addEventListener("click", () => store.change({ map: null }));
  byId("hold-map").addEventListener("change", (event) => {
    store.change({ holdMap: event.target.checked, map: event.target.checked ? desk.map() : store.state.map });
  });
  desk.subscribe(() => {
    const predicts = desk.facts.predictsParsing;
    byId("map-reset").disabled = store.state.map === null || !predicts;
    byId("hold-map").checked = store.state.holdMap;
    byId("hold-map").disabled = !predicts;
  });
}

function wireHistory(desk) {
  const { store } = desk;
  const steps = { undo: () => store.undo(), redo: () => store.redo() };
  for (const [name, step] of Object.entries(steps)) byId(name).addEventListener("click", step);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const step = key === "y" || (key === "z" && event.shiftKey) ? steps.redo : key === "z" ? steps.undo : null;
    if (step === null || event.target.matches?.("input[type=number]")) return;
    event.preventDefault();
    step();
  });
  desk.subscribe(() => {
    byId("undo").disabled = !store.canUndo;
    byId("redo").disabled = !store.canRedo;
  });
}

async function fromLink(desk) {
  try {
    const state = await readLink(desk.facts);
    if (state !== null) desk.store.change(state);
  } catch (error) {
    toast(`The link cannot be read: ${error.message}`);
  }
}

start().catch((error) => {
  byId("status").textContent = error.message;
  toast(error.message);
});
