// Skeletons as SVG: bones in their colours, for thumbnails and behind the joints one drags.

import { svgElement } from "./dom.js";
import { isHidden } from "./pose.js";

/** Pixels have their centres at whole coordinates. */
export const viewBox = ([height, width]) => `-0.5 -0.5 ${width} ${height}`;

export const colour = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

export function bones(pose, facts, className) {
  return facts.limbs.filter(([a, b]) => !isHidden(pose[a]) && !isHidden(pose[b])).map(([a, b]) => svgElement("line", {
    class: className, stroke: colour(facts.jointColours[b]),
    x1: pose[a][1], y1: pose[a][0], x2: pose[b][1], y2: pose[b][0],
  }));
}

/** Fills an SVG with a small skeleton. */
export function drawSkeleton(svg, pose, facts) {
  svg.setAttribute("viewBox", viewBox(facts.canvas));
  svg.replaceChildren(...bones(pose, facts, "bone-small"));
}
