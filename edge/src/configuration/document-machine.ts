/** The part of the configuration's document that describes the machine under a vibration sensor. */
import { choice, integer, number, table, text } from "./field.ts";

export const machineDocument = table(
  "The machine that a vibration sensor sits on.",
  {
    speed: number("Speed of the shaft, turns a minute.", { min: 120, max: 15_000 }),
    speedTag: text(
      'Tag with the present speed, turns a minute, as "P01/SPEED"; `speed` is then the rated one.',
    ),
    kW: number("Rated power; with the mounting it gives the limits of ISO 20816-3.", {
      min: 0.1,
      max: 100_000,
    }),
    mounting: choice("rigid by default; flexible where the base gives way.", ["rigid", "flexible"]),
    category: choice(
      "general by default; pump-1 and pump-2 are the categories of ISO 10816-7: critical, others.",
      ["general", "pump-1", "pump-2"],
    ),
    bearing: table(
      "The rolling bearing whose lines are looked for.",
      {
        balls: integer("How many balls or rollers.", { min: 3, max: 100 }),
        ball: number("Diameter of one.", { min: 0.1, max: 1_000 }),
        pitch: number("Diameter of the circle through their centres, same unit.", {
          min: 0.1,
          max: 10_000,
        }),
        angle: number("Contact angle, degrees; 0 by default.", { min: 0, max: 60 }),
      },
      ["balls", "ball", "pitch"],
    ),
    signal: choice("What the sensor sends: velocity by default.", ["velocity", "acceleration"]),
    scale: number("One count in mm/s (0.01 by default) or g (0.0005 by default).", {
      min: 0,
      max: 1,
    }),
  },
  ["speed", "kW"],
);
