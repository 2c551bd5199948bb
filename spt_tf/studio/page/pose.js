// Poses as plain numbers: 18 joints [y, x] in pixels of the canvas, [-1, -1] where hidden.
// Nothing here touches the page. A body is {parents, children, mirrored, joints, canvas: [height, width]}.

export const HIDDEN = [-1, -1];
export const isHidden = ([y, x]) => y < 0 || x < 0;

/** The joints' tree, rooted at the neck. facts: what /api/studio tells. */
export function bodyOf(facts) {
  const parents = facts.joints.map(() => -1);
  const children = facts.joints.map(() => []);
  for (const [parent, child] of facts.limbs) {
    parents[child] = parent;
    children[parent].push(child);
  }
  return { parents, children, mirrored: facts.mirroredJoints, joints: facts.joints, canvas: facts.canvas };
}

export function clamp([y, x], canvas) {
  return [Math.min(Math.max(y, 0), canvas[0] - 1), Math.min(Math.max(x, 0), canvas[1] - 1)];
}

export const isInside = (point, canvas) => isHidden(point) || clamp(point, canvas).every((v, i) => v === point[i]);

/** Hundredths of a pixel are enough, and read well. */
export const rounded = (pose) => pose.map((point) => point.map((value) => Math.round(value * 100) / 100));

export function moveJoint(pose, joint, to, body) {
  return replaced(pose, joint, clamp(to, body.canvas));
}

export const hideJoint = (pose, joint) => replaced(pose, joint, HIDDEN);

const replaced = (pose, joint, point) => pose.map((old, index) => (index === joint ? point : old));

/** Turns a joint, with all that hangs from it, about the one it hangs from; the root carries everybody along. */
export function turnLimb(pose, joint, to, body) {
  const centre = visibleParent(pose, joint, body);
  if (centre === -1) {
    const [y, x] = pose[joint];
    return movedAll(pose, to[0] - y, to[1] - x, body);
  }
  const [cy, cx] = pose[centre];
  const wanted = Math.atan2(to[0] - cy, to[1] - cx) - Math.atan2(pose[joint][0] - cy, pose[joint][1] - cx);
  const angle = Math.atan2(Math.sin(wanted), Math.cos(wanted));
  const carried = descendants(joint, body);
  const turned = (share) => pose.map((point, index) => (
    carried.has(index) && !isHidden(point) ? rotated(point, [cy, cx], share * angle) : point
  ));
  return rounded(largestShare(turned, body.canvas));
}

/** Moves everybody's joints as far as the canvas goes. */
export function movedAll(pose, dy, dx, body) {
  const { low, high } = bounds(pose);
  const limit = (d, from, to, side) => Math.min(Math.max(d, -from), side - 1 - to);
  const y = limit(dy, low[0], high[0], body.canvas[0]);
  const x = limit(dx, low[1], high[1], body.canvas[1]);
  return pose.map((point) => (isHidden(point) ? point : [point[0] + y, point[1] + x]));
}

/** The picture's mirror image: what was left is right. */
export function mirrorPose(pose, body) {
  const flipped = flippedAcross(pose);
  return body.mirrored.map((other) => flipped[other]);
}

/** The same person from the other side: sides change places, and the face is hidden, or comes back. */
export function turnRound(pose, body) {
  const turned = flippedAcross(pose);
  const face = ["nose", "right_eye", "left_eye"].map((name) => body.joints.indexOf(name));
  if (face.some((joint) => !isHidden(turned[joint]))) {
    return turned.map((point, joint) => (face.includes(joint) ? HIDDEN : point));
  }
  const at = (name) => turned[body.joints.indexOf(name)];
  const [nose, apart] = faceOf(at);
  const places = [nose, [nose[0] - apart * 0.6, nose[1] - apart], [nose[0] - apart * 0.6, nose[1] + apart]];
  face.forEach((joint, index) => { turned[joint] = clamp(places[index], body.canvas); });
  return rounded(turned);
}

/** Scales about the middle; at the canvas's border the person moves inward, and stops growing when it is full. */
export function scalePose(pose, factor, body) {
  const { low, high } = bounds(pose);
  const room = [0, 1].map((axis) => (body.canvas[axis] - 1) / Math.max(high[axis] - low[axis], 1e-6));
  const by = Math.min(factor, ...room);
  const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
  const inside = [0, 1].map((axis) => {
    const half = (by * (high[axis] - low[axis])) / 2;
    return Math.min(Math.max(middle[axis], half), body.canvas[axis] - 1 - half);
  });
  return rounded(pose.map((point) => (isHidden(point) ? point
    : clamp([0, 1].map((axis) => inside[axis] + by * (point[axis] - middle[axis])), body.canvas))));
}

