// Edits of the map at a click: sleeves, bottom, hair, and where top and bottom end. The joints place them.

import { byId, element, toast } from "./dom.js";
import { ask, fromBase64, toBase64 } from "./server.js";

/** Hems as the library counts: a bottom from 0 at the hips over 1 at the knees to 2 at the ankles. */
const HEMS = [
  { edit: "hem", title: "bottom ends", low: 0.3, high: 2.2, value: 2 },
  { edit: "top_hem", title: "top ends", low: 0.5, high: 1.8, value: 1 },
];

export function addEditButtons(desk) {
  const apply = async (edits) => {
    const parsing = desk.map();
    if (parsing === null) return;
    try {
      const answer = await ask("/api/edit", { parsing: toBase64(parsing), pose: desk.pose(), edits });
      desk.setMap(fromBase64(answer.parsing));
    } catch (error) {
      toast(error.message);
    }
  };
  for (const [edit, kinds] of Object.entries(desk.facts.edits)) {
    const buttons = kinds.map((kind) => element("button", {
      type: "button", "aria-label": `${edit}: ${kind}`, onclick: () => apply({ [edit]: kind }),
    }, kind));
    byId("edits").append(element("div", { class: "choice" }, element("span", {}, edit),
      element("div", { class: "group", role: "group", "aria-label": edit }, ...buttons)));
  }
  for (const { edit, title, low, high, value } of HEMS) {
    byId("edits").append(element("label", { class: "choice" }, title, element("input", {
      type: "range", min: low, max: high, step: 0.1, value, onchange: (event) => apply({ [edit]: Number(event.target.value) }),
    })));
  }
}
