// What one takes away: picture, map, pose, and all of it as a link or a file that brings it back.

import { byId, toast } from "./dom.js";
import { writeOpenPose } from "./openpose.js";
import { pngOf } from "./pixels.js";
import { ask, fromBase64, readPerson, toBase64, writePerson } from "./server.js";

const KIND = "spt-studio";

export function writeState({ person, pose, map, holdMap, clothes, from }, facts) {
  const written = (one) => ({ name: one.name, ...writePerson(one) });
  return {
    kind: KIND, version: 1, canvas: facts.canvas,
    person: written(person), pose, from, map: map === null ? null : toBase64(map), holdMap,
    clothes: clothes === null ? null : { ...clothes, donor: written(clothes.donor) },
  };
}

/** The state in a studio file, or null where the JSON is something else. Throws Error for another canvas. */
export function readStateFile(file, facts) {
  if (file?.kind !== KIND) return null;
  const [height, width] = facts.canvas;
  if (file.canvas?.[0] !== height || file.canvas?.[1] !== width) {
    throw new Error(`saved at ${file.canvas?.join("x")}, this model draws at ${height}x${width}`);
  }
  const person = readPerson(file.person);
  const map = file.map === null ? null : fromBase64(file.map);
  const clothes = file.clothes ? { ...file.clothes, donor: readPerson(file.clothes.donor) } : null;
  const pixels = height * width;
  const isWhole = (one) => one.image.length === 3 * pixels && one.parsing.length === pixels && isPose(one.keypoints);
  if (!isWhole(person) || !isPose(file.pose) || !(map === null || map.length === pixels)
    || !(clothes === null || isWhole(clothes.donor)) || !((file.from ?? null) === null || isPose(file.from))) throw new Error("the saved studio is damaged");
  return { person, pose: file.pose, map, holdMap: file.holdMap === true, clothes, from: file.from ?? null };
}

const isPose = (pose) => Array.isArray(pose) && pose.length === 18
  && pose.every((point) => point.length === 2 && point.every(Number.isFinite));

/** The state that the address bar brings, or null. What stands behind # is never sent anywhere. */
export async function readLink(facts) {
  const packed = location.hash.match(/^#state=(.+)$/)?.[1];
  if (!packed) return null;
  const bytes = fromBase64(packed.replaceAll("-", "+").replaceAll("_", "/"));
  return readStateFile(JSON.parse(await through(new DecompressionStream("deflate"), bytes).text()), facts);
}

async function writeLink(state, facts) {
  const text = new TextEncoder().encode(JSON.stringify(writeState(state, facts)));
  const packed = new Uint8Array(await through(new CompressionStream("deflate"), text).arrayBuffer());
  const code = toBase64(packed).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${location.origin}/#state=${code}`;
}

const through = (stream, bytes) => new Response(new Blob([bytes]).stream().pipeThrough(stream));

export function saveBlob(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const json = (value) => new Blob([JSON.stringify(value)], { type: "application/json" });

export class Saving {
  constructor(desk) {
    this.desk = desk;
    this.#button("save-picture", async () => saveBlob(await pngOf(byId("result")), this.#name("picture.png")));
    this.#button("save-map", async () => saveBlob(
      await ask("/api/map.png", { parsing: toBase64(desk.store.state.map ?? desk.drawn.parsing) }, "blob"),
      this.#name("map.png")));
    this.#button("save-pose", () => saveBlob(
      json(writeOpenPose(desk.store.state.pose, desk.facts.canvas)), this.#name("pose.json")));
    this.#button("save-file", () => saveBlob(
      json(writeState(desk.store.state, desk.facts)), this.#name("studio.json")));
    this.#button("save-link", async () => {
      const link = await writeLink(desk.store.state, desk.facts);
      history.replaceState(null, "", link);
      try {
        await navigator.clipboard.writeText(link);
        toast("The link is copied. It holds everything, the person's picture too.");
      } catch {
        toast("The link is in the address bar. It holds everything, the person's picture too.");
      }
    });
  }

  show() {
    for (const id of ["save-picture", "save-map"]) byId(id).disabled = this.desk.drawn === null;
  }

  #name(what) {
    return `${this.desk.store.state.person.name.replace(/\.\w+$/, "").replace(/[^\w-]+/g, "_")}-${what}`;
  }

  #button(id, save) {
    byId(id).addEventListener("click", async () => {
      byId("save-menu").hidePopover();
      try { await save(); } catch (error) { toast(error.message); }
    });
  }
}
