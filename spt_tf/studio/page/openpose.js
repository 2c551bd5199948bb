// OpenPose's JSON: {"people": [{"pose_keypoints_2d": [x, y, confidence, ...]}]}, of 18 joints or BODY_25.

import { HIDDEN, clamp, isHidden } from "./pose.js";

// Where OpenPose's BODY_25 keeps the 18 joints: without the middle of the hips (8) and the feet.
const BODY_25 = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];

export function writeOpenPose(pose, canvas) {
  const numbers = pose.flatMap((point) => (isHidden(point) ? [0, 0, 0] : [point[1], point[0], 1]));
  return {
    version: 1.3,
    canvas_height: canvas[0],
    canvas_width: canvas[1],
    people: [{ pose_keypoints_2d: numbers }],
  };
}

/**
 * The first person's pose on the canvas. Coordinates are in pixels of the file's own canvas where it names one,
 * else of the picture that `fit` tells of ({scale, offset, size}), else of the canvas itself.
 * Throws Error with what was expected.
 */
export function readOpenPose(file, canvas, fit = null) {
  const first = Array.isArray(file) ? file[0] : file;
  const people = first?.people;
  if (!Array.isArray(people)) throw new Error("Expected OpenPose JSON with a list of people.");
  if (people.length === 0) throw new Error("The file holds no person.");
  const numbers = people[0].pose_keypoints_2d ?? people[0].pose_keypoints;
  const joints = Array.isArray(numbers) ? numbers.length / 3 : 0;
  if ((joints !== 18 && joints !== 25) || !numbers.every((value) => Number.isFinite(value))) {
    throw new Error("Expected pose_keypoints_2d with 18 or 25 joints of x, y and confidence.");
  }
  const order = joints === 25 ? BODY_25 : [...Array(18).keys()];
  const onto = mapping(first, canvas, fit);
  const pose = order.map((joint) => {
    const [x, y, confidence] = numbers.slice(3 * joint, 3 * joint + 3);
    if (confidence <= 0 || (x === 0 && y === 0)) return HIDDEN;
    const point = onto([y, x]);
    const slack = Math.max(...canvas) / 20; // a joint just beyond the border is put on it, others are hidden
    const near = clamp(point, canvas);
    const outside = Math.max(Math.abs(near[0] - point[0]), Math.abs(near[1] - point[1])) > slack;
    return outside ? HIDDEN : near.map((value) => Math.round(value * 100) / 100);
  });
  if (pose.every(isHidden)) throw new Error("No joint of the file lies on the picture.");
  return pose;
}

function mapping(file, canvas, fit) {
  const size = [file.canvas_height, file.canvas_width];
  if (size.every((side) => side > 0)) {
    const scale = Math.min(canvas[0] / size[0], canvas[1] / size[1]);
    const offset = [0, 1].map((axis) => (canvas[axis] - scale * size[axis]) / 2);
    return (point) => point.map((value, axis) => offset[axis] + scale * value);
  }
  if (fit !== null) return (point) => point.map((value, axis) => fit.offset[axis] + fit.scale * value);
  return (point) => point;
}
