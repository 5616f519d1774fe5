/** Metres of water that stay under a keel. */
const CLEARANCE = 0.5;

/** The berths at which a ship of that draught never touches ground on a day, the shallowest first. */
export function fitting(berths, lowest, draught) {
  return berths
    .filter((berth) => berth.depth + lowest >= draught + CLEARANCE)
    .sort((one, other) => one.depth - other.depth)
    .map((berth) => berth.name);
}