/** Where a hidden joint would come back: a mirrored neighbour's place, its parent's, or the middle. */
export function placeFor(pose, joint, body) {
  const parent = visibleParent(pose, joint, body);
  if (parent !== -1) {
    const other = pose[body.mirrored[joint]];
    const otherParent = pose[body.mirrored[parent]];
    if (body.mirrored[joint] !== joint && !isHidden(other) && !isHidden(otherParent)) {
      const [py, px] = pose[parent];
      return clamp([py + other[0] - otherParent[0], px - other[1] + otherParent[1]], body.canvas);
    }
    const length = body.canvas[0] / 10;
    const isHead = ["nose", "right_eye", "left_eye", "right_ear", "left_ear"].includes(body.joints[joint]);
    const side = body.joints[joint].startsWith("left") ? 1 : body.joints[joint].startsWith("right") ? -1 : 0;
    const up = body.joints[parent] === "neck" ? length : length / 4;
    const [dy, dx] = isHead ? [-up, (side * length) / 4] : [length, (side * length) / 2];
    return clamp([pose[parent][0] + dy, pose[parent][1] + dx], body.canvas);
  }
  return [body.canvas[0] / 2, body.canvas[1] / 2];
}

/** A figure that stands facing the camera, for a picture whose joints nobody has found. */
export function standingPose(body) {
  const heights = [.13, .22, .23, .36, .48, .23, .36, .48, .5, .7, .9, .5, .7, .9, .11, .11, .12, .12];
  const widths = [.5, .5, .36, .3, .27, .64, .7, .73, .41, .4, .39, .59, .6, .61, .46, .54, .42, .58];
  return rounded(heights.map((height, joint) => [height * body.canvas[0], widths[joint] * body.canvas[1]]));
}

function flippedAcross(pose) {
  const { low, high } = bounds(pose);
  return pose.map((point) => (isHidden(point) ? HIDDEN : [point[0], low[1] + high[1] - point[1]]));
}

function faceOf(at) {
  const seen = (...names) => names.map(at).filter((point) => !isHidden(point));
  const ears = seen("right_ear", "left_ear");
  const shoulders = seen("right_shoulder", "left_shoulder");
  const width = shoulders.length === 2 ? Math.abs(shoulders[0][1] - shoulders[1][1]) : 6;
  const apart = Math.max(1, ears.length === 2 ? Math.abs(ears[0][1] - ears[1][1]) / 4 : width / 8);
  const right = seen("right_shoulder")[0]?.[1] ?? 0;
  const left = seen("left_shoulder")[0]?.[1] ?? 1;
  const sided = right > left ? -apart : apart; // the right eye is on the right shoulder's side
  if (ears.length > 0) return [mean(ears), sided];
  const [y, x] = seen("neck")[0] ?? mean(shoulders.length ? shoulders : [[width, width]]);
  return [[y - width * 0.7, x], sided];
}

const mean = (points) => [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis], 0) / points.length);

function bounds(pose) {
  const seen = pose.filter((point) => !isHidden(point));
  const axis = (index, best) => (seen.length ? best(...seen.map((point) => point[index])) : 0);
  return { low: [axis(0, Math.min), axis(1, Math.min)], high: [axis(0, Math.max), axis(1, Math.max)] };
}

function visibleParent(pose, joint, body) {
  let parent = body.parents[joint];
  while (parent !== -1 && isHidden(pose[parent])) parent = body.parents[parent];
  return parent;
}

function descendants(joint, body) {
  const found = new Set([joint]);
  for (const member of found) for (const child of body.children[member]) found.add(child);
  return found;
}

function rotated([y, x], [cy, cx], angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cy + cos * (y - cy) + sin * (x - cx), cx - sin * (y - cy) + cos * (x - cx)];
}

/** pose(share) for the largest share up to 1 that stays on the canvas. */
function largestShare(pose, canvas) {
  const fits = (share) => pose(share).every((point) => isInside(point, canvas));
  if (fits(1)) return pose(1);
  let [low, high] = [0, 1];
  for (let step = 0; step < 12; step += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle; else high = middle;
  }
  return pose(low);
}
